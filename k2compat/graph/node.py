"""Calls: the vertices of recorded expressions."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

from k2compat.adapters.base import BaseCall
from k2compat.adapters.gradient_maps import present_map
from k2compat.adapters.registry import adapter
from k2compat.graph import context
from k2compat.graph.argument_key import is_pure
from k2compat.graph.nested import leaves, rebuild
from k2compat.graph.symbols import Lazy, is_symbol, is_variable, spec_of
from k2compat.graph.trace_cache import Memory, memory
from k2compat.naming import scopes
from k2compat.tensorflow_internals import FuncGraph

INDEXING = {operator.getitem, tf.__operators__.getitem}


# Differentiable in every float operand; of other functions a trace says it.
SMOOTH = {operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, operator.matmul}


# Names of TensorFlow's functions and Python's operators that broadcast an array beside a tensor.
ELEMENTWISE = {"add", "_add_dispatch", "sub", "subtract", "mul", "multiply", "truediv", "divide"}


class Call(BaseCall):
    """One recorded call.

    Attributes:
        fn: the function to run.
        args, kwargs: its arguments, symbolic tensors and variables among them.
        inputs: those symbolic tensors and variables, and the ones the function itself closes over.
        outputs: the symbolic tensors of its results, in order.
        scope: the name scope it was recorded in.
        trusted: whether gradients certainly pass from every float input to every float output.
        settings: what the function depends on beside its arguments.
        gradient_map: the ``gradient_override_map`` under which it was recorded.
    """

    # Whether a model that contains the call computes it from its roots: what lies between belongs to the result.
    from_roots = False

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]):
        self.fn = fn
        self.args = args
        self.kwargs = kwargs
        self.scope = scopes.opened.stack[-1] if scopes.opened.stack else ""
        self.inputs = unique(leaf for leaf in leaves(args, kwargs) if is_symbol(leaf) or is_variable(leaf))
        self.outputs: list[Any] = []
        self.gradient_map = present_map()
        self.trusted = isinstance(fn, Hashable) and fn in SMOOTH and not self.gradient_map

    @functools.cached_property
    def memory(self) -> Memory:
        """What tracing has found out about such calls."""
        return Memory() if self.gradient_map else memory(self.fn, self.args, self.kwargs, self.inputs)

    @property
    def structure(self) -> Any:
        """What calls that do the same to their arguments have in common; None if this one is like no other."""
        return self.fn if is_pure(self.fn) and not self.seeded else None

    @property
    def indexing(self) -> bool:
        """Whether the arguments are a tensor and an index."""
        return self.structure in INDEXING

    @property
    def elementwise(self) -> bool:
        """Whether the function broadcasts an array beside a tensor."""
        return self.structure is not None and self.fn.__name__ in ELEMENTWISE

    @property
    def name(self) -> str:
        return getattr(self.fn, "__name__", type(self.fn).__name__)

    @property
    def seeded(self) -> bool:
        """Whether the call draws random numbers from a seed of its own."""
        return self.kwargs.get("seed") is not None

    def run(self, evaluation: Any) -> list[Any]:
        """Compute the results.

        Args:
            evaluation: gives the values of symbolic tensors.

        Returns:
            One value for each of ``outputs``.
        """
        return tensors_in(self.result(evaluation))

    @tf.autograph.experimental.do_not_convert
    def result(self, evaluation: Any) -> Any:
        """Return what the function returns, in its own structure.

        TensorFlow 1 ran the functions given to loops and conditions as they are, without rewriting their source.
        """
        args, kwargs = evaluation.arguments(self)
        return rebuild(self.fn(*args, **kwargs), evaluation.resolve)  # a branch may hand back a tensor from outside


class Placeholders:
    """Stands in for an evaluation while shapes are inferred: every symbolic tensor is a placeholder of the scratch
    graph.

    Attributes:
        values: identity of a symbolic tensor -> its placeholder.
        met: the symbolic tensors, in the order in which they were met.
        asked: tensors of which a function wanted to know whether an operation of a type made them, and that type.
    """

    phase = 0

    def __init__(self, name: str) -> None:
        self.graph = FuncGraph(name)
        self.values: dict[int, Any] = {}
        self.met: list[Any] = []
        self.asked: list[tuple[Any, str]] = []

    @contextmanager
    def tracing(self) -> Iterator[Placeholders]:
        """While it is open, operations go to the scratch graph and symbolic tensors stand for its placeholders."""
        with self.graph.as_default(), context.use(self):
            yield self

    def value(self, symbol: Any) -> Any:
        key = id(symbol)
        if key not in self.values:
            with self.graph.as_default():  # a branch or loop being traced has a graph of its own
                self.values[key] = placeholder_like(spec_of(symbol))
            self.met.append(symbol)
        return self.values[key]

    def hold(self, symbol: Any, value: Any) -> Any:
        self.values[id(symbol)] = value
        return value

    def resolve(self, leaf: Any) -> Any:
        return self.value(leaf) if is_symbol(leaf) or is_variable(leaf) else leaf

    def arguments(self, call: Any) -> tuple[Any, Any]:
        return rebuild((call.args, call.kwargs), self.resolve)


def tensors_in(result: Any) -> list[Any]:
    """Return the tensors among a call's results."""
    return [leaf for leaf in tf.nest.flatten(result) if tf.is_tensor(leaf)]


def placeholder_like(spec: tf.TypeSpec) -> Any:
    """Return a placeholder of the graph being traced."""
    if isinstance(spec, tf.SparseTensorSpec):
        return tf.compat.v1.sparse_placeholder(spec.dtype, spec.shape)
    return tf.compat.v1.placeholder(spec.dtype, spec.shape)


def unique(things: Any) -> list[Any]:
    """Things without repetition, by identity, in order."""
    return list({id(thing): thing for thing in things}.values())


def call_of(symbol: Any) -> Any:
    """Return the call that makes a symbolic tensor; None for placeholders and variables."""
    if isinstance(symbol, Lazy):
        return symbol.call
    return None if is_variable(symbol) else adapter().call_of(symbol)
