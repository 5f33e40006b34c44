"""Activations and normalisation."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from k2compat.backend.config import normalize_data_format
from k2compat.backend.registry import recorded


@recorded
def relu(x: Any, alpha: Any = 0.0, max_value: Any = None, threshold: Any = 0.0) -> Any:
    """Rectifier: 0 below ``threshold`` (or the slope ``alpha``), limited to ``max_value``."""
    x = tf.convert_to_tensor(x)
    limit = x.dtype.max if max_value is None else max_value
    kept = tf.where(x >= tf.cast(threshold, x.dtype), x, tf.zeros_like(x)) if threshold != 0 else tf.nn.relu(x)
    kept = tf.minimum(kept, tf.cast(limit, x.dtype)) if max_value is not None else kept
    if isinstance(alpha, (int, float)) and alpha == 0:
        return kept
    below = tf.nn.relu(tf.cast(threshold, x.dtype) - x)
    return kept - tf.cast(alpha, x.dtype) * below


@recorded
def elu(x: Any, alpha: Any = 1.0) -> Any:
    """Exponential linear unit."""
    y = tf.nn.elu(x)
    return y if isinstance(alpha, (int, float)) and alpha == 1 else tf.where(x > 0, y, alpha * y)


@recorded
def softmax(x: Any, axis: int = -1) -> Any:
    """Softmax along an axis."""
    return tf.nn.softmax(x, axis)


@recorded
def softplus(x: Any) -> Any:
    """``log(exp(x) + 1)``."""
    return tf.nn.softplus(x)


@recorded
def softsign(x: Any) -> Any:
    """``x / (abs(x) + 1)``."""
    return tf.nn.softsign(x)


@recorded
def sigmoid(x: Any) -> Any:
    """Logistic function."""
    return tf.sigmoid(x)


@recorded
def hard_sigmoid(x: Any) -> Any:
    """``0.2 * x + 0.5`` limited to 0 and 1."""
    return tf.clip_by_value(
        x * tf.cast(0.2, x.dtype) + tf.cast(0.5, x.dtype), tf.zeros([], x.dtype), tf.ones([], x.dtype)
    )


@recorded
def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""
    return tf.tanh(x)


@recorded
def stop_gradient(variables: Any) -> Any:
    """The same values, constant for gradients; of a list, each of them."""
    return (
        [tf.stop_gradient(item) for item in variables]
        if isinstance(variables, (list, tuple))
        else tf.stop_gradient(variables)
    )


@recorded
def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    """A tensor plus a bias of its channels (or of its whole inner shape)."""
    if normalize_data_format(data_format) == "channels_last" or x.shape.rank < 3:
        return x + bias
    if bias.shape.rank == 1:
        return x + tf.reshape(bias, [1, -1] + [1] * (x.shape.rank - 2))
    return x + tf.transpose(bias, [bias.shape.rank - 1, *range(bias.shape.rank - 1)])[tf.newaxis]


@recorded
def batch_normalization(
    x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 0.001
) -> Any:
    """A tensor normalised by given mean and variance, then scaled by ``gamma`` and shifted by ``beta`` (either may be
    None).
    """
    if x.shape.rank is not None and axis not in (-1, x.shape.rank - 1):
        broadcast = [1] * x.shape.rank
        broadcast[axis] = -1
        mean, var, beta, gamma = (
            None if item is None else tf.reshape(item, broadcast) for item in (mean, var, beta, gamma)
        )
    return tf.nn.batch_normalization(x, mean, var, beta, gamma, epsilon)
