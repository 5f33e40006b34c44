"""Records calls on symbolic tensors, so that they can be run later.

One call event is one ``Call``: a function, its arguments as they were given, and the symbolic tensors that stand for
its results. The shapes and dtypes of the results come from tracing the very function that will run.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.adapters import adapter
from k2compat.graph import active
from k2compat.graph.memo import Memory, memory
from k2compat.graph.outline import is_pure
from k2compat.graph.structure import NESTED, leaves, rebuild
from k2compat.graph.symbols import Lazy, is_feedable, is_symbol, is_variable, spec_of

FuncGraph = tf.__internal__.FuncGraph
INDEXING = {operator.getitem, tf.__operators__.getitem}
# Differentiable in every float operand; of other functions a trace says it.
SMOOTH = {operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, operator.matmul}
# Names of TensorFlow's functions and Python's operators that broadcast an array beside a tensor.
ELEMENTWISE = {"add", "_add_dispatch", "sub", "subtract", "mul", "multiply", "truediv", "divide"}


class Call:
    """One recorded call.

    Attributes:
        fn: the function to run.
        args, kwargs: its arguments, symbolic tensors and variables among them.
        inputs: those symbolic tensors and variables, and the ones the function itself closes over.
        outputs: the symbolic tensors of its results, in order.
        trusted: whether gradients certainly pass from every float input to every float output.
        settings: what the function depends on beside its arguments.
    """

    variables: Sequence[tf.Variable] = ()
    settings: Mapping[str, Any] = {}

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]):
        self.fn = fn
        self.args = args
        self.kwargs = kwargs
        self.inputs = unique(leaf for leaf in leaves(args, kwargs) if is_symbol(leaf) or is_variable(leaf))
        self.outputs: list[Any] = []
        self.trusted = isinstance(fn, Hashable) and fn in SMOOTH

    @functools.cached_property
    def memory(self) -> Memory:
        """What tracing has found out about such calls."""
        return memory(self.fn, self.args, self.kwargs, self.inputs)

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

    def needs(self, phase: int) -> Sequence[Any]:
        """What has to be computed before this call in a learning phase."""
        return self.inputs

    def run(self, evaluation: Any) -> list[Any]:
        """Computes the results.

        Args:
            evaluation: gives the values of symbolic tensors.

        Returns:
            One value for each of ``outputs``.
        """
        return tensors_in(self.result(evaluation))

    @tf.autograph.experimental.do_not_convert
    def result(self, evaluation: Any) -> Any:
        """What the function returns, in its own structure.

        TensorFlow 1 ran the functions given to loops and conditions as they are, without rewriting their source.
        """
        args, kwargs = evaluation.arguments(self)
        return rebuild(self.fn(*args, **kwargs), evaluation.resolve)  # a branch may hand back a tensor from outside

    def replay(self, feeds: Mapping[int, Any], phase: int) -> list[Any]:
        """Computes the results from given inputs, for a Keras model that contains the call."""
        from k2compat.graph.evaluate import evaluate  # stands on this module

        return evaluate(self.outputs, feeds, phase)


class Placeholders:
    """Stands in for an evaluation while shapes are inferred: every symbolic tensor is a placeholder of the scratch
    graph.
    """

    phase = 0

    def __init__(self, name: str) -> None:
        self.graph = FuncGraph(name)
        self.values: dict[int, Any] = {}
        self.met: list[Any] = []

    @contextmanager
    def tracing(self) -> Iterator[Placeholders]:
        """While it is open, operations go to the scratch graph and symbolic tensors stand for its placeholders."""
        with self.graph.as_default(), active.use(self):
            yield self

    def value(self, symbol: Any) -> Any:
        key = id(symbol)
        if key not in self.values:
            with self.graph.as_default():  # a branch or loop being traced has a graph of its own
                self.values[key] = placeholder_like(spec_of(symbol))
            self.met.append(symbol)
        return self.values[key]

    def resolve(self, leaf: Any) -> Any:
        return self.value(leaf) if is_symbol(leaf) or is_variable(leaf) else leaf

    def arguments(self, call: Any) -> tuple[Any, Any]:
        return rebuild((call.args, call.kwargs), self.resolve)


def record(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Records ``fn(*args, **kwargs)``.

    Returns:
        What the call returns, with symbolic tensors in place of tensors.

    Raises:
        Whatever the function raises for tensors of these shapes and dtypes.
    """
    args, kwargs = as_constants(args, kwargs)
    call = Call(fn, args, kwargs)
    if call.memory.specs is not None:
        call.inputs = unique([*call.inputs, *active.preceding()])
        return attach(call, call.memory.specs)[0]
    trace = Placeholders("record")
    with trace.tracing():
        traced = call.result(trace)
    met = unique([*call.inputs, *trace.met])
    specs = [tf.type_spec_from_value(tensor) for tensor in tensors_in(traced)]
    if tf.is_tensor(traced) and len(met) == len(call.inputs):
        call.memory.specs = specs
    call.inputs = unique([*met, *active.preceding()])
    symbols = iter(attach(call, specs))
    return tf.nest.map_structure(lambda item: next(symbols) if tf.is_tensor(item) else plain(item), traced)


