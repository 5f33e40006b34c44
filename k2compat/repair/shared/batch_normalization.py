"""What batch normalization computed in Keras 2's training phase, for the layers of either Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.added_updates import catching
from k2compat.graph.context import evaluating
from k2compat.graph.dispatch import apply
from k2compat.ops.variables import moving_average_update
from k2compat.repair.table import Elsewhere, Repair


def axis_of(layer: Any) -> int:
    """Return the axis of a layer that has one."""
    return layer.axis if isinstance(layer.axis, int) else layer.axis[0]


def repair(kind: Any) -> Repair:
    """Return the repair of a Keras's class of batch normalization."""
    return Repair(
        "batch_norm",
        "In learning phase 1 batch normalization used the statistics of the batch even when it was frozen, moved its "
        "averages by the unbiased variance, and had a fused kernel for pictures, whose second derivatives are exact.",
        [(kind, "call", normalizing(kind.call))],
        elsewhere=Elsewhere(
            lambda layer, training: isinstance(layer, kind) and not layer.trainable and training != 0,
            "a frozen layer uses its moving averages in training, instead of the statistics of the batch.",
            "Set trainable = True on it where the function is made.",
        ),
    )


def normalizing(original: Callable[..., Any]) -> Callable[..., Any]:
    """``BatchNormalization.call`` that trains as in Keras 2; in K functions only updates move the averages."""

    @functools.wraps(original)
    def call(self: Any, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        if not training or inputs.dtype not in (tf.float32, tf.float64) or getattr(self, "synchronized", False):
            if catching.found is not None:
                catch(self, inputs, normalized(self, inputs)[1:], bool(training))
            return original(self, inputs, training=training, mask=mask)
        outputs, mean, variance = normalized(self, inputs)
        catch(self, inputs, (mean, variance), True)
        if self.trainable and not evaluating():
            for average, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
                average.assign(average * self.momentum + value * (1.0 - self.momentum))
        return outputs

    return call


def normalized(layer: Any, x: Any) -> tuple[Any, Any, Any]:
    """Return a batch normalized by its own statistics.

    Args:
        layer: the batch normalization, for its axis, epsilon and weights.
        x: (batch, ..., channels), the channels on the layer's axis.

    Returns:
        The normalized batch; the mean and the variance (channels,) by which the layer's averages move. The variance is
        the unbiased one of Keras 2.
    """
    rank, axis = x.shape.rank, axis_of(layer) % x.shape.rank
    axes = [other for other in range(rank) if other != axis]
    count = tf.cast(tf.reduce_prod([tf.shape(x)[other] for other in axes]), x.dtype)
    beta, gamma = (None if weight is None else tf.convert_to_tensor(weight) for weight in (layer.beta, layer.gamma))
    if rank == 4 and axis == 3 and x.dtype == tf.float32:  # pictures with the channels behind
        scale = tf.ones(x.shape[axis], x.dtype) if gamma is None else gamma
        offset = tf.zeros(x.shape[axis], x.dtype) if beta is None else beta
        # Its variance is unbiased already; Keras did it again.
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(x, scale, offset, epsilon=layer.epsilon)
    else:
        mean, variance = tf.nn.moments(x, axes)
        sizes = [-1 if other == axis else 1 for other in range(rank)]
        shaped = [None if part is None else tf.reshape(part, sizes) for part in (mean, variance, beta, gamma)]
        outputs = tf.nn.batch_normalization(x, *shaped, layer.epsilon)
    return outputs, mean, variance * count / (count - (1.0 + layer.epsilon))


def catch(layer: Any, inputs: Any, statistics: Sequence[Any], counts: bool) -> None:
    """Give the updates of a batch normalization that runs in another call to who catches them.

    Args:
        layer: the batch normalization.
        inputs: the batch.
        statistics: its mean and variance.
        counts: whether it runs in the training phase.
    """
    if catching.found is not None:
        for update in moves(layer, *statistics):
            catching.add(layer, update, [inputs], counts)


def is_trained(node: Any) -> bool:
    """Return whether a node is in the training phase sometimes: not called with ``training=False``, nor made in
    learning phase 0.
    """
    return getattr(node, attributes.TRAINING, None) in (None, 1)


def moving_averages(layer: Any, inputs: Any) -> list[Any]:
    """Updates of one batch normalization by one batch."""
    inputs = inputs[0] if isinstance(inputs, (list, tuple)) else inputs
    return moves(layer, *apply(lambda x: normalized(layer, x)[1:], (inputs,), {}))


def moves(layer: Any, mean: Any, variance: Any) -> list[Any]:
    """Return the updates of the moving averages by the statistics of a batch."""
    return [
        moving_average_update(layer.moving_mean, mean, layer.momentum),
        moving_average_update(layer.moving_variance, variance, layer.momentum),
    ]
