"""The loss and metric functions of Keras 2.3.1 whose values differ from those of the later ones.

They take tensors, labels first, and the arguments they had then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.ops import losses
from k2compat.ops.config import floatx
from k2compat.ops.registry import recording


def labels_like(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Return labels and predictions as tensors of one dtype, that of the predictions."""
    y_pred = tf.convert_to_tensor(y_pred)
    return tf.cast(y_true, y_pred.dtype), y_pred


def smoothed(y_true: Any, smoothing: float, share: Any) -> Any:
    """Return labels that are mixed with an equal share of every class."""
    return y_true * (1.0 - smoothing) + smoothing * share if smoothing > 0 else y_true


def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0) -> Any:
    """Crossentropy of one-hot labels. The smoothing counts axis 1 for the classes, as Keras 2 did."""
    y_true, y_pred = labels_like(y_true, y_pred)
    y_true = smoothed(y_true, label_smoothing, 1 / tf.cast(tf.shape(y_true)[1], y_pred.dtype))
    return losses.categorical_crossentropy(y_true, y_pred, from_logits=from_logits)


def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Crossentropy of class numbers."""
    y_pred = tf.convert_to_tensor(y_pred)
    return losses.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0) -> Any:
    """Mean crossentropy of labels that are 0 or 1 each."""
    y_true, y_pred = labels_like(y_true, y_pred)
    y_true = smoothed(y_true, label_smoothing, 0.5)
    return tf.reduce_mean(losses.binary_crossentropy(y_true, y_pred, from_logits=from_logits), axis=-1)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Elementwise Huber loss: Keras 2 took no mean over the last axis."""
    y_true, y_pred = labels_like(y_true, y_pred)
    size = tf.abs(y_pred - y_true)
    square = tf.minimum(size, delta)
    return 0.5 * tf.square(square) + delta * (size - square)


def cosine_proximity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Cosine of the angle between labels and predictions."""
    y_true, y_pred = labels_like(y_true, y_pred)
    return tf.reduce_sum(tf.math.l2_normalize(y_true, axis) * tf.math.l2_normalize(y_pred, axis), axis)


def cosine_loss(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Return the same with the other sign, smaller the better."""
    return -cosine_proximity(y_true, y_pred, axis)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """Share of the labels that are equal to the rounded prediction: 1.7 is 2."""
    y_true, y_pred = labels_like(y_true, y_pred)
    if threshold != 0.5:
        y_pred = tf.cast(y_pred > tf.cast(threshold, y_pred.dtype), y_pred.dtype)
    return tf.reduce_mean(tf.cast(tf.equal(y_true, tf.round(y_pred)), floatx()), axis=-1)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return whether the largest label and the largest prediction have the same place."""
    return tf.cast(tf.equal(tf.argmax(y_true, -1), tf.argmax(y_pred, -1)), floatx())


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return whether the largest prediction has the place that the label says."""
    y_true, y_pred = tf.convert_to_tensor(y_true), tf.convert_to_tensor(y_pred)
    if y_true.shape.rank == y_pred.shape.rank:
        y_true = tf.squeeze(y_true, -1)
    return tf.cast(tf.equal(tf.cast(y_true, floatx()), tf.cast(tf.argmax(y_pred, -1), floatx())), floatx())


# By the names the later Keras versions have for them.
LOSSES: dict[str, Callable[..., Any]] = {
    "categorical_crossentropy": categorical_crossentropy,
    "sparse_categorical_crossentropy": sparse_categorical_crossentropy,
    "binary_crossentropy": binary_crossentropy,
    "huber": huber,
    "huber_loss": huber,
}
METRICS: dict[str, Callable[..., Any]] = {
    **{name: function for name, function in LOSSES.items() if "huber" not in name},
    "binary_accuracy": binary_accuracy,
    "binary_matches": binary_accuracy,
    "categorical_accuracy": categorical_accuracy,
    "sparse_categorical_accuracy": sparse_categorical_accuracy,
}
# Those that functions of a user call.
FUNCTIONS = {name: METRICS[name] for name in METRICS if "crossentropy" in name or name == "binary_accuracy"}


def named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return a function for tensors and symbols under a name that models report."""
    call = recording(function)
    call.__name__ = call.__qualname__ = name
    return call


# Functions under names that are gone.
OLD_LOSSES = {"huber_loss": named(huber, "huber_loss"), "cosine_proximity": named(cosine_loss, "cosine_proximity")}
OLD_METRICS = {"cosine_proximity": named(cosine_proximity, "cosine_proximity")}
for old_names in (OLD_LOSSES, OLD_METRICS):
    old_names["cosine"] = old_names["cosine_proximity"]
