"""Connectionist temporal classification: loss and decoding of sequences of labels."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from k2compat.ops.config import epsilon
from k2compat.ops.registry import recorded


@recorded
def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> Any:
    """The labels of each row up to its length, as a sparse tensor.

    Args:
        labels: (batch, longest), integers or floats.
        label_lengths: (batch,), integers.

    Returns:
        Sparse (batch, longest), of the labels' dtype.
    """
    longest = tf.shape(labels)[1]
    indices = tf.where(tf.range(longest) < tf.cast(label_lengths, tf.int32)[:, tf.newaxis])
    return tf.SparseTensor(indices, tf.gather_nd(labels, indices), tf.shape(labels, tf.int64))


@recorded
def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    """The loss of each sequence.

    Args:
        y_true: (batch, longest) labels; the last class of ``y_pred`` is the blank and no label.
        y_pred: (batch, steps, classes) probabilities, of a softmax.
        input_length: (batch, 1), steps of each sequence.
        label_length: (batch, 1), labels of each row.

    Returns:
        (batch, 1).
    """
    labels = ctc_label_dense_to_sparse(y_true, tf.squeeze(label_length, -1))
    steps = tf.cast(tf.squeeze(input_length, -1), tf.int32)
    return tf.expand_dims(tf.compat.v1.nn.ctc_loss(tf.cast(labels, tf.int32), logarithms(y_pred), steps), 1)


@recorded
def ctc_decode(
    y_pred: Any,
    input_length: Any,
    greedy: bool = True,
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = False,
) -> tuple[list[Any], Any]:
    """The likeliest labels.

    Args:
        y_pred: (batch, steps, classes) probabilities, of a softmax; the last class is the blank.
        input_length: (batch,), steps of each sequence.
        greedy: the likeliest class of each step; otherwise a search over the ``beam_width`` best beginnings.
        beam_width: see above.
        top_paths: how many answers a search gives.
        merge_repeated: whether a search makes one of equal labels that follow each other.

    Returns:
        A list of answers (batch, longest), int64, filled up with -1; and their log probabilities (batch,
        ``top_paths``), of a greedy answer the negative sum of the steps' largest logarithms (batch, 1).
    """
    steps = tf.cast(input_length, tf.int32)
    if greedy:
        found, scores = tf.nn.ctc_greedy_decoder(logarithms(y_pred), steps)
    else:
        found, scores = tf.compat.v1.nn.ctc_beam_search_decoder(
            logarithms(y_pred), steps, beam_width, top_paths, merge_repeated
        )
    return [tf.sparse.to_dense(labels, -1) for labels in found], scores


def logarithms(probabilities: Any) -> Any:
    """(batch, steps, classes) probabilities as (steps, batch, classes) logarithms."""
    return tf.math.log(tf.transpose(probabilities, [1, 0, 2]) + epsilon())
