"""Batch normalisation, with the numbers of the kernels Keras 2 chose by rank and axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from k2compat.ops.registry import recorded

FUSED_EPSILON = 1.001e-5  # the fused kernel of TensorFlow 1 took no smaller one


@recorded
def batch_normalization(
    x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: Any = -1, epsilon: float = 0.001
) -> Any:
    """A tensor normalised by given mean and variance, then scaled by ``gamma`` and shifted by ``beta``.

    Args:
        x: any shape, float.
        mean, var: of a shape that broadcasts against ``x``; for pictures (four axes) also one number for each channel.
        beta, gamma: like them, or None.
        axis: where the channels of pictures are, 1 or 3. It is without effect on tensors of another rank, as in Keras
            2. A float is the epsilon, which had this place in Keras 2.1.
        epsilon: added to the variance.
    """
    if isinstance(axis, float):
        axis, epsilon = -1, axis
    statistics = [mean, var, beta, gamma]
    if x.shape.rank == 4 and axis in (1, -3):
        statistics = [reshaped(item, [1, -1, 1, 1]) if is_vector(item) else item for item in statistics]
    elif x.shape.rank == 4 and axis in (3, -1):
        statistics, epsilon = [reshaped(item, [-1]) for item in statistics], max(epsilon, FUSED_EPSILON)
    return tf.nn.batch_normalization(x, *(as_dtype(item, x.dtype) for item in statistics), epsilon)


@recorded
def normalize_batch_in_training(
    x: Any, gamma: Any, beta: Any, reduction_axes: Sequence[int], epsilon: float = 0.001
) -> tuple[Any, Any, Any]:
    """A batch normalised by its own mean and variance, then scaled by ``gamma`` and shifted by ``beta``.

    Args:
        x: any shape, float.
        gamma, beta: as many numbers as are left by the reduction, or None.
        reduction_axes: the axes that mean and variance are taken over.
        epsilon: added to the variance.

    Returns:
        The normalised batch, its mean and its variance; that of pictures with the channels behind is the unbiased one,
        as the fused kernel of TensorFlow 1 gave it.
    """
    axes = [axis % x.shape.rank for axis in reduction_axes]
    mean, var = tf.nn.moments(x, axes)
    fused = x.shape.rank == 4 and list(reduction_axes) == [0, 1, 2]
    kept = [1 if axis in axes else tf.shape(x)[axis] for axis in range(x.shape.rank)]
    statistics = (as_dtype(reshaped(item, kept), x.dtype) for item in (mean, var, beta, gamma))
    y = tf.nn.batch_normalization(x, *statistics, max(epsilon, FUSED_EPSILON) if fused else epsilon)
    if fused:
        count = tf.cast(tf.reduce_prod(tf.shape(x)[:3]), var.dtype)
        var = var * count / tf.maximum(count - 1.0, 1.0)
    return y, mean, var


def reshaped(item: Any, shape: Any) -> Any:
    """Return a tensor of another shape; None stays None."""
    return None if item is None else tf.reshape(item, shape)


def is_vector(item: Any) -> bool:
    return item is not None and len(item.shape) == 1


def as_dtype(item: Any, dtype: tf.DType) -> Any:
    """Return a tensor of a dtype; None stays None."""
    return None if item is None else tf.cast(item, dtype)
