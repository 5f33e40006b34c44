"""K functions of tensors that Keras has made: those of ``keras.ops`` take them, symbolic or not."""

from __future__ import annotations

from functools import lru_cache

import libcst as cst

from k2compat.migrate.analysis.eager_functions import PLAIN_BUILTINS, PLAIN_PACKAGES, eager_functions
from k2compat.migrate.analysis.k_calls import is_read, k_name, k_uses
from k2compat.migrate.analysis.k_equivalents import WRITTEN
from k2compat.migrate.analysis.symbolic import MOST_NAMES, VALUES_OF_TENSORS, Symbols
from k2compat.migrate.syntax.module import Module
from k2compat.tables.spellings import SETTINGS, TWINS

# What is written out for symbolic tensors as for others.
SYMBOLIC = ("dot", "hard_sigmoid", "int_shape", "ndim", "repeat", "sqrt")
# With one of these there are expressions of the shim in a module, for which its functions are needed.
OF_THE_SHIM = frozenset(["function", "gradients", "placeholder", "get_session"])


@lru_cache(maxsize=2)
def keras_tensors(module: Module) -> KerasTensors:
    """Return what is known of the tensors of a module. Kept for the calls that ask next."""
    return KerasTensors(module)


class KerasTensors:
    """Answers which expressions are made of tensors of Keras and of plain values alone.

    Args:
        module: a parsed module.
    """

    def __init__(self, module: Module):
        self._module = module
        self._symbols = Symbols(module, eager_functions(module))
        self._has_expressions = bool({name for _, name in k_uses(module)} & OF_THE_SHIM)

    def takes(self, call: cst.Call, name: str) -> bool:
        """Return whether a K function is called with tensors of Keras, and has an equivalent that takes them."""
        if self._has_expressions or not self._has_equivalent(name):
            return False
        arguments = [argument.value for argument in call.args]
        return bool(arguments) and self._is_known(arguments[0]) and all(self._is_plain(value) for value in arguments)

    def is_native(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression is a symbolic tensor of Keras that is computed without the shim."""
        seen = [node]
        names = {name.value for name in self._symbols.names(node)}
        for name in self._symbols.names(node):
            seen += self._symbols.all_values(name)
        calls = [part for value in seen for part in self._module.inside(value) if isinstance(part, cst.Call)]
        of_shim = any(k_name(self._module, call.func) not in (None, *SETTINGS) for call in calls)
        return bool(names) and not of_shim and self._is_known(node) and self._is_plain(node)

    def _has_equivalent(self, name: str) -> bool:
        return (name in WRITTEN and name in SYMBOLIC) or TWINS.get(name, "").startswith("keras.ops.")

    def _is_known(self, node: cst.CSTNode, deep: int = MOST_NAMES) -> bool:
        """Return whether an expression has a tensor of a model in it."""
        for part in self._module.inside(node):
            if isinstance(part, cst.BaseExpression) and self._symbols.is_leaf(part):
                return True
            if isinstance(part, cst.Name) and deep and is_read(self._module, part):
                values = self._symbols.all_values(part) or self._symbols.given(part) or []
                if any(self._is_known(value, deep - 1) for value in values):
                    return True
        return False

    def _is_plain(self, node: cst.CSTNode, deep: int = MOST_NAMES) -> bool:
        """Return whether all of an expression is known: tensors of models, numbers, what is computed from them."""
        pending = [node]
        while pending:
            part = pending.pop()
            if isinstance(part, cst.BaseExpression) and self._symbols.is_leaf(part):
                continue
            if isinstance(part, cst.Attribute) and part.attr.value in VALUES_OF_TENSORS:
                continue
            if isinstance(part, cst.Call) and not self._is_plain_call(part):
                return False
            if isinstance(part, cst.Name) and is_read(self._module, part) and not self._is_plain_name(part, deep):
                return False
            parts = list(self._module.parts(part))
            pending += parts[1:] if isinstance(part, cst.Call) else parts
        return True

    def _is_plain_name(self, name: cst.Name, deep: int) -> bool:
        if name.value in ("None", "True", "False", "self") or self._module.refers_to(name) is not None:
            return True
        values = self._symbols.all_values(name) or self._symbols.given(name)
        return bool(deep and values) and all(self._is_plain(value, deep - 1) for value in values or ())

    def _is_plain_call(self, call: cst.Call) -> bool:
        name, called = k_name(self._module, call.func), self._module.refers_to(call.func) or ""
        if name is not None:
            return name in SETTINGS or self._has_equivalent(name)
        if called.startswith(("keras.", "tensorflow.")) or called in PLAIN_BUILTINS:
            return True
        method = isinstance(call.func, cst.Attribute)
        return PLAIN_PACKAGES.match(called) is not None or method or self._symbols.is_model(call.func)
