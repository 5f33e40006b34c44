"""What the written code calls things: parameters, layers, weights, constants, results."""

from __future__ import annotations

import ast
import builtins
import keyword
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.codegen.formatting import text_of
from k2compat.codegen.lowering import BY_HAND, Steps, key
from k2compat.codegen.model_refs import Owner, numbered
from k2compat.codegen.parameters import Numbers
from k2compat.codegen.syntax import (
    LONGEST_LITERAL,
    array_node,
    called,
    dtype_node,
    identifier,
    number,
    parse,
    public_name,
)
from k2compat.errors import SourceError, three_parts
from k2compat.graph.symbols import Phase, is_symbol, is_variable, variable_of
from k2compat.line_folding import folded

RESERVED = {*keyword.kwlist, *dir(builtins), "tf", "keras", "tape", "training", "averages", "before"}


class Block:
    """Lines at one depth of indentation."""

    def __init__(self, lines: list[str], indent: int):
        self.lines = lines
        self.indent = indent

    def add(self, text: str, set_off: bool = False) -> None:
        """Add a statement, behind an empty line if it is to be set off."""
        if set_off and not (self.lines and not self.lines[-1]):
            self.lines.append("")
        self.lines.extend(folded(text, self.indent))

    def inside(self) -> Block:
        return Block(self.lines, self.indent + 1)


