"""Activations and normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from k2compat import attributes
from k2compat.errors import K2ValueError, three_parts
from k2compat.ops.config import normalize_data_format
from k2compat.ops.registry import recorded


@recorded
def relu(x: Any, alpha: Any = 0.0, max_value: Any = None, threshold: Any = 0.0) -> Any:
    """Rectifier: 0 up to ``threshold`` (or the slope ``alpha`` below it), limited to ``max_value``."""
    if max_value is None and is_zero(alpha) and is_zero(threshold):
        return tf.nn.relu(x)
    x = tf.convert_to_tensor(x)
    if max_value is None and is_zero(threshold) and isinstance(alpha, (int, float, np.generic)):
        return tf.nn.leaky_relu(x, float(alpha))
    # The operations are those of Keras 2: gradient_override_map names them.
    limited = is_zero(threshold) and isinstance(max_value, (int, float)) and max_value == 6
    rectified = tf.nn.relu6 if limited else tf.nn.relu
    kept = rectified(x) if is_zero(threshold) else x * tf.cast(x > threshold, x.dtype)
    if max_value is not None and not limited:
        kept = tf.clip_by_value(kept, tf.zeros([], x.dtype), tf.convert_to_tensor(max_value, x.dtype))
    if is_zero(alpha):
        return kept
    return kept - alpha * tf.nn.relu(threshold - x)


def is_zero(number: Any) -> bool:
    """Return whether a thing is the number 0, and not a tensor that may turn out to be."""
    return isinstance(number, (int, float)) and number == 0


@recorded
def elu(x: Any, alpha: Any = 1.0) -> Any:
    """Exponential linear unit."""
    y = tf.nn.elu(x)
    return y if isinstance(alpha, (int, float)) and alpha == 1 else tf.where(x > 0, y, alpha * y)


@recorded
def softmax(x: Any, axis: int = -1) -> Any:
    """Softmax along an axis."""
    y = tf.nn.softmax(x, axis)
    if axis not in (-1, y.shape.rank - 1):
        return y
    setattr(y, attributes.SOFTMAX, True)
    return remembering(y, x)


def remembering(probabilities: Any, logits: Any) -> Any:
    """Probabilities that know their logits, as those of Keras's activations do; a crossentropy computes from these."""
    probabilities._keras_logits = logits
    return probabilities


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
    return remembering(tf.sigmoid(x), x)


@recorded
def hard_sigmoid(x: Any) -> Any:
    """``0.2 * x + 0.5`` limited to 0 and 1."""
    return tf.clip_by_value(x * 0.2 + 0.5, tf.zeros([], x.dtype), tf.ones([], x.dtype))


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
    """A tensor plus a bias of its channels, or of its whole inner shape.

    The latter is (..., channels) in either data format, and is reshaped, not transposed, to channels first, as in
    Keras 2.

    Raises:
        ValueError: the bias has neither one axis nor one less than ``x``.
    """
    first = normalize_data_format(data_format) == "channels_first"
    if len(bias.shape) not in (1, x.shape.rank - 1):
        raise K2ValueError(
            three_parts(
                f"K.bias_add of a bias of shape {bias.shape} to a tensor of shape {x.shape}",
                f"1 or {x.shape.rank - 1} axes.",
                "reshape the bias, or add it with +.",
            )
        )
    if not first or x.shape.rank < 3:
        return x + bias
    if len(bias.shape) == 1:
        return x + tf.reshape(bias, [1, -1] + [1] * (x.shape.rank - 2))
    return x + tf.reshape(bias, [1, bias.shape[-1], *bias.shape[:-1]])
