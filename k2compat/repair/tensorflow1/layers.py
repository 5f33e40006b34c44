"""``tf.layers``: its functions, which make their weights by name in the present variable scope."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import tensorflow as tf

from k2compat.errors import K2AttributeError, K2ValueError, three_parts
from k2compat.graph.dispatch import apply
from k2compat.ops import convolution
from k2compat.ops.convolution import each
from k2compat.ops.variables import update
from k2compat.repair.table import Repair
from k2compat.repair.tensorflow1.variables import GraphKeys, add_to_collection, get_variable

CONVOLUTIONS = {1: convolution.conv1d, 2: convolution.conv2d, 3: convolution.conv3d}
TRANSPOSED = {2: convolution.conv2d_transpose, 3: convolution.conv3d_transpose}


def layers_repair() -> Repair:
    """Return the repair of ``tf.layers``."""
    module = Layers("tensorflow.layers")
    vars(module).update(FUNCTIONS)
    return Repair(
        "tensorflow1_layers",
        "tf.layers is gone. dense, conv2d, batch_normalization, dropout, flatten, pooling and others take symbolic "
        "tensors, make their weights in the present variable scope, and find them there again with reuse=True.",
        [
            *(() if hasattr(tf, "layers") else ((tf, "layers", module),)),
            *(() if "tensorflow.layers" in sys.modules else ((sys.modules, "tensorflow.layers", module),)),
        ],
    )


class Layers(ModuleType):
    """The module ``tf.layers``; its classes are those of Keras, of which they were made."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(tf.keras.layers, name, None)
        if isinstance(found, type):
            return found
        raise K2AttributeError(
            three_parts(
                f"tf.layers.{name}",
                f"a layer of Keras, or one of {', '.join(sorted(FUNCTIONS))}; tf.layers left TensorFlow with version "
                "2.",
                "write the layer of `keras.layers` that does it.",
            )
        )


class Weights:
    """Makes the weights of one call in its variable scope.

    Args:
        options: the arguments that all functions with weights have: initializers, regularizers and constraints.
        name: of the layer; None for a new one.
        kind: what names begin with that are not given.
    """

    def __init__(self, options: dict[str, Any], name: str | None, kind: str):
        self.options = options
        self.scope = tf.compat.v1.variable_scope(name, default_name=kind, reuse=options.get("reuse"))

    def weight(self, name: str, shape: Any, initializer: Any = None, trainable: bool = True) -> Any:
        """Return the weight of that name: made once for each name with its scopes."""
        options, argument = self.options, name.removesuffix("_kernel")  # depthwise_initializer of depthwise_kernel
        return get_variable(
            name,
            shape,
            initializer=options.get(f"{argument}_initializer") or initializer,
            regularizer=options.get(f"{argument}_regularizer"),
            trainable=trainable and options.get("trainable", True),
            constraint=options.get(f"{argument}_constraint"),
        )

    def finished(self, y: Any, filters: int, activation: Any, data_format: str = "channels_last") -> Any:
        """Return an output with its bias and its activation."""
        if self.options.get("use_bias", True):
            bias = self.weight("bias", (filters,), tf.zeros_initializer())
            y = apply(biased, (y, bias, data_format), {})
        y = y if activation is None else activation(y)
        penalty = self.options.get("activity_regularizer")
        if penalty is not None:
            add_to_collection(GraphKeys.REGULARIZATION_LOSSES, penalty(y))
        return y


def biased(y: Any, bias: Any, data_format: str) -> Any:
    if data_format == "channels_first":
        bias = tf.reshape(bias, [-1] + [1] * (y.shape.rank - 2))
    return y + bias


def channels(inputs: Any, data_format: str, kind: str) -> int:
    """Return the number of channels of an input.

    Raises:
        ValueError: it is not known.
    """
    size = tuple(inputs.shape)[1 if data_format == "channels_first" else -1]
    size = getattr(size, "value", size)
    if size is None:
        raise K2ValueError(
            three_parts(
                f"tf.layers.{kind} of a tensor with the shape {tuple(inputs.shape)}",
                "a known number of channels, which decides the shape of the weights.",
                "give the placeholder its shape, or call set_shape(...) first.",
            )
        )
    return int(size)


def dense(
    inputs: Any, units: int, activation: Any = None, use_bias: bool = True, name: Any = None, **options: Any
) -> Any:
    """``tf.layers.dense``: a matrix product over the last axis, a bias and an activation."""
    weights = Weights({**options, "use_bias": use_bias}, name, "dense")
    with weights.scope:
        kernel = weights.weight("kernel", (channels(inputs, "channels_last", "dense"), units))
        return weights.finished(apply(product, (inputs, kernel), {}), units, activation)


