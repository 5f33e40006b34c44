"""The shortest way TensorFlow offers from arrays through a compiled function and back.

The public way, a ``ConcreteFunction`` called with tensors, checks and arranges its arguments again at each call; that
takes longer than a small function runs. The names used here are private; where one of them is missing, the public way
is taken.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

try:
    from tensorflow.python.eager.context import context as eager_context
    from tensorflow.python.eager.execute import quick_execute
except ImportError:  # private, and moved
    eager_context = quick_execute = None

EagerTensor = tf.__internal__.EagerTensor
Caller = Callable[[Sequence[Any]], Sequence[Any]]

# Graphs of at most so many operations run in the calling thread: handing them to others takes longer than they run.
SMALL = 200
EAGER = tf.__internal__.EagerTensor


def caller(concrete: Any, alone: bool = False) -> Caller:
    """Calls a concrete function whose arguments and results are flat.

    Args:
        concrete: a ``tf.ConcreteFunction``.
        alone: whether its graph runs in the calling thread, whatever its size.

    Returns:
        A function from a list of tensors to the list of results.
    """

    def public(tensors: Sequence[Any]) -> Sequence[Any]:
        return concrete(*tensors)

    results, captured = tf.nest.flatten(concrete.structured_outputs), list(concrete.captured_inputs)
    sparse = any(isinstance(spec, tf.SparseTensorSpec) for spec in tf.nest.flatten(concrete.structured_input_signature))
    dense = not sparse and all(isinstance(tensor, tf.Tensor) for tensor in [*results, *captured])
    name = getattr(getattr(concrete, "_inference_function", None), "name", None)
    if quick_execute is None or name is None or not results or not dense:
        return public
    name, count = name.decode(), len(results)
    threads = "SINGLE_THREADED_EXECUTOR" if alone or is_small(concrete.graph) else ""

    def direct(tensors: Sequence[Any]) -> Sequence[Any]:
        context = eager_context()
        if not context.executing_eagerly():
            return public(tensors)
        attributes = {**context.function_call_options.as_attrs(), "executor_type": threads}
        flat = tuple(itertools.chain.from_iterable(attributes.items()))
        return quick_execute(name, count, [*tensors, *captured], flat, context)

    return direct


def is_small(graph: Any) -> bool:
    """Whether a graph is best run in the calling thread, which cannot run loops, branches and nested functions."""
    operations = graph.get_operations()
    return len(operations) <= SMALL and not any(
        attribute.WhichOneof("value") == "func" or attribute.list.func
        for operation in operations
        for attribute in operation.node_def.attr.values()
    )


def tensor_from(array: np.ndarray) -> Any:
    """A tensor with the values of an array, of its dtype; a copy, for an update may keep it."""
    if eager_context is None:
        return tf.constant(array)
    context = eager_context()
    context.ensure_initialized()
    return EagerTensor(array.copy(), context.device_name, None)
