"""The shortest way TensorFlow offers from arrays through a compiled function and back.

The public way, a ``ConcreteFunction`` called with tensors, checks and arranges its arguments again at each call; that
takes longer than a small function runs. The names used here are private; where one of them is missing, the public way
is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

Caller = Callable[[Sequence[Any]], Sequence[Any]]


def caller(concrete: Any) -> Caller:
    """Calls a concrete function whose arguments and results are flat.

    Args:
        concrete: a ``tf.ConcreteFunction``.

    Returns:
        A function from a list of tensors to the list of results.
    """

    def public(tensors: Sequence[Any]) -> Sequence[Any]:
        return concrete(*tensors)

    results = tf.nest.flatten(concrete.structured_outputs)
    atomic: Any = getattr(concrete, "_inference_function", None)
    context = getattr(atomic, "_bound_context", None)
    run = getattr(context, "call_function", None)
    if run is None or not results or not all(isinstance(result, tf.Tensor) for result in results):
        return public
    name, count, captured = atomic.name, len(results), list(concrete.captured_inputs)

    def direct(tensors: Sequence[Any]) -> Sequence[Any]:
        if not tf.executing_eagerly():
            return public(tensors)
        return run(name, [*tensors, *captured], count)

    return direct


def tensor_from(array: np.ndarray) -> Any:
    """A tensor with the values of an array, of its dtype."""
    return tf.constant(array)  # half the time of tf.convert_to_tensor