def product(x: Any, kernel: Any) -> Any:
    return tf.tensordot(x, kernel, 1) if x.shape.rank != 2 else tf.matmul(x, kernel)


def convolving(spatial: int) -> Callable[..., Any]:
    """Return ``tf.layers.conv2d`` or another of its kind."""

    def conv(
        inputs: Any,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        name: str | None = None,
        **options: Any,
    ) -> Any:
        kind = f"conv{spatial}d"
        weights = Weights({**options, "use_bias": use_bias}, name, kind)
        with weights.scope:
            sizes = each(kernel_size, spatial)
            kernel = weights.weight("kernel", (*sizes, channels(inputs, data_format, kind), filters))
            steps: Any = tuple(each(strides, spatial)) if spatial > 1 else each(strides, 1)[0]
            rates: Any = tuple(each(dilation_rate, spatial)) if spatial > 1 else each(dilation_rate, 1)[0]
            y = CONVOLUTIONS[spatial](inputs, kernel, steps, padding.lower(), data_format, rates)
            return weights.finished(y, filters, activation, data_format)

    return conv


def transposing(spatial: int) -> Callable[..., Any]:
    """Return ``tf.layers.conv2d_transpose`` or another of its kind."""

    def conv_transpose(
        inputs: Any,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
        activation: Any = None,
        use_bias: bool = True,
        name: str | None = None,
        **options: Any,
    ) -> Any:
        kind = f"conv{spatial}d_transpose"
        weights = Weights({**options, "use_bias": use_bias}, name, kind)
        with weights.scope:
            sizes, steps, padding = each(kernel_size, spatial), each(strides, spatial), padding.lower()
            kernel = weights.weight("kernel", (*sizes, filters, channels(inputs, data_format, kind)))
            first = data_format == "channels_first"
            dynamic, static = apply(tf.shape, (inputs,), {}), tuple(inputs.shape)
            larger = []
            for axis, (size, step) in enumerate(zip(sizes, steps, strict=True), start=2 if first else 1):
                length = static[axis] if static[axis] is not None else dynamic[axis]
                larger.append(length * step + (max(size - step, 0) if padding == "valid" else 0))
            shape = (None, filters, *larger) if first else (None, *larger, filters)
            y = TRANSPOSED[spatial](inputs, kernel, shape, tuple(steps), padding, data_format)
            return weights.finished(y, filters, activation, data_format)

    return conv_transpose


def separable_conv2d(
    inputs: Any,
    filters: int,
    kernel_size: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str = "channels_last",
    dilation_rate: Any = 1,
    depth_multiplier: int = 1,
    activation: Any = None,
    use_bias: bool = True,
    name: str | None = None,
    **options: Any,
) -> Any:
    """``tf.layers.separable_conv2d``: each channel by itself, then all channels of each place."""
    weights = Weights({**options, "use_bias": use_bias}, name, "separable_conv2d")
    with weights.scope:
        size = channels(inputs, data_format, "separable_conv2d")
        depthwise = weights.weight("depthwise_kernel", (*each(kernel_size, 2), size, depth_multiplier))
        pointwise = weights.weight("pointwise_kernel", (1, 1, size * depth_multiplier, filters))
        steps, rates = tuple(each(strides, 2)), tuple(each(dilation_rate, 2))
        y = convolution.separable_conv2d(inputs, depthwise, pointwise, steps, padding.lower(), data_format, rates)
        return weights.finished(y, filters, activation, data_format)


def pooling(spatial: int, mode: str) -> Callable[..., Any]:
    """Return ``tf.layers.max_pooling2d`` or another of its kind."""

    def pool(
        inputs: Any,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: str | None = None,
    ) -> Any:
        sizes, steps, how = each(pool_size, spatial), each(strides, spatial), padding.lower()
        if spatial == 3:
            return convolution.pool3d(inputs, tuple(sizes), tuple(steps), how, data_format, mode)
        if spatial == 2:
            return convolution.pool2d(inputs, tuple(sizes), tuple(steps), how, data_format, mode)
        wide = apply(tf.expand_dims, (inputs, 2 if data_format == "channels_last" else 3), {})
        y = convolution.pool2d(wide, (sizes[0], 1), (steps[0], 1), how, data_format, mode)
        return apply(tf.squeeze, (y, [2 if data_format == "channels_last" else 3]), {})

    return pool


