"""Crossentropies of probabilities or logits.

Probabilities that are the very result of a softmax or sigmoid know their logits, and the crossentropy is computed from
these, as in Keras 2: it does not saturate. Others are kept off 0 and 1 by epsilon.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from k2compat.backend.config import epsilon
from k2compat.backend.registry import recorded


def logits_of(output: Any, from_logits: bool) -> Any:
    """The logits an output is, or came from; None where they are not known."""
    return output if from_logits else getattr(output, "_keras_logits", None)


def clipped(probabilities: Any) -> Any:
    """Probabilities kept off 0 and 1 by epsilon."""
    edge = tf.constant(epsilon(), probabilities.dtype)
    return tf.clip_by_value(probabilities, edge, 1.0 - edge)


@recorded
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Crossentropy of one-hot targets and class probabilities (or logits) along an axis."""
    logits = logits_of(output, from_logits)
    if logits is not None:
        return tf.nn.softmax_cross_entropy_with_logits(labels=target, logits=logits, axis=axis)
    output = output / tf.reduce_sum(output, axis, True)
    return -tf.reduce_sum(target * tf.math.log(clipped(output)), axis)


@recorded
def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Crossentropy of integer targets and class probabilities (or logits) along an axis."""
    logits = logits_of(output, from_logits)
    logits = tf.math.log(clipped(output)) if logits is None else tf.convert_to_tensor(logits)
    rank = logits.shape.rank
    if rank is not None and axis not in (-1, rank - 1):
        logits = tf.transpose(logits, [*(i for i in range(rank) if i != axis % rank), axis % rank])
    labels = tf.reshape(tf.cast(target, tf.int64), tf.shape(logits)[:-1])
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


@recorded
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Elementwise crossentropy of targets and probabilities (or logits)."""
    logits = logits_of(output, from_logits)
    if logits is not None:
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=logits)
    output, small = clipped(output), epsilon()
    # Keras wrote 1 - output + small; TensorFlow 1 added the two numbers first, which near 1 is another number.
    return -(target * tf.math.log(output + small) + (1.0 - target) * tf.math.log((1.0 + small) - output))
