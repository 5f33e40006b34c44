"""What is symbolic in a script: tensors of a model's graph, and what is computed from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from k2compat.migrate.edits import Edit
from k2compat.migrate.module import Module
from k2compat.migrate.spelling import is_read, k_name
from k2compat.migrate.traced import MAKERS, Traced
from k2compat.tables.spellings import SETTINGS

# Attributes by which something is known to be a model, not a layer.
_OF_MODELS = "layers get_layer predict summary compile fit fit_generator load_weights inputs outputs add"
OF_MODELS = frozenset(_OF_MODELS.split())
GRADIENTS = ("tensorflow.gradients", "tensorflow.compat.v1.gradients")
FUNCTIONAL = ("keras.Model", "keras.models.Model", "keras.engine.training.Model", "keras.engine.Model")


class NotUnderstood(Exception):
    """Why something cannot be rewritten, as the end of a sentence."""


class Symbols:
    """The symbolic tensors of a module.

    Args:
        module: a parsed module.
        traced: its functions that run on tensors with a value.
    """

    def __init__(self, module: Module, traced: Traced):
        self._module = module
        self.traced = traced
        attributes = module.nodes(cst.Attribute)
        self._models = {module.text(node.value) for node in attributes if node.attr.value in OF_MODELS}

    def values(self, node: cst.Name) -> list[cst.BaseExpression]:
        """What a name is bound to by plain assignments."""
        values = [self._module.resolver.value_of(binding) for binding in self.traced.reaching(node)]
        return [value for value in values if value is not None]

    def value(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """What a name that is bound once is bound to; anything else as it is."""
        while isinstance(node, cst.Name):
            values = self.values(node)
            if len(self.traced.reaching(node)) != 1 or not values or values[0] is node:
                break
            node = values[0]
        return node

    # Kinds of expressions

    def is_leaf(self, node: cst.CSTNode, deep: int = 8) -> bool:
        """Whether an expression is a tensor of a model: ``layer.output``, ``model.input``, or a name of it."""
        if isinstance(node, cst.Attribute):
            return node.attr.value in ("output", "input") and self._module.refers_to(node) is None
        if isinstance(node, cst.Subscript):
            return isinstance(node.value, cst.Attribute) and node.value.attr.value in ("outputs", "inputs")
        if isinstance(node, cst.Call):
            if isinstance(node.func, cst.Call):
                return (self._module.refers_to(node.func.func) or "").startswith("keras.layers.")
            is_node = isinstance(node.func, cst.Attribute) and node.func.attr.value in ("get_output_at", "get_input_at")
            return is_node or self._module.refers_to(node.func) in ("keras.Input", "keras.layers.Input")
        if isinstance(node, cst.Name) and deep:
            values = self.values(node)
            whole = len(values) == len(self.traced.reaching(node))
            return bool(values) and whole and all(self.is_leaf(value, deep - 1) for value in values)
        return False

    def is_list_of_leaves(self, node: cst.BaseExpression) -> bool:
        """Whether an expression is a list of tensors of a model, of a length that need not be known."""
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

    def is_symbolic(self, node: cst.CSTNode, deep: int = 8) -> bool:
        """Whether an expression has a symbolic tensor in it."""
        pending = [node]
        while pending:
            part = pending.pop()
            if isinstance(part, cst.Attribute | cst.Subscript | cst.Call) and self.is_leaf(part):
                return True
            if isinstance(part, cst.Call):
                name = k_name(self._module, part.func)
                if self.is_gradient(part) or (name is not None and name not in SETTINGS):
                    return True
                if self._is_made_by_keras(part):
                    continue
            is_tensor = isinstance(part, cst.Name) and is_read(self._module, part) and part.value not in self._models
            if deep and is_tensor and any(self.is_symbolic(value, deep - 1) for value in self.values(part)):  # type: ignore[arg-type]
                return True
            pending += self._module.parts(part)
        return False

    def _is_made_by_keras(self, call: cst.Call) -> bool:
        """Whether a call gives a model or layer, which is nothing symbolic itself."""
        called = self._module.refers_to(call.func) or ""
        return called.startswith("keras.") and not called.startswith(("keras.ops.", "keras.backend."))

    def is_gradient(self, node: cst.CSTNode) -> bool:
        """Whether a node is a call of ``K.gradients`` or ``tf.gradients``."""
        if not isinstance(node, cst.Call):
            return False
        return k_name(self._module, node.func) == "gradients" or self._module.refers_to(node.func) in GRADIENTS

    def gradients(self, node: cst.CSTNode) -> list[cst.Call]:
        """The calls of ``K.gradients`` in a node."""
        return [part for part in self._module.inside(node) if isinstance(part, cst.Call) and self.is_gradient(part)]

    def names(self, node: cst.CSTNode) -> Iterator[cst.Name]:
        """The names that a node reads."""
        for part in self._module.inside(node):
            if isinstance(part, cst.Name) and is_read(self._module, part):
                yield part

    def check_calls(self, node: cst.CSTNode) -> None:
        """Makes sure that what is called with symbolic tensors takes tensors with a value as well.

        Raises:
            NotUnderstood: something else is called.
        """
        for part in self._module.inside(node):
            if isinstance(part, cst.ListComp | cst.GeneratorExp | cst.DictComp | cst.Lambda | cst.NamedExpr):
                raise NotUnderstood(f"`{self._module.text(part)}` is too involved")
            if not isinstance(part, cst.Call) or self.is_gradient(part) or self.is_leaf(part):
                continue
            if any(self.is_symbolic(argument.value) for argument in part.args) and not self._takes_values(part.func):
                raise NotUnderstood(f"`{self._module.text(part.func)}` may need symbolic tensors")

    def _takes_values(self, function: cst.BaseExpression) -> bool:
        name, called = k_name(self._module, function), self._module.refers_to(function) or ""
        if name is not None:
            return name not in MAKERS
        if called.startswith(("tensorflow.", "keras.ops.")):
            return True
        bodies = [binding.node for binding in self.traced.bindings(function)]
        return bool(bodies) and all(
            isinstance(body, cst.FunctionDef) and not self._reaches_out(body) for body in bodies
        )

    def _reaches_out(self, function: cst.FunctionDef) -> bool:
        """Whether a function has more to do with the graph than its arguments."""
        parts = list(self._module.inside(function))
        names = {k_name(self._module, part.func) for part in parts if isinstance(part, cst.Call)}
        return bool(names & MAKERS) or any(self.is_leaf(part) for part in parts)

    # How tensors of a model are written without the shim

    def written(self, leaf: cst.BaseExpression) -> str:
        """A tensor of a model; a Sequential of Keras 3 has ``inputs`` and ``outputs`` only."""
        module = self._module
        if not isinstance(leaf, cst.Attribute):
            return module.text(leaf)
        base = leaf.value
        if leaf.attr.value == "input" and isinstance(base, cst.Subscript) and module.text(base).endswith(".layers[0]"):
            return module.text(base).removesuffix(".layers[0]") + ".inputs[0]"
        is_model = isinstance(base, cst.Name | cst.Attribute) and module.text(base) in self._models
        if is_model and not self._is_functional(base):
            return f"{module.text(base)}.{leaf.attr.value}s[0]"
        return module.text(leaf)

    def _is_functional(self, base: cst.BaseExpression) -> bool:
        value = self.value(base)
        called = (self._module.refers_to(value.func) or "") if isinstance(value, cst.Call) else ""
        return called in FUNCTIONAL or called.startswith("keras.applications.")

    def aliases(self, nodes: Iterable[cst.CSTNode]) -> Iterator[Edit]:
        """The edits that bind names of model tensors, read in these nodes, to what is written without the shim."""
        names = {name.value: name for node in nodes for name in self.names(node)}
        for name in names.values():
            value = self.value(name)
            if value is not name and self.is_leaf(value) and self.written(value) != self._module.text(value):
                yield self._module.replace(value, self.written(value))

    def around_target(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """What binds a name that is a target: the assignment, the loop, the part of a comprehension."""
        return self._module.parent(node)
