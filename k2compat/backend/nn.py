"""Activations, normalisation, convolution and pooling."""

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
    return tf.clip_by_value(x * tf.cast(0.2, x.dtype) + tf.cast(0.5, x.dtype), tf.zeros([], x.dtype), tf.ones([], x.dtype))


@recorded
def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""
    return tf.tanh(x)


@recorded
def stop_gradient(variables: Any) -> Any:
    """The same values, constant for gradients; of a list, each of them."""
    return [tf.stop_gradient(item) for item in variables] if isinstance(variables, (list, tuple)) else tf.stop_gradient(variables)


@recorded
def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    """A tensor plus a bias of its channels (or of its whole inner shape)."""
    if normalize_data_format(data_format) == "channels_last" or x.shape.rank < 3:
        return x + bias
    if bias.shape.rank == 1:
        return x + tf.reshape(bias, [1, -1] + [1] * (x.shape.rank - 2))
    return x + tf.transpose(bias, [bias.shape.rank - 1, *range(bias.shape.rank - 1)])[tf.newaxis]


@recorded
def batch_normalization(x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 0.001) -> Any:
    """A tensor normalised by given mean and variance, then scaled by ``gamma`` and shifted by ``beta`` (either may be None)."""
    if x.shape.rank is not None and axis not in (-1, x.shape.rank - 1):
        broadcast = [1] * x.shape.rank
        broadcast[axis] = -1
        mean, var, beta, gamma = (None if item is None else tf.reshape(item, broadcast) for item in (mean, var, beta, gamma))
    return tf.nn.batch_normalization(x, mean, var, beta, gamma, epsilon)


def strides_of(x: Any, strides: Any, spatial: int) -> list[int]:
    return [strides] * spatial if isinstance(strides, int) else list(strides)


def convolved(x: Any, kernel: Any, strides: Any, padding: str, data_format: str | None, dilation_rate: Any, spatial: int) -> Any:
    """A convolution over ``spatial`` axes, in either data format."""
    last = normalize_data_format(data_format) == "channels_last"
    moved = x if last else tf.transpose(x, [0, *range(2, spatial + 2), 1])
    if padding == "causal":
        left = (dilation_rate if isinstance(dilation_rate, int) else dilation_rate[0]) * (kernel.shape[0] - 1)
        moved, padding = tf.pad(moved, [[0, 0], [left, 0], [0, 0]]), "valid"
    y = tf.nn.convolution(moved, kernel, strides_of(x, strides, spatial), padding.upper(), dilations=strides_of(x, dilation_rate, spatial))
    return y if last else tf.transpose(y, [0, spatial + 1, *range(1, spatial + 1)])


@recorded
def conv1d(x: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1) -> Any:
    """Convolution over steps; padding ``"valid"``, ``"same"`` or ``"causal"``."""
    return convolved(x, kernel, strides, padding, data_format, dilation_rate, 1)


@recorded
def conv2d(
    x: Any, kernel: Any, strides: Any = (1, 1), padding: str = "valid", data_format: str | None = None, dilation_rate: Any = (1, 1)
) -> Any:
    """Convolution over height and width; padding ``"valid"`` or ``"same"``."""
    return convolved(x, kernel, strides, padding, data_format, dilation_rate, 2)


@recorded
def pool2d(
    x: Any, pool_size: Any, strides: Any = (1, 1), padding: str = "valid", data_format: str | None = None, pool_mode: str = "max"
) -> Any:
    """Largest (``"max"``) or mean (``"avg"``) value of each window."""
    last = normalize_data_format(data_format) == "channels_last"
    moved = x if last else tf.transpose(x, [0, 2, 3, 1])
    y = tf.nn.pool(moved, list(pool_size), pool_mode.upper(), list(strides), padding.upper())
    return y if last else tf.transpose(y, [0, 3, 1, 2])
