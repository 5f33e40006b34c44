"""Says why a computation failed where the sizes of what was fed tell it: unequal batches, axes without elements."""

from __future__ import annotations

import re
from collections.abc import Sequence

import tensorflow as tf

from k2compat.errors import FeedError, K2CompatError, sentence_parts, three_parts

# What kernels raise at sizes they cannot use, and layers that look at them.
FAILURES = (
    ValueError,
    tf.errors.InvalidArgumentError,
    tf.errors.UnimplementedError,
    tf.errors.CancelledError,  # of a part that was about to run when another one failed
)
SAME = "All input arrays (x) should have the same number of samples."
Shape = tuple[int | None, ...]


def odd_sizes(names: Sequence[str], shapes: Sequence[Shape], failure: BaseException) -> FeedError | None:
    """Return the error that names what is wrong with the sizes of inputs, after a computation failed.

    Args:
        names: of the inputs whose first axis is the batch.
        shapes: of what they were fed.
        failure: of the computation, for which sizes may be the reason.

    Returns:
        None where no size is odd, or where the failure is an error of k2compat, which says what to do itself.
    """
    if isinstance(failure, K2CompatError):
        return None
    note = f"It failed with: {first_line(failure)}"
    sizes = {shape[0] for shape in shapes if shape and shape[0] is not None}
    if len(sizes) > 1:
        return FeedError(
            sentence_parts(
                f"{SAME} Got array shapes: {list(shapes)}\n{note}",
                f"one number of samples for the inputs {', '.join(map(repr, names))}, or 1 where that is repeated.",
                "give the inputs the same number of samples; np.repeat(x, n, axis=0) repeats a single one.",
            )
        )
    for name, shape in zip(names, shapes, strict=True):
        if 0 in shape:
            axis = shape.index(0)
            return FeedError(
                three_parts(
                    f"a value of shape {shape} for the input '{name}', which is empty along axis {axis}\n{note}",
                    "at least one element along each axis, such as a step for a recurrent layer or a window for a "
                    "convolution.",
                    "leave out what is empty, or pad a sequence to one step, which Masking(mask_value=...) skips.",
                )
            )
    return None


def first_line(failure: BaseException) -> str:
    """Return what a failure says, without the places in a graph that TensorFlow puts around it."""
    lines = (re.sub(r"\x1b\[\d*m|\{\{[^}]*\}\} ", "", line).strip() for line in str(failure).splitlines())
    told = (line for line in lines if line and not line.startswith("Exception encountered"))
    return re.split(r" \[Op:| for '", next(told, type(failure).__name__))[0]
