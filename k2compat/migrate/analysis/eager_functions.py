"""Which functions of a module are given tensors with a value (while they are traced, too), and what reaches them.

K functions become those of ``keras.ops`` only there: elsewhere they may be recording an expression.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

import libcst as cst
from libcst.metadata import Assignment, ImportAssignment, Scope

from k2compat.migrate.analysis.k_calls import is_read, k_name, k_uses
from k2compat.migrate.syntax.module import Module
from k2compat.tables.spellings import SETTINGS

Function = cst.FunctionDef | cst.Lambda
_METHODS_OF_KERAS = "call __call__ compute_loss train_step test_step predict_step step compute_mask _merge_function"
METHODS = frozenset(_METHODS_OF_KERAS.split())
# K functions whose presence means that expressions are built somewhere in the module.
_GRAPH = "function gradients placeholder variable eval get_session update update_add update_sub"
GRAPH = frozenset(_GRAPH.split())
# K functions that make something of the shim's, even of tensors with a value.
_MAKERS = "zeros ones eye random_normal_variable random_uniform_variable learning_phase batch_get_value batch_set_value"
MAKERS = GRAPH | frozenset(_MAKERS.split())
# K functions that never give a symbolic tensor.
VALUES = frozenset(["int_shape", "ndim", "dtype", "count_params", "get_value", *SETTINGS])
PLAIN_PACKAGES = re.compile(r"(?:numpy|math|os|json|random|itertools|functools|string)\.")
_BUILTINS = "float int bool str len range list tuple dict set zip enumerate sum max min abs round sorted"
PLAIN_BUILTINS = frozenset(_BUILTINS.split())
# Methods of models and arrays that give arrays.
_METHODS = "predict predict_on_batch evaluate numpy get_weights astype tolist item"
PLAIN_METHODS = frozenset(_METHODS.split())


@lru_cache(maxsize=2)
def eager_functions(module: Module) -> EagerFunctions:
    """Return the functions of a module that run on tensors with a value. Kept for the rules that ask next."""
    return EagerFunctions(module)


class EagerFunctions:
    """The functions of a module that run on tensors with a value.

    Args:
        module: a parsed module.
    """

    def __init__(self, module: Module):
        self._module = module
        names = {name for _, name in k_uses(module)}
        self._bindings: dict[tuple[Scope, str], list[Assignment]] = {}
        self._reaching: dict[cst.CSTNode, list[Assignment]] = {}
        self._k_calls: dict[tuple[int, bool, bool], str | None] = {}
        self._sure: set[object] = set()  # bindings of what is known not to be symbolic
        self._reads: dict[str, dict[Scope | None, list[cst.Name]]] = {}  # name -> scope that binds it -> reads
        functions: list[Function] = [*module.nodes(cst.FunctionDef), *module.nodes(cst.Lambda)]
        self._around_functions = {above for function in functions for above in module.above(function)}
        self._members: dict[str, list[cst.CSTNode]] = {}
        for attribute in module.nodes(cst.Attribute):
            self._members.setdefault(attribute.attr.value, []).append(attribute)
        # Who takes sizes may build expressions of them, and keras.ops.reshape refuses sizes that are symbolic.
        sizes = any(module.calls("tensorflow.shape", "keras.ops.shape"))
        self._is_library = not names & (GRAPH | {"shape"}) and not sizes
        self._attributes = {
            target.attr.value
            for assign in module.nodes(cst.Assign)
            for target in (part.target for part in assign.targets)
            if isinstance(target, cst.Attribute) and self._k_call(assign.value, strict=True)
        }
        found = {node for node in self._candidates() if not self._called_with_expressions(node)}
        while more := {node for node in self._defs() if node not in found and self._is_helper(node, found)}:
            found |= more
        self._functions: set[cst.CSTNode] = set(found)
        self._is_around: dict[int, bool] = {}  # id of a node -> whether it, or a node around it, is such a function

    def around(self, node: cst.CSTNode) -> bool:
        """Return whether a node is in such a function."""
        below: list[cst.CSTNode] = [node]
        for above in self._module.above(node):
            known = self._is_around.get(id(above))
            if known is not None or above in self._functions:
                known = known is not False
                break
            below.append(above)
        else:
            known = False
        # A long sum nests as deep; each node of it is looked at once.
        self._is_around.update((id(found), known) for found in below[1:])
        return known

    # Which functions

    def _defs(self) -> list[cst.FunctionDef]:
        return self._module.nodes(cst.FunctionDef)

    def _candidates(self) -> Iterator[cst.CSTNode]:
        for function in self._defs():
            owner = self._class_of(function)
            of_keras = owner is not None and function.name.value in METHODS and self._is_keras(owner)
            exported = owner is None and self._is_exported(function)
            if of_keras or exported or _is_loss(function) or self._runs_eagerly(function):
                yield function
        yield from (node for given in self._given() for node in self._functions_in(given))

    def _class_of(self, function: cst.FunctionDef) -> cst.ClassDef | None:
        block = self._module.parent(function)
        above = self._module.parent(block) if block is not None else None
        return above if isinstance(above, cst.ClassDef) else None

    def _is_keras(self, owner: cst.ClassDef, deep: int = 8) -> bool:
        for base in owner.bases:
            if (self._module.refers_to(base.value) or "").startswith("keras."):
                return True
            local = [binding.node for binding in self.bindings(base.value)]
            if deep and any(isinstance(node, cst.ClassDef) and self._is_keras(node, deep - 1) for node in local):
                return True
        return False

    def _runs_eagerly(self, function: cst.FunctionDef) -> bool:
        own = self._module.text(function)
        return "GradientTape(" in own or ".numpy()" in own

    def _is_exported(self, function: cst.FunctionDef) -> bool:
        """Return whether a function is there for other modules, in a module where no expression is built."""
        at_top = self._module.parent(function) is self._module.tree
        return self._is_library and at_top and function not in self._around_functions and not self.uses(function)

    def _given(self) -> Iterator[cst.BaseExpression]:
        """Yield what is given to Keras as a function of tensors."""
        for call in self._module.nodes(cst.Call):
            called = self._module.refers_to(call.func) or ""
            is_compile = isinstance(call.func, cst.Attribute) and call.func.attr.value == "compile"
            for number, argument in enumerate(call.args):
                name = argument.keyword.value if argument.keyword else ""
                if called in ("keras.layers.Lambda", "keras.layers.Activation", "keras.layers.core.Lambda"):
                    yield from [argument.value] if number == 0 or name in ("function", "activation") else []
                elif name == "activation" or is_compile and (number == 1 or name in ("loss", "metrics")):
                    yield argument.value

    def _functions_in(self, given: cst.BaseExpression, deep: int = 4) -> Iterator[cst.CSTNode]:
        if isinstance(given, cst.List | cst.Tuple | cst.Dict):
            for element in given.elements:
                value = getattr(element, "value", None)
                yield from self._functions_in(value, deep) if value is not None else ()
        elif isinstance(given, cst.Lambda):
            yield given
        elif isinstance(given, cst.Name):
            for binding in self.bindings(given):
                value = self._module.resolver.value_of(binding)
                yield from [binding.node] if isinstance(binding.node, cst.FunctionDef) else []
                yield from self._functions_in(value, deep - 1) if value is not None and deep else ()
        elif isinstance(given, cst.Call) and self._module.refers_to(given.func) == "functools.partial" and given.args:
            yield from self._functions_in(given.args[0].value, deep)
        elif isinstance(given, cst.Attribute) and _is_self(given.value):
            methods = (node for node in self._defs() if node.name.value == given.attr.value)
            yield from (method for method in methods if self._class_of(method) is not None)

    def bindings(self, node: cst.CSTNode) -> list[Assignment]:
        """Return what binds a name, in the innermost scope that does; in the order of the text."""
        scope = self._module.scope(node) if isinstance(node, cst.Name) else None
        if scope is None or not isinstance(node, cst.Name):
            return []
        key = scope, node.value
        if key not in self._bindings:
            found = [binding for binding in scope[node.value] if isinstance(binding, Assignment)]
            scopes = {binding.scope for binding in found}
            while scope not in scopes and scope.parent is not scope:
                scope = scope.parent
            own = (binding for binding in found if binding.scope is scope)
            self._bindings[key] = sorted(own, key=self._place)
        return self._bindings[key]

    def _place(self, binding: Assignment) -> int:
        return self._module.span(binding.node)[0]

    def reads(self, target: cst.Name) -> list[cst.Name]:
        """Return where what a name is bound to is read, in the order of the text."""
        scope = self._bound_in(target)
        return self._reads_of(target.value).get(scope, []) if scope is not None else []

    def _bound_in(self, node: cst.Name) -> Scope | None:
        return next((binding.scope for binding in self.bindings(node)), None)

    def _reads_of(self, name: str) -> dict[Scope | None, list[cst.Name]]:
        if name not in self._reads:
            found = self._reads[name] = {}
            for node in self._module.named(name):
                if is_read(self._module, node):
                    found.setdefault(self._bound_in(node), []).append(node)
        return self._reads[name]

    def reaching(self, node: cst.CSTNode) -> list[Assignment]:
        """Return what may have bound a name where it is read: not what is bound again on every way there."""
        if node not in self._reaching:
            self._reaching[node] = self._reached(node)
        return self._reaching[node]

    def _reached(self, node: cst.CSTNode) -> list[Assignment]:
        module, found = self._module, self.bindings(node)
        if found and found[0].scope is not module.scope(node):
            return found[::-1]
        at = module.span(node)[0]
        statement = module.statement(node)
        above = {statement, *module.above(statement)}  # no loop and no block is in a part of a statement
        loops = [part for part in above if isinstance(part, cst.For | cst.While)]
        later = found[bisect_left(found, at, key=self._place) :]
        earlier = found[: len(found) - len(later)]
        if not loops:  # nothing of what is below reaches up, but for imports, to be safe
            later = [binding for binding in later if type(binding) is ImportAssignment]
        reached: list[Assignment] = []
        for binding in reversed([*earlier, *later]):
            start = self._place(binding)
            if isinstance(binding, ImportAssignment):
                reached.append(binding)
            elif start < at and module.statement(binding.node) is not statement:
                reached.append(binding)
                block = module.parent(module.statement(binding.node))
                if block in above and not isinstance(module.parent(binding.node), cst.AugAssign):
                    break
            else:
                again = start > at and any(part in loops for part in module.above(binding.node))
                in_head = start < at and isinstance(statement, cst.BaseCompoundStatement)
                reached += [binding] if again or in_head else []
        return reached or found

    def uses(self, function: cst.FunctionDef) -> Sequence[cst.CSTNode]:
        """Return where a function is named; for a method, where an attribute of that name is read."""
        if self._class_of(function) is not None:
            return self._members.get(function.name.value, [])
        for reads in self._reads_of(function.name.value).values():  # of each scope, all have the same bindings
            if any(binding.node is function for binding in self.bindings(reads[0])):
                return reads
        return []

    def given(self, parameter: cst.CSTNode) -> list[cst.BaseExpression] | None:
        """Return what a parameter is given in all calls of its function or class; None where that is not known."""
        module = self._module
        function = next((part for part in module.above(parameter) if isinstance(part, cst.FunctionDef)), None)
        if function is None or not isinstance(parameter, cst.Param):
            return None
        names = [param.name.value for param in function.params.params]
        owner = self._class_of(function)
        if parameter.name.value not in names or (owner is not None and function.name.value != "__init__"):
            return None
        uses: Sequence[cst.CSTNode] = self.uses(function)
        if owner is not None:
            named = module.named(owner.name.value)
            uses = [node for node in named if node is not owner.name and module.scope(node) is not None]
        place = names.index(parameter.name.value) - (owner is not None)
        if place < 0:  # self
            return None
        calls = [(module.parent(use), use) for use in uses]
        direct = [call for call, use in calls if isinstance(call, cst.Call) and call.func is use]
        given = [module.argument(call, parameter.name.value, place) for call in direct]
        values = [argument.value for argument in given if argument is not None]
        return values if values and len(values) == len(calls) else None

    def _called_with_expressions(self, function: cst.CSTNode) -> bool:
        """Return whether a function is also called outside of all others, with what a K function made."""
        if not isinstance(function, cst.FunctionDef):
            return False
        calls = [self._module.parent(use) for use in self.uses(function)]
        return any(
            self._k_call(argument.value, deep=True, strict=True)
            for call in calls
            if isinstance(call, cst.Call)
            for argument in call.args
        )

    def _is_helper(self, function: cst.FunctionDef, found: set[cst.CSTNode]) -> bool:
        """Return whether a function is called, and only from such functions."""
        uses = self.uses(function)
        calls = [use for use in uses if getattr(self._module.parent(use), "func", None) is use]
        return bool(uses) and len(calls) == len(uses) and all(found & set(self._module.above(use)) for use in uses)

    # What reaches them

    def doubt(self, call: cst.Call) -> str | None:
        """Return why what a K call is given may be symbolic although its function runs on tensors with a value."""
        seen: set[object] = set()
        doubt = next((doubt for argument in call.args if (doubt := self._doubt(argument.value, seen))), None)
        if doubt is None:
            self._sure |= seen
        return doubt

    def _doubt(self, expression: cst.CSTNode, seen: set[object], outside: bool = False) -> str | None:
        staying = self._k_call(expression, strict=outside)
        if staying:
            return f"`{staying}` stays on the shim, and what it gives goes in here"
        for node in self._module.inside(expression, self._is_plain):
            if isinstance(node, cst.Attribute) and node.attr.value in self._attributes and _is_self(node.value):
                return f"`{self._module.text(node)}` is made by a K function"
            if outside and isinstance(node, cst.Call):
                return f"`{self._module.text(node)}` may be symbolic"
            if isinstance(node, cst.Name) and is_read(self._module, node):
                for binding in self.bindings(node):
                    if (doubt := self._doubt_of(node, binding, seen)) is not None:
                        return doubt
        return None

    def _doubt_of(self, node: cst.Name, binding: Assignment, seen: set[object]) -> str | None:
        bound = binding.node
        if binding in seen or binding in self._sure:
            return None
        if isinstance(binding, ImportAssignment) or isinstance(bound, Function | cst.ClassDef):
            return None
        seen.add(binding)
        inside_one = self.around(bound)
        above = [bound, *self._module.above(bound)]
        parameter = next((part for part in above if isinstance(part, cst.Param)), None)
        if parameter is not None:
            default = parameter.default
            given = self.given(parameter)
            if given is not None and not any(self._doubt(value, seen, outside=True) for value in given):
                return None
            if inside_one or (default is not None and not self._doubt(default, seen, outside=True)):
                return None
            return f"`{node.value}` is given from outside, and may be symbolic"
        for part in above:
            source = getattr(part, "iter", None) if isinstance(part, cst.For | cst.CompFor) else None
            if isinstance(part, cst.Assign | cst.AugAssign | cst.AnnAssign | cst.NamedExpr):
                source = part.value
            if source is not None:
                return self._doubt(source, seen, outside=not inside_one)
            if isinstance(part, cst.BaseStatement):
                break
        return None if inside_one else f"what `{node.value}` is, is not known"

    def _is_plain(self, call: cst.CSTNode) -> bool:
        """Return whether a node is a call that surely gives nothing symbolic, whatever it is given."""
        if not isinstance(call, cst.Call):
            return False
        called = self._module.refers_to(call.func) or ""
        method = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
        return (
            method in PLAIN_METHODS
            or called in PLAIN_BUILTINS
            or (called.startswith(("keras.Model", "keras.models.", "keras.layers.")) and not called.endswith(".Input"))
            or PLAIN_PACKAGES.match(called) is not None
            or k_name(self._module, call.func) in SETTINGS
            or called.startswith(("keras.config.", "keras.backend."))
            or called in ("tensorflow.constant", "tensorflow.convert_to_tensor")
        )

    def _k_call(self, expression: cst.CSTNode, deep: bool = False, strict: bool = False) -> str | None:
        """Return a K call in an expression that gives something of the shim's.

        Args:
            expression: where it is looked for.
            deep: behind the names in it, too.
            strict: whether any K call may, as where tensors are symbolic.
        """
        key = id(expression), deep, strict
        if key not in self._k_calls:
            self._k_calls[key] = self._found_k_call(expression, deep, strict)
        return self._k_calls[key]

    def _found_k_call(self, expression: cst.CSTNode, deep: bool, strict: bool) -> str | None:
        for node in self._module.inside(expression):
            name = k_name(self._module, node.func) if isinstance(node, cst.Call) else None
            if name is not None and (name not in VALUES if strict else name in MAKERS):
                return self._module.text(node.func)  # type: ignore[attr-defined]
            if deep and isinstance(node, cst.Name) and is_read(self._module, node):
                values = [self._module.resolver.value_of(binding) for binding in self.bindings(node)]
                if any(value is not None and self._k_call(value, strict=strict) for value in values):
                    return node.value
        return None


def _is_loss(function: cst.FunctionDef) -> bool:
    """Return whether the parameters are those of a loss or metric: ``(y_true, y_pred)``, with or without ``self``."""
    names = [parameter.name.value.lower() for parameter in function.params.params if parameter.name.value != "self"]
    return len(names) >= 2 and "true" in names[0] and "pred" in names[1]


def _is_self(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value == "self"