def plain(leaf: Any) -> Any:
    """What a call returned beside tensors; an operation of the scratch graph is nothing outside of it."""
    return None if isinstance(leaf, tf.Operation) else leaf


def attach(call: Call, specs: Sequence[tf.TypeSpec]) -> list[Any]:
    """Makes the symbolic tensors of a call's results: Keras ones where Keras can hold them, ours elsewhere."""
    if not specs:
        return []
    keras_inputs = [leaf for leaf in call.inputs if isinstance(leaf, adapter().symbolic_type)]
    if keras_inputs and all(keras_can_hold(spec) for spec in specs):
        call.outputs = adapter().record(call, specs, keras_inputs)
    else:
        feedable = any(is_feedable(leaf) for leaf in call.inputs)
        call.outputs = [Lazy(spec, call, index, feedable) for index, spec in enumerate(specs)]
    return call.outputs


def keras_can_hold(spec: tf.TypeSpec) -> bool:
    """Whether a Keras symbolic tensor can stand for such a value: a dense or sparse tensor of known rank."""
    return isinstance(spec, (tf.TensorSpec, tf.SparseTensorSpec)) and spec.shape.rank is not None


def tensors_in(result: Any) -> list[Any]:
    """The tensors among a call's results."""
    return [leaf for leaf in tf.nest.flatten(result) if tf.is_tensor(leaf)]


def placeholder_like(spec: tf.TypeSpec) -> Any:
    """A placeholder of the graph being traced."""
    if isinstance(spec, tf.SparseTensorSpec):
        return tf.compat.v1.sparse_placeholder(spec.dtype, spec.shape)
    return tf.compat.v1.placeholder(spec.dtype, spec.shape)


def as_constants(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Copies arrays, those of float64 in the float type of the tensors beside them: graph mode made constants."""
    if not any(isinstance(part, (*NESTED, np.ndarray, np.float64)) for part in (*args, *kwargs.values())):
        return args, kwargs
    floats = {spec_of(leaf).dtype for leaf in leaves(args, kwargs) if is_symbol(leaf) or is_variable(leaf)}
    floats = {dtype for dtype in floats if dtype.is_floating}
    beside = floats.pop().as_numpy_dtype if len(floats) == 1 else np.float64

    def constant(leaf: Any) -> Any:
        if isinstance(leaf, (np.ndarray, np.float64)):
            return leaf.astype(beside if leaf.dtype == np.float64 else leaf.dtype)
        return leaf

    return rebuild(args, constant), rebuild(kwargs, constant)


def unique(things: Any) -> list[Any]:
    """Things without repetition, by identity, in order."""
    return list({id(thing): thing for thing in things}.values())


def call_of(symbol: Any) -> Any:
    """The call that makes a symbolic tensor; None for placeholders and variables."""
    if isinstance(symbol, Lazy):
        return symbol.call
    return None if is_variable(symbol) else adapter().call_of(symbol)