def flatten(inputs: Any, name: str | None = None, data_format: str = "channels_last") -> Any:
    """``tf.layers.flatten``: all axes but the first in one."""
    size = tf.TensorShape(inputs.shape)[1:].num_elements()
    if data_format == "channels_first" and len(inputs.shape) > 2:
        rank = len(inputs.shape)
        inputs = apply(tf.transpose, (inputs, [0, *range(2, rank), 1]), {})
    return apply(tf.reshape, (inputs, [-1 if size is None or size != 0 else 0, -1 if size is None else size]), {})


def dropout(
    inputs: Any,
    rate: Any = 0.5,
    noise_shape: Any = None,
    seed: int | None = None,
    training: Any = False,
    name: str | None = None,
) -> Any:
    """``tf.layers.dropout``: does nothing unless ``training``, a truth value or a tensor, says so."""

    def drop(x: Any, rate: Any, training: Any) -> Any:
        return chosen(training, lambda: tf.nn.dropout(x, rate, noise_shape, seed), lambda: tf.identity(x))

    return apply(drop, (inputs, rate, training), {})


def chosen(training: Any, then: Callable[[], Any], other: Callable[[], Any]) -> Any:
    """Return one of two results; where the choice is a tensor, it is made when it runs."""
    known = tf.get_static_value(training) if tf.is_tensor(training) else training
    if known is not None:
        return then() if known else other()
    return tf.cond(tf.cast(training, tf.bool), then, other)


def batch_normalization(
    inputs: Any,
    axis: int = -1,
    momentum: float = 0.99,
    epsilon: float = 1e-3,
    center: bool = True,
    scale: bool = True,
    training: Any = False,
    name: str | None = None,
    fused: bool | None = None,
    **options: Any,
) -> Any:
    """``tf.layers.batch_normalization``: its updates are in ``tf.GraphKeys.UPDATE_OPS``, as they were."""
    rank = len(inputs.shape)
    axis = axis[0] if isinstance(axis, (list, tuple)) else axis
    axis %= rank
    fused = rank == 4 and axis in (1, 3) if fused is None else fused
    weights = Weights(options, name, "batch_normalization")
    with weights.scope:
        size = (channels(inputs, "channels_first" if axis == 1 else "channels_last", "batch_normalization"),)
        gamma = weights.weight("gamma", size, tf.ones_initializer()) if scale else 1.0
        beta = weights.weight("beta", size, tf.zeros_initializer()) if center else 0.0
        mean = weights.weight("moving_mean", size, tf.zeros_initializer(), trainable=False)
        variance = weights.weight("moving_variance", size, tf.ones_initializer(), trainable=False)

    def normalized(x: Any, gamma: Any, beta: Any, mean: Any, variance: Any, training: Any) -> Any:
        """Return the output, and the new moving mean and variance."""
        axes = [number for number in range(rank) if number != axis]
        along = [1 if number != axis else -1 for number in range(rank)]

        def by(mean: Any, variance: Any) -> Any:
            parts = [tf.reshape(part, along) for part in (mean, variance, beta * tf.ones(size), gamma * tf.ones(size))]
            return tf.nn.batch_normalization(x, *parts, epsilon)

        def of_batch() -> Any:
            found, spread = tf.nn.moments(x, axes)
            count = tf.cast(tf.size(x) // size[0], x.dtype)
            unbiased = spread * count / tf.maximum(count - 1.0, 1.0) if fused else spread
            moved = (old * momentum + new * (1 - momentum) for old, new in ((mean, found), (variance, unbiased)))
            return by(found, spread), *moved

        return chosen(training, of_batch, lambda: (by(mean, variance), tf.identity(mean), tf.identity(variance)))

    y, *moved = apply(normalized, (inputs, gamma, beta, mean, variance, training), {})
    if training is not False:
        for old, new in zip((mean, variance), moved, strict=True):
            add_to_collection(GraphKeys.UPDATE_OPS, update(old, new))
    return y


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "dense": dense,
    **{f"conv{spatial}d": convolving(spatial) for spatial in CONVOLUTIONS},
    **{f"conv{spatial}d_transpose": transposing(spatial) for spatial in TRANSPOSED},
    "separable_conv2d": separable_conv2d,
    **{f"max_pooling{spatial}d": pooling(spatial, "max") for spatial in (1, 2, 3)},
    **{f"average_pooling{spatial}d": pooling(spatial, "avg") for spatial in (1, 2, 3)},
    "flatten": flatten,
    "dropout": dropout,
    "batch_normalization": batch_normalization,
}
