"""What batch normalization computed in Keras 2's training phase, for the layers of either Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf


def axis_of(layer: Any) -> int:
    """The axis of a layer that has one."""
    return layer.axis if isinstance(layer.axis, int) else layer.axis[0]


def is_fused(x: Any, axis: int) -> bool:
    """Whether Keras 2 normalised such a batch with the fused kernel: pictures, the channels behind."""
    return x.shape.rank == 4 and axis in (-1, 3)


def normalizing(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``BatchNormalization.call`` that in K functions computes batch statistics as Keras 2 did."""

    @functools.wraps(original)
    def call(self: Any, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        if not (training and engine.evaluating()) or not (is_fused(inputs, axis_of(self)) or not self.trainable):
            return original(self, inputs, training=training, mask=mask)
        axis = axis_of(self) % inputs.shape.rank
        beta, gamma = (None if weight is None else tf.convert_to_tensor(weight) for weight in (self.beta, self.gamma))
        if is_fused(inputs, axis):
            scale = tf.ones(inputs.shape[axis], inputs.dtype) if gamma is None else gamma
            offset = tf.zeros(inputs.shape[axis], inputs.dtype) if beta is None else beta
            return tf.compat.v1.nn.fused_batch_norm(inputs, scale, offset, epsilon=self.epsilon)[0]
        mean, variance = tf.nn.moments(inputs, [i for i in range(inputs.shape.rank) if i != axis], keepdims=True)
        sizes = [-1 if i == axis else 1 for i in range(inputs.shape.rank)]
        beta, gamma = (None if weight is None else tf.reshape(weight, sizes) for weight in (beta, gamma))
        return tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, self.epsilon)

    return call


def updates_in(model: Any, kind: Any, engine: Any) -> list[Any]:
    """The updates of a model's layers, those of the class of batch normalization ``kind``."""
    return [
        update
        for layer in model._flatten_layers()
        if isinstance(layer, kind) and layer.trainable
        for update in updates_of(layer, engine)
    ]


def updates_of(layer: Any, engine: Any) -> list[Any]:
    """The updates of a batch normalization: what each batch it is called on does to its moving averages."""
    return [update for node in layer._inbound_nodes for update in moving_averages(layer, node.input_tensors, engine)]


def moving_averages(layer: Any, inputs: Any, engine: Any) -> list[Any]:
    """Updates of one batch normalization by one batch, with the unbiased variance of Keras 2."""
    inputs = inputs[0] if isinstance(inputs, (list, tuple)) else inputs
    axis = axis_of(layer)

    def statistics(x: tf.Tensor) -> list[tf.Tensor]:
        axes = [other for other in range(x.shape.rank) if other != axis % x.shape.rank]
        mean, variance = tf.nn.moments(x, axes)
        count = tf.cast(tf.reduce_prod([tf.shape(x)[other] for other in axes]), x.dtype)
        if is_fused(x, axis):
            variance = variance * count / tf.maximum(count - 1.0, 1.0)  # by the kernel, and by Keras once more
        return [mean, variance * count / (count - (1.0 + layer.epsilon))]

    mean, variance = engine.apply(statistics, (inputs,), {})
    return [
        engine.moving_average_update(layer.moving_mean, mean, layer.momentum),
        engine.moving_average_update(layer.moving_variance, variance, layer.momentum),
    ]