class Vocabulary:
    """The names that are given, and the syntax for what has one.

    Attributes:
        setup: the lines that are run once, before the function is made.
        arguments: name of a parameter of the factory -> what it stands for.
        documented: name of a parameter of the factory -> what to pass.
        nodes: identity of a symbolic tensor -> the syntax for it.
        uses: identity of a symbolic tensor -> how often it is used.
        titles: identity of a symbolic tensor that is still an expression -> what it would be called.
    """

    def __init__(self, steps: Steps, owners: Sequence[Owner], given: dict[str, Any], numbers: Numbers):
        self.steps = steps
        self.numbers = numbers
        self.owners = list(owners)
        self.given = {key(thing): name for name, thing in given.items()}
        self.nodes: dict[int, Any] = {}
        self.setup = Block([], 1)
        self.arguments: dict[str, Any] = {owner.name: owner.model for owner in owners}
        self.documented = {owner.name: described_model(owner.model) for owner in owners}
        self.taken = set(RESERVED) | set(self.arguments) | set(given) | set(numbers.values)
        self.uses: Counter[int] = Counter()
        self.titles: dict[int, str] = {}
        self._hoisted: dict[Any, ast.expr] = {}
        self._set_up: set[str] = set()  # names that the factory binds

    def share(self, other: Vocabulary) -> None:
        """Take over what another function of the same factory has set up."""
        self.setup, self.arguments, self.documented = other.setup, other.arguments, other.documented
        self._hoisted, self._set_up = other._hoisted, other._set_up
        self.taken |= set(self.arguments) | self._set_up

    def fresh(self, wanted: str) -> str:
        """Return a name that is not taken yet."""
        name = next(name for name in numbered(wanted) if name not in self.taken)
        self.taken.add(name)
        return name

    def hoisted(self, identity: Any, name: str, text: str) -> ast.expr:
        """Return a name for what an expression of the parameters gives, worked out once."""
        if identity not in self._hoisted:
            name = self.fresh(name)
            self.setup.add(f"{name} = {text}")
            self._set_up.add(name)
            self._hoisted[identity] = parse(name)
        return self._hoisted[identity]

    def parameter(self, identity: Any, name: str, value: Any, meaning: str) -> ast.expr:
        """Return a parameter of the factory."""
        if identity not in self._hoisted:
            name = self.given.get(identity) or self.fresh(name)
            self.arguments[name], self.documented[name] = value, meaning
            self._hoisted[identity] = parse(name)
        return self._hoisted[identity]

    # Leaves

    def leaf(self, leaf: Any, beside: frozenset[tf.DType] = frozenset()) -> ast.expr:
        """Return the syntax of an argument."""
        leaf = self.steps.resolve(leaf)
        if id(leaf) in self.nodes:
            return self.nodes[id(leaf)]
        if is_variable(leaf):
            return self.variable(leaf)
        if isinstance(leaf, Phase):
            return parse("training") if self.steps.phase is None else ast.Constant(bool(self.steps.phase))
        if is_symbol(leaf):
            raise SourceError(
                three_parts(
                    f"{leaf!r}, which a function given to K.map_fn, K.switch or Lambda kept from an earlier run",
                    "functions that use the tensors they are given, and those from outside.",
                    f"let the function return the tensor, not keep it; or {BY_HAND}",
                )
            )
        return self.constant(leaf, set(beside))

    def constant(self, leaf: Any, beside: set[tf.DType]) -> ast.expr:
        if isinstance(leaf, (list, tuple)):
            parts = [self.leaf(part, frozenset(beside)) for part in leaf]
            return ast.List(parts, ast.Load()) if isinstance(leaf, list) else ast.Tuple(parts, ast.Load())
        if isinstance(leaf, dict):
            return ast.Dict([ast.Constant(name) for name in leaf], [self.leaf(part) for part in leaf.values()])
        if leaf is None or leaf is Ellipsis or isinstance(leaf, (bool, int, float, str, bytes, complex)):
            return number(leaf)
        if isinstance(leaf, (tf.DType, type)) and not isinstance(leaf, tf.TensorShape):
            return dtype_node(leaf)
        if isinstance(leaf, tf.TensorShape):
            return self.constant(leaf.as_list(), beside)
        if isinstance(leaf, slice):
            return called("slice", *(self.leaf(part) for part in (leaf.start, leaf.stop, leaf.step)))
        if isinstance(leaf, (np.ndarray, np.generic)) or (tf.is_tensor(leaf) and hasattr(leaf, "numpy")):
            return self.array(leaf, beside)
        if getattr(leaf, "__name__", None) and public_name(leaf):
            return parse(public_name(leaf) or "")
        raise SourceError(
            three_parts(
                f"{leaf!r} of type {type(leaf).__name__} as an argument of a recorded call",
                "tensors, variables, numbers, text, arrays, dtypes, and functions that TensorFlow or Keras has or "
                "that are written with def or lambda.",
                f"put a lambda around it if it is called; or {BY_HAND}",
            )
        )

    def array(self, leaf: Any, beside: set[tf.DType]) -> ast.expr:
        """Return a small array written out; a large one is a parameter."""
        array = np.asarray(leaf)
        if array.size > LONGEST_LITERAL:
            meaning = f"array of shape {array.shape} and dtype {array.dtype.name}."
            self.steps._alive.append(leaf)
            return self.parameter(id(leaf), "array", array, meaning)
        return array_node(array, beside)

    def variable(self, leaf: Any) -> ast.expr:
        """Return a weight by its place in a model, any other variable as a parameter."""
        variable = variable_of(leaf)
        for owner in self.owners:
            if id(variable) in owner.variables:
                layer, text = owner.variables[id(variable)]
                name = identifier(f"{layer}_{text.rpartition('.')[2]}")
                return self.hoisted(id(variable), name, text)
        slot = self.slot(leaf)
        if slot:
            return self.hoisted(id(variable), *slot)
        name = identifier(getattr(leaf, "name", "variable").rpartition("/")[2].partition(":")[0], "variable")
        shape = tuple(variable.shape.as_list())
        meaning = f"variable of shape {shape} and dtype {variable.dtype.name}."
        return self.parameter(id(variable), name.rstrip("_0123456789") or name, variable, meaning)

    def slot(self, leaf: Any) -> tuple[str, str] | None:
        """Name and expression of what an optimizer keeps of a weight, if it has not been trained yet."""
        weight = getattr(leaf, "slot_of", None)
        value = None if weight is None else leaf.numpy()
        if value is None or value.size == 0 or not (value == value.flat[0]).all() or value.flat[0] not in (0, 1):
            return None
        dtype = "" if value.dtype == "float32" else f", tf.{value.dtype.name}"
        name = self.variable(weight)
        start = "ones" if value.flat[0] else "zeros"
        return f"{text_of(name)}_slot", f"tf.Variable(tf.{start}({value.shape}{dtype}))"


def described_model(model: Any) -> str:
    """Return what to pass for a model."""
    shapes = [tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or ()]
    return f'the model "{model.name}"' + (f" with inputs of shape {', '.join(map(str, shapes))}." if shapes else ".")
