"""Crossentropies of probabilities or logits.

Probabilities that are the very result of a softmax know their logits, and the categorical crossentropy is computed from
these, as in Keras 2: it does not saturate. The same holds for a sigmoid and the binary crossentropy. Other
probabilities are clipped to stay away from 0 and 1 by epsilon.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.graph.context import evaluation, taped
from k2compat.ops.config import epsilon
from k2compat.ops.registry import recorded


def logits_of(output: Any, from_logits: bool, kind: str) -> Any:
    """Return the logits an output is, or those of the operation that made it; None where it has none of a kind.

    Args:
        output: probabilities or logits.
        from_logits: whether it is logits.
        kind: the operation whose result knows its logits, "Softmax" or "Sigmoid". ``keras.activations.softmax`` of
            more than two axes was a quotient in Keras 2 and has none.
    """
    if from_logits:
        return output
    logits = getattr(output, "_keras_logits", None)
    quotient = logits is not None and not hasattr(output, attributes.SOFTMAX) and output.shape.rank != 2
    if kind == "Softmax" and quotient:
        return None
    if isinstance(output, tf.Tensor) and not hasattr(output, "numpy"):  # of a graph, which knows its operations
        note_type(output, kind)
        return output.op.inputs[0] if output.op.type == kind else None
    if logits is None:
        return None
    function = tf.nn.softmax if kind == "Softmax" else tf.sigmoid
    return logits if bool(tf.reduce_all(function(logits) == output)) else None


def note_type(tensor: Any, kind: str) -> None:
    """Tell a trace that looks for gradients that the type of operation that made a tensor decides which there are."""
    asked = getattr(evaluation(), "asked", None)
    if asked is not None:
        asked.append((tensor, kind))


def clipped(probabilities: Any) -> Any:
    """Probabilities kept off 0 and 1 by epsilon."""
    edge = tf.constant(epsilon(), probabilities.dtype)
    return tf.clip_by_value(probabilities, edge, 1.0 - edge)


@recorded
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Crossentropy of one-hot targets and class probabilities (or logits) along an axis."""
    logits = logits_of(output, from_logits, "Softmax")
    if logits is not None:
        return tf.nn.softmax_cross_entropy_with_logits(labels=target, logits=logits, axis=axis)
    output = output / tf.reduce_sum(output, axis, True)
    return -tf.reduce_sum(target * tf.math.log(clipped(output)), axis)


@recorded
def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Crossentropy of integer targets and class probabilities (or logits) along an axis."""
    logits = logits_of(output, from_logits, "Softmax")
    logits = tf.math.log(clipped(output)) if logits is None else tf.convert_to_tensor(logits)
    rank = logits.shape.rank
    if rank is not None and axis not in (-1, rank - 1):
        logits = tf.transpose(logits, [*(i for i in range(rank) if i != axis % rank), axis % rank])
    labels = tf.reshape(tf.cast(target, tf.int64), tf.shape(logits)[:-1])
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


@recorded
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Elementwise crossentropy of targets and probabilities (or logits)."""
    logits = logits_of(output, from_logits, "Sigmoid")
    if logits is not None:
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=logits)
    output, small = clipped(output), epsilon()
    # Keras wrote 1 - output + small. TensorFlow 1 added the two numbers first, which near 1 is another number, where no
    # gradient was taken.
    # The maximum changes nothing; it keeps TensorFlow 2 from adding them first there, too.
    rest = tf.maximum(1.0 - output, 0.0) + small if taped() else (1.0 + small) - output
    return -(target * tf.math.log(output + small) + (1.0 - target) * tf.math.log(rest))
