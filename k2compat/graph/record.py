"""Records calls on symbolic tensors, so that they can be run later.

One call event is one ``Call``: a function, its arguments as they were given, and the symbolic tensors that stand for
its results. The shapes and dtypes of the results come from tracing the very function that will run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.adapters.registry import adapter
from k2compat.graph import context
from k2compat.graph.evaluation import evaluate
from k2compat.graph.nested import NESTED, leaves, rebuild
from k2compat.graph.node import Call, Placeholders, tensors_in, unique
from k2compat.graph.symbols import Lazy, is_feedable, is_symbol, is_variable, spec_of
from k2compat.graph.toposort import in_order


def record(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Record ``fn(*args, **kwargs)``.

    Returns:
        What the call returns, with symbolic tensors in place of tensors.

    Raises:
        Whatever the function raises for tensors of these shapes and dtypes.
    """
    args, kwargs = as_constants(args, kwargs)
    call = Call(fn, args, kwargs)
    if call.memory.specs is not None:
        call.inputs = unique([*call.inputs, *context.preceding()])
        return attach(call, call.memory.specs)[0]
    trace = Placeholders("record")
    with trace.tracing():
        traced = call.result(trace)
    met = unique([*call.inputs, *trace.met])
    specs = [tf.type_spec_from_value(tensor) for tensor in tensors_in(traced)]
    if tf.is_tensor(traced) and len(met) == len(call.inputs):
        call.memory.specs = specs
    call.inputs = unique([*met, *context.preceding()])
    symbols = iter(attach(call, specs))
    return tf.nest.map_structure(lambda item: next(symbols) if tf.is_tensor(item) else plain(item), traced)


def plain(leaf: Any) -> Any:
    """Return what a call returned beside tensors; an operation of the scratch graph is nothing outside of it."""
    return None if isinstance(leaf, tf.Operation) else leaf


def attach(call: Call, specs: Sequence[tf.TypeSpec]) -> list[Any]:
    """Make the symbolic tensors of a call's results: Keras ones where Keras can hold them, ours elsewhere."""
    if not specs:
        return []
    keras_inputs = [leaf for leaf in call.inputs if isinstance(leaf, adapter().symbolic_type)]
    if call.from_roots:
        keras_inputs = unique([*keras_inputs, *roots_of(call)])
    if keras_inputs and all(keras_can_hold(spec) for spec in specs):
        call.outputs = adapter().record(call, specs, keras_inputs, replay)
    else:
        feedable = any(is_feedable(leaf) for leaf in call.inputs)
        call.outputs = [Lazy(spec, call, index, feedable) for index, spec in enumerate(specs)]
    return call.outputs


def replay(call: Call, feeds: Mapping[int, Any], phase: int) -> list[Any]:
    """Compute the results of a call from given inputs, for a Keras model that contains the call."""
    if call.from_roots:
        wanted = {id(root) for root in roots_of(call)}
        feeds = {key: value for key, value in feeds.items() if key in wanted}
    return evaluate(call.outputs, feeds, phase, nested=True)


def roots_of(call: Call) -> list[Any]:
    """Return the Keras tensors without a call that the inputs of a call depend on."""
    _, met = in_order(call.inputs, lambda _: False, lambda one: one.inputs)
    return [leaf for leaf in met if isinstance(leaf, adapter().symbolic_type)]


def keras_can_hold(spec: tf.TypeSpec) -> bool:
    """Return whether a Keras symbolic tensor can stand for such a value: a dense or sparse tensor of known rank."""
    return isinstance(spec, (tf.TensorSpec, tf.SparseTensorSpec)) and spec.shape.rank is not None


def as_constants(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Copy arrays, those of float64 in the float type of the tensors beside them: graph mode made constants."""
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
