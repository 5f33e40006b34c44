"""What is symbolic in a script: tensors of a model's graph, and what is computed from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

import libcst as cst
from libcst.metadata import Scope

from k2compat.migrate.analysis.eager_functions import MAKERS, VALUES, EagerFunctions
from k2compat.migrate.analysis.k_calls import is_read, k_name
from k2compat.migrate.analysis.keras_objects import created_by
from k2compat.migrate.analysis.model_makers import is_functional
from k2compat.migrate.syntax.edits import Edit
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import constant
from k2compat.migrate.syntax.statements import names_in_use

# Attributes by which something is known to be a model, not a layer.
_OF_MODELS = "layers get_layer predict summary compile fit fit_generator load_weights inputs outputs add"
OF_MODELS = frozenset(_OF_MODELS.split())
GRADIENTS = ("tensorflow.gradients", "tensorflow.compat.v1.gradients")
PLACEHOLDERS = ("tensorflow.placeholder", "tensorflow.compat.v1.placeholder")
# What makes a model or a layer, which is called with tensors, whether they have a value or not.
MODEL_MAKERS = re.compile(
    r"keras\.(?:layers\.(?!Input$)[A-Z]|(?:models\.)?(?:Model|Sequential|load_model|model_from_\w+|clone_model)$|applications\.)"
)
# K functions that give nothing symbolic.
CONSTANTS = frozenset(["variable", "constant", "zeros", "ones"])
# Attributes of a tensor that have a value.
VALUES_OF_TENSORS = frozenset(["shape", "dtype", "name"])
MOST_NAMES = 8  # that lead from one to the next
NOT_SYMBOLIC = VALUES | {"eval", "batch_get_value", "get_session", "function", "learning_phase"}
# Functions and methods of Python that tensors with a value can be given to.
PYTHON = frozenset("isinstance len zip enumerate range sum list tuple dict reversed sorted print".split())  # noqa: SIM905
LIST_METHODS = frozenset(["append", "extend", "items", "keys", "values", "get"])


class NotUnderstood(Exception):
    """Why something cannot be rewritten, as the end of a sentence."""


class Symbols:
    """The symbolic tensors of a module.

    Args:
        module: a parsed module.
        eager: its functions that run on tensors with a value.
    """

    def __init__(self, module: Module, eager: EagerFunctions):
        self._module = module
        self.eager = eager
        attributes = module.nodes(cst.Attribute)
        self._models = {module.text(node.value) for node in attributes if node.attr.value in OF_MODELS}
        self._names_in: dict[Scope | None, set[str]] = {}

    @cached_property
    def names_in_use(self) -> set[str]:
        """Return the names that the module binds or reads somewhere."""
        return names_in_use(self._module)

    def names_in(self, scope: Scope | None) -> set[str]:
        """Return the names that are read or bound in a scope."""
        if scope not in self._names_in:
            self._names_in[scope] = {
                text for text, nodes in self._module.names.items() if any(self._is_in(node, scope) for node in nodes)
            }
        return self._names_in[scope]

    def _is_in(self, node: cst.Name, scope: Scope | None) -> bool:
        bindings = self.eager.bindings(node)
        return self._module.scope(node) is scope or bool(bindings and bindings[0].scope is scope)

    def values(self, node: cst.Name) -> list[cst.BaseExpression]:
        """Return what a name is bound to by plain assignments."""
        values = [self._value_of(binding.node) for binding in self.eager.reaching(node)]
        return [value for value in values if value is not None]

    def all_values(self, node: cst.Name) -> list[cst.BaseExpression]:
        """Return what a name is bound to, and what is added to it."""
        added = [self._module.parent(binding.node) for binding in self.eager.reaching(node)]
        return self.values(node) + [part.value for part in added if isinstance(part, cst.AugAssign)]

    def _value_of(self, target: cst.CSTNode) -> cst.BaseExpression | None:
        """Return the value a target is given: that of ``b`` in ``a, b = x, y`` is ``y``."""
        above = self._module.parent(target)
        if isinstance(above, cst.AnnAssign):
            return above.value if above.target is target else None
        if isinstance(above, cst.AssignTarget):
            statement = self._module.parent(above)
            return statement.value if isinstance(statement, cst.Assign) else None
        row = self._module.parent(above) if isinstance(above, cst.Element) else None
        value = self._value_of(row) if isinstance(row, cst.Tuple | cst.List) else None
        if isinstance(value, cst.Tuple | cst.List) and len(value.elements) == len(row.elements):  # type: ignore[union-attr]
            return value.elements[list(row.elements).index(above)].value  # type: ignore[union-attr]
        return None

    def value(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """Return what a name that is bound once is bound to; anything else as it is."""
        for _ in range(MOST_NAMES):
            values = self.assigned(node)
            if values is None or len(values) != 1 or values[0] is node:
                break
            node = values[0]
        return node

    def assigned(self, node: cst.CSTNode) -> list[cst.BaseExpression] | None:
        """Return all values that a name or ``self.name`` is given; None where one is not known."""
        if isinstance(node, cst.Name):
            values = self.values(node)
            return values if values and len(values) == len(self.eager.reaching(node)) else None
        if isinstance(node, cst.Attribute) and self._module.text(node.value) == "self":
            return created_by(self._module, node) or None
        return None

    # Kinds of expressions

    def is_leaf(self, node: cst.CSTNode, deep: int = MOST_NAMES) -> bool:
        """Return whether an expression is a tensor of a model: ``layer.output``, ``model.input``, or a name of it."""
        if isinstance(node, cst.Attribute) and node.attr.value in ("output", "input"):
            return self._module.refers_to(node) is None
        if isinstance(node, cst.Subscript):
            kind = node.value.attr.value if isinstance(node.value, cst.Attribute) else ""
            is_item = kind in ("outputs", "inputs") or (kind == "input" and self._is_number(node))
            return is_item or self._is_dict_of_leaves(node.value)
        if isinstance(node, cst.Call):
            called = self._module.refers_to(node.func) or ""
            if called in ("keras.Input", "keras.layers.Input"):
                return True
            if self.is_model(node.func) or re.match(r"keras\.layers\.[a-z]", called):
                return bool(node.args) and not any(self.is_fed(argument.value) for argument in node.args)
            return isinstance(node.func, cst.Attribute) and node.func.attr.value in ("get_output_at", "get_input_at")
        values = (self.assigned(node) or self.given(node)) if deep else None
        return values is not None and all(self.is_leaf(value, deep - 1) for value in values)

    def given(self, node: cst.CSTNode) -> list[cst.BaseExpression] | None:
        """Return what a name that is a parameter is given in all calls; None where that is not known."""
        bindings = self.eager.bindings(node)
        if len(bindings) != 1 or not isinstance(bindings[0].node, cst.Param):
            return None
        return self.eager.given(bindings[0].node)

    def _is_number(self, node: cst.Subscript) -> bool:
        return len(node.slice) == 1 and self._module.text(node.slice[0]).isdigit()

    def _is_dict_of_leaves(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression is ``{layer.name: layer.output for layer in ...}``, or ``dict([...])`` of it."""
        node = self.value(node)
        if isinstance(node, cst.DictComp):
            return self.is_leaf(node.value)
        if not isinstance(node, cst.Call) or self._module.refers_to(node.func) != "dict" or len(node.args) != 1:
            return False
        rows = node.args[0].value
        pair = rows.elt if isinstance(rows, cst.ListComp | cst.GeneratorExp) else None
        return isinstance(pair, cst.Tuple) and len(pair.elements) == 2 and self.is_leaf(pair.elements[1].value)

    def is_model(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression is a model or layer that Keras has made."""
        values = [node] if isinstance(node, cst.Call) else self.assigned(node) or []
        return bool(values) and all(self._makes_model(value) for value in values)

    def _makes_model(self, node: cst.BaseExpression) -> bool:
        if not isinstance(node, cst.Call):
            return self.is_layer(node)
        if isinstance(node.func, cst.Attribute) and node.func.attr.value == "get_layer":
            return True
        return MODEL_MAKERS.match(self._module.refers_to(node.func) or "") is not None

    def is_layer(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression is a layer: a function may be fed a layer's tensor by the layer."""
        node = self.value(node)
        if isinstance(node, cst.Subscript):
            return isinstance(node.value, cst.Attribute) and node.value.attr.value == "layers"
        if not isinstance(node, cst.Call):
            return False
        if isinstance(node.func, cst.Attribute) and node.func.attr.value == "get_layer":
            return True
        called = self._module.refers_to(node.func) or ""
        return called.startswith("keras.layers.") and called != "keras.layers.Input"

    def is_placeholder(self, node: cst.CSTNode) -> bool:
        """Return whether an expression is a placeholder, or a name that is always bound to one."""
        if isinstance(node, cst.Call):
            name = k_name(self._module, node.func)
            return name == "placeholder" or self._module.refers_to(node.func) in PLACEHOLDERS
        values = self.assigned(node)
        return values is not None and all(value is not node and self.is_placeholder(value) for value in values)

    def is_fed(self, node: cst.CSTNode, deep: int = MOST_NAMES) -> bool:
        """Return whether an expression has a placeholder in it, or what is computed from one."""
        for part in self._module.inside(node):
            if isinstance(part, cst.Call) and self.is_placeholder(part):
                return True
            is_name = isinstance(part, cst.Name | cst.Attribute) and deep and is_read(self._module, part)
            if is_name and any(self.is_fed(value, deep - 1) for value in self.assigned(part) or ()):
                return True
        return False

    def is_list_of_leaves(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression is a list of tensors of a model, of a length that need not be known."""
        node = self.value(node)
        if isinstance(node, cst.ListComp):
            over = node.for_in.iter
            of_leaves = isinstance(node.elt, cst.Name) and self.is_list_of_leaves(over)
            return self.is_leaf(node.elt) or (of_leaves and isinstance(over, cst.Name))
        if isinstance(node, cst.Attribute):
            return node.attr.value in ("outputs", "inputs")
        if isinstance(node, cst.Subscript):
            return isinstance(node.slice[0].slice, cst.Slice) and self.is_list_of_leaves(node.value)
        return isinstance(node, cst.List) and all(self.is_leaf(element.value) for element in node.elements)

    def is_symbolic(self, node: cst.CSTNode, deep: int = MOST_NAMES) -> bool:
        """Return whether an expression has a symbolic tensor in it."""
        pending = [node]
        while pending:
            part = pending.pop()
            if isinstance(part, cst.Attribute | cst.Subscript | cst.Call) and self.is_leaf(part):
                return True
            if isinstance(part, cst.Call):
                name = k_name(self._module, part.func)
                if self.is_gradient(part) or self.is_placeholder(part):
                    return True
                if name is not None and name not in NOT_SYMBOLIC:
                    return True
                if self._is_made_by_keras(part) or name in NOT_SYMBOLIC:
                    continue
            is_tensor = isinstance(part, cst.Name) and is_read(self._module, part) and part.value not in self._models
            if deep and is_tensor and any(self.is_symbolic(value, deep - 1) for value in self.all_values(part)):  # type: ignore[arg-type]
                return True
            if isinstance(part, cst.Attribute) and part.attr.value in VALUES_OF_TENSORS:
                continue
            pending += self._module.parts(part)
        return False

    def _is_made_by_keras(self, call: cst.Call) -> bool:
        """Return whether a call gives a model or layer, which is nothing symbolic itself."""
        called = self._module.refers_to(call.func) or ""
        return MODEL_MAKERS.match(called) is not None

    def is_constant(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression makes a variable or a constant of the backend of a value."""
        if not isinstance(node, cst.Call) or k_name(self._module, node.func) not in CONSTANTS:
            return False
        return not any(self.is_symbolic(argument.value) for argument in node.args)

    def is_gradient(self, node: cst.CSTNode) -> bool:
        """Return whether a node is a call of ``K.gradients`` or ``tf.gradients``."""
        if not isinstance(node, cst.Call):
            return False
        if isinstance(node.func, cst.Attribute) and node.func.attr.value == "get_gradients":
            return len(node.args) == 2
        return k_name(self._module, node.func) == "gradients" or self._module.refers_to(node.func) in GRADIENTS

    def gradients(self, node: cst.CSTNode) -> list[cst.Call]:
        """Return the calls of ``K.gradients`` in a node."""
        return [part for part in self._module.inside(node) if isinstance(part, cst.Call) and self.is_gradient(part)]

    def names(self, node: cst.CSTNode) -> Iterator[cst.Name]:
        """Yield the names that a node reads."""
        for part in self._module.inside(node):
            if isinstance(part, cst.Name) and is_read(self._module, part):
                yield part

    def check_calls(self, node: cst.CSTNode) -> None:
        """Make sure that what is called with symbolic tensors takes tensors with a value as well.

        Raises:
            NotUnderstood: something else is called.
        """
        for part in self._module.inside(node):
            if isinstance(part, cst.DictComp | cst.Lambda | cst.NamedExpr | cst.Await | cst.Yield):
                raise NotUnderstood(f"`{self._module.text(part)}` is too involved")
            if not isinstance(part, cst.Call) or self.is_gradient(part) or self.is_leaf(part):
                continue
            if any(self.is_symbolic(argument.value) for argument in part.args) and not self._takes_values(part.func):
                raise NotUnderstood(f"`{self._module.text(part.func)}` may need symbolic tensors")

    def _takes_values(self, function: cst.BaseExpression) -> bool:
        name, called = k_name(self._module, function), self._module.refers_to(function) or ""
        if name is not None:
            return name not in MAKERS or name == "shape"
        if called.startswith(("tensorflow.", "keras.ops.", "keras.losses.", "keras.metrics.", "keras.activations.")):
            return True
        if called in PYTHON or self.is_model(function):
            return True
        if isinstance(function, cst.Attribute) and function.attr.value in LIST_METHODS:
            return True
        bodies = [binding.node for binding in self.eager.bindings(function)]
        if isinstance(function, cst.Attribute) and self._module.text(function.value) in ("self", "cls"):
            defined = self._module.nodes(cst.FunctionDef)
            bodies = [node for node in defined if node.name.value == function.attr.value]
        return bool(bodies) and all(
            isinstance(body, cst.FunctionDef) and not self._reaches_out(body) for body in bodies
        )

    def _reaches_out(self, function: cst.FunctionDef) -> bool:
        """Return whether a function has more to do with the graph than its arguments."""
        parts = list(self._module.inside(function))
        names = {k_name(self._module, part.func) for part in parts if isinstance(part, cst.Call)}
        return bool(names & MAKERS) or any(self.is_leaf(part) for part in parts)

    # How tensors of a model are written without the shim

    def written(self, leaf: cst.BaseExpression) -> str:
        """Return a tensor of a model; a Sequential of Keras 3 has ``inputs`` and ``outputs`` only."""
        module = self._module
        if self.is_layer(leaf):
            return f"{module.text(leaf)}.output"
        if (
            isinstance(leaf, cst.Subscript)
            and isinstance(leaf.value, cst.Attribute)
            and leaf.value.attr.value == "input"
        ):
            return f"{module.text(leaf.value)}s{module.source[module.span(leaf.value)[1] : module.span(leaf)[1]]}"
        if not isinstance(leaf, cst.Attribute) or leaf.attr.value not in ("input", "output"):
            return module.text(leaf)
        base = leaf.value
        if leaf.attr.value == "input" and self._is_input_layer(base):
            return f"{module.text(base)}.output"  # the layer has no input of its own in Keras 3
        if leaf.attr.value == "input" and isinstance(base, cst.Subscript) and module.text(base).endswith(".layers[0]"):
            return module.text(base).removesuffix(".layers[0]") + ".inputs[0]"
        is_model = isinstance(base, cst.Name | cst.Attribute) and module.text(base) in self._models
        if is_model and not is_functional(module, base):
            return f"{module.text(base)}.{leaf.attr.value}s[0]"
        return module.text(leaf)

    def _is_input_layer(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression gets the layer that an ``Input`` of the module has made, by its name."""
        made = self.value(node)
        if not isinstance(made, cst.Call) or not isinstance(made.func, cst.Attribute) or len(made.args) != 1:
            return False
        name = constant(made.args[0].value) if made.func.attr.value == "get_layer" else None
        calls = self._module.calls("keras.Input", "keras.layers.Input")
        named = [given for call in calls if (given := self._module.argument(call, "name")) is not None]
        return name is not None and any(constant(given.value) == name for given in named)

    def aliases(self, nodes: Iterable[cst.CSTNode]) -> Iterator[Edit]:
        """Yield the edits that bind the names of model tensors in these nodes to what is written without the shim."""
        names = {name.value: name for node in nodes for name in self.names(node)}
        for name in names.values():
            value = self.value(name)
            if value is not name and self.is_leaf(value) and self.written(value) != self._module.text(value):
                yield self._module.replace(value, self.written(value))

    def around_target(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return what binds a name that is a target: the assignment, the loop, the part of a comprehension."""
        return self._module.parent(node)
