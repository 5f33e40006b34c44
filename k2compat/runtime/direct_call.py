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

from k2compat.tensorflow_internals import (
    EagerTensor,
    attributes_of_calls,
    eager_context,
    keeping_nan,
    name_of_function,
    quick_execute,
)

Caller = Callable[[Sequence[Any]], Sequence[Any]]

# Graphs of at most so many operations run in the calling thread: handing them to others takes longer than they run.
SMALL = 200


def caller(concrete: Any, alone: bool = False) -> Caller:
    """Calls a concrete function whose arguments and results are flat.

    Args:
        concrete: a ``tf.ConcreteFunction``.
        alone: whether its graph runs in the calling thread, whatever its size.

    Returns:
        A function from a list of tensors to the list of results.
    """

    def public(tensors: Sequence[Any]) -> Sequence[Any]:
        with keeping_nan():
            return concrete(*tensors)

    results, captured = tf.nest.flatten(concrete.structured_outputs), list(concrete.captured_inputs)
    sparse = any(isinstance(spec, tf.SparseTensorSpec) for spec in tf.nest.flatten(concrete.structured_input_signature))
    dense = not sparse and all(isinstance(tensor, tf.Tensor) for tensor in [*results, *captured])
    name = name_of_function(concrete)
    if quick_execute is None or name is None or not results or not dense:
        return public
    function, count = name.decode(), len(results)
    threads = "SINGLE_THREADED_EXECUTOR" if alone or is_small(concrete.graph) else ""
    # By its name a function is handed to another thread; as an argument of this operation it runs in the calling one,
    # which takes a quarter of the time: 25 instead of 97 microseconds for ten operations.
    is_argument = bool(threads) and not (tf.config.list_physical_devices("GPU") or must_be_compiled(concrete))
    operation = "StatefulPartitionedCall" if is_argument else function
    known = {"Tin": types_of(concrete.inputs), "Tout": types_of(results), "f": function, "config": ""}
    kept: tuple[Any, tuple[Any, ...]] = (None, ())

    def direct(tensors: Sequence[Any]) -> Sequence[Any]:
        context = eager_context()
        if not context.executing_eagerly():
            return public(tensors)
        nonlocal kept
        options = context.function_call_options
        if kept[0] is not options:
            attributes = {**attributes_of_calls(options), "executor_type": threads, **(known if is_argument else {})}
            kept = options, tuple(itertools.chain.from_iterable(attributes.items()))
        flat = kept[1]
        return quick_execute(operation, count, [*tensors, *captured], flat, context)

    return direct


def types_of(tensors: Sequence[Any]) -> tuple[int, ...]:
    """Return the numbers of the dtypes of tensors."""
    return tuple(tensor.dtype.as_datatype_enum for tensor in tensors)


def must_be_compiled(concrete: Any) -> bool:
    """Return whether XLA is to compile a concrete function."""
    attributes = concrete.function_def.attr
    return "_XlaMustCompile" in attributes and bool(attributes["_XlaMustCompile"].b)


def is_small(graph: Any) -> bool:
    """Return whether a graph is best run in the calling thread, which runs no loops, branches and nested functions."""
    return len(running(graph)) <= SMALL and not has_branches(graph)


def has_branches(graph: Any) -> bool:
    """Return whether a graph has loops, branches or nested functions."""
    return any(
        attribute.WhichOneof("value") == "func" or attribute.list.func
        for operation in running(graph)
        for attribute in operation.node_def.attr.values()
    )


def running(graph: Any) -> list[Any]:
    """Return the operations of a function's graph that its results or its effects need; the others are never run."""
    found: dict[int, Any] = {}
    waiting = [*(tensor.op for tensor in graph.outputs), *graph.control_outputs]
    while waiting:
        operation = waiting.pop()
        if id(operation) not in found:
            found[id(operation)] = operation
            waiting += [*(tensor.op for tensor in operation.inputs), *operation.control_inputs]
    return list(found.values())


def tensor_from(array: np.ndarray, fresh: bool = False) -> Any:
    """Return a tensor with the values of an array, of its dtype; a copy, for an update may keep it.

    Args:
        array: the array.
        fresh: whether nobody else has it, so that the tensor need not be a copy.
    """
    if eager_context is None:
        return tf.constant(array)
    context = eager_context()
    context.ensure_initialized()
    return EagerTensor(array if fresh else array.copy(), context.device_name, None)


def value_of(variable: Any) -> Any:
    """Return the value of a TensorFlow variable as a tensor, in the shortest way where nobody watches or spreads it."""
    if is_plain(variable):
        return tf.raw_ops.ReadVariableOp(resource=variable.handle, dtype=variable.dtype)
    return tf.convert_to_tensor(variable)


def put(variable: Any, array: np.ndarray) -> None:
    """Set the value of a TensorFlow variable to an array of its dtype and shape, at once."""
    if is_plain(variable):
        tf.raw_ops.AssignVariableOp(resource=variable.handle, value=tensor_from(array))
    else:
        variable.assign(array)


def is_plain(variable: Any) -> bool:
    """Return whether a variable is one of numbers that is kept in one place, and is used now rather than traced."""
    return type(variable).__name__ == "ResourceVariable" and variable.dtype.is_numeric and tf.executing_eagerly()
