"""Convolutions and pooling.

TensorFlow computes them channels last on a CPU, so pictures of the other format are turned before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat.errors import K2ValueError, three_parts
from k2compat.ops.config import normalize_data_format
from k2compat.ops.registry import recorded

POOLS = {"max": tf.nn.max_pool, "avg": tf.nn.avg_pool}
# By the number of spatial axes. Said even though it is the default: without it the gradient fails in three dimensions.
LAYOUTS = {1: "NWC", 2: "NHWC", 3: "NDHWC"}


def channels_last(compute: Callable[[Any], Any], x: Any, data_format: str | None) -> Any:
    """Run a computation on pictures with the channels behind, whatever the format they come in; the result is in that
    format again.
    """
    if normalize_data_format(data_format) == "channels_last":
        return compute(x)
    spatial = x.shape.rank - 2
    y = compute(tf.transpose(x, [0, *range(2, spatial + 2), 1]))
    return tf.transpose(y, [0, spatial + 1, *range(1, spatial + 1)])


def each(number: Any, spatial: int) -> list[int]:
    """One number for each spatial axis."""
    return [number] * spatial if isinstance(number, int) else list(number)


def padding_of(padding: str) -> str:
    """TensorFlow's word for a padding.

    Raises:
        ValueError: neither ``"same"`` nor ``"valid"``.
    """
    if padding not in ("same", "valid"):
        raise K2ValueError(
            three_parts(
                f"padding={padding!r}", "'same' or 'valid' ('causal' too for conv1d).", "spell it in lower case."
            )
        )
    return padding.upper()


def convolved(
    x: Any, kernel: Any, strides: Any, padding: str, data_format: str | None, dilation_rate: Any, spatial: int
) -> Any:
    """Return a convolution over ``spatial`` axes."""
    padding, kernel = padding_of(padding), tf.convert_to_tensor(kernel)

    def compute(x: Any) -> Any:
        rates = each(dilation_rate, spatial)
        return tf.nn.convolution(x, kernel, each(strides, spatial), padding, LAYOUTS[spatial], rates)

    return channels_last(compute, x, data_format)


@recorded
def conv1d(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Convolution over steps; padding ``"valid"``, ``"same"`` or ``"causal"``. Kernel (width, channels, filters)."""
    if padding == "causal":
        left = each(dilation_rate, 1)[0] * (kernel.shape[0] - 1)
        steps = 1 if normalize_data_format(data_format) == "channels_last" else 2
        x, padding = tf.pad(x, [[left, 0] if axis == steps else [0, 0] for axis in range(3)]), "valid"
    return convolved(x, kernel, strides, padding, data_format, dilation_rate, 1)


@recorded
def conv2d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Convolution over height and width. Kernel (height, width, channels, filters)."""
    return convolved(x, kernel, strides, padding, data_format, dilation_rate, 2)


@recorded
def conv3d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1, 1),
) -> Any:
    """Convolution over depth, height and width. Kernel (depth, height, width, channels, filters)."""
    return convolved(x, kernel, strides, padding, data_format, dilation_rate, 3)


def transposed(
    x: Any, output_shape: Sequence[Any], data_format: str | None, spatial: int, compute: Callable[[Any, Any], Any]
) -> Any:
    """Return a transposed convolution by ``compute(x, shape of the result)``, both with the channels behind.

    Args:
        x: pictures or volumes in the data format.
        output_shape: of the result, in the data format; its batch size may be None.
        data_format: of ``x`` and the result.
        spatial: number of spatial axes.
        compute: the convolution.
    """
    first = normalize_data_format(data_format) == "channels_first"
    batch, *sizes = (output_shape[axis] for axis in range(spatial + 2))
    sizes = [*sizes[1:], sizes[0]] if first else sizes
    wanted = tf.stack([tf.shape(x)[0] if batch is None else batch, *sizes])
    return channels_last(lambda x: compute(x, wanted), x, data_format)


@recorded
def conv2d_transpose(
    x: Any,
    kernel: Any,
    output_shape: Sequence[Any],
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Transposed convolution.

    Kernel (height, width, filters, channels); ``output_shape`` in the data format, its batch size may be None.
    """
    rates, padding = each(dilation_rate, 2), padding_of(padding)

    def compute(x: Any, wanted: Any) -> Any:
        if rates == [1, 1]:
            return tf.nn.conv2d_transpose(x, kernel, wanted, each(strides, 2), padding)
        return tf.nn.atrous_conv2d_transpose(x, kernel, wanted, rates[0], padding)

    return transposed(x, output_shape, data_format, 2, compute)


@recorded
def conv3d_transpose(
    x: Any,
    kernel: Any,
    output_shape: Sequence[Any],
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Transposed convolution over depth, height and width.

    Kernel (depth, height, width, filters, channels); ``output_shape`` in the data format, its batch size may be None.
    """
    padding = padding_of(padding)

    def compute(x: Any, wanted: Any) -> Any:
        return tf.nn.conv3d_transpose(x, kernel, wanted, each(strides, 3), padding)

    return transposed(x, output_shape, data_format, 3, compute)


@recorded
def depthwise_conv2d(
    x: Any,
    depthwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Convolution of each channel by itself. Kernel (height, width, channels, multiplier)."""
    padding = padding_of(padding)

    def compute(x: Any) -> Any:
        return tf.nn.depthwise_conv2d(
            x, depthwise_kernel, [1, *each(strides, 2), 1], padding, dilations=each(dilation_rate, 2)
        )

    return channels_last(compute, x, data_format)


def separable(
    x: Any, kernels: Sequence[Any], strides: Any, padding: str, data_format: str | None, dilation_rate: Any
) -> Any:
    depthwise, pointwise = kernels

    def compute(x: Any) -> Any:
        return tf.nn.separable_conv2d(
            x, depthwise, pointwise, [1, *each(strides, 2), 1], padding_of(padding), dilations=each(dilation_rate, 2)
        )

    return channels_last(compute, x, data_format)


@recorded
def separable_conv1d(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Convolution of each channel by itself over steps, then of all channels at each step."""
    flat = 1 if normalize_data_format(data_format) == "channels_last" else 2
    kernels = tf.expand_dims(depthwise_kernel, 0), tf.expand_dims(pointwise_kernel, 0)
    rates = [1, *each(dilation_rate, 1)]
    y = separable(tf.expand_dims(x, flat), kernels, each(strides, 1) * 2, padding, data_format, rates)
    return tf.squeeze(y, [flat])


@recorded
def separable_conv2d(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Convolution of each channel by itself, then of all channels at each pixel."""
    return separable(x, (depthwise_kernel, pointwise_kernel), strides, padding, data_format, dilation_rate)


def pooled(x: Any, pool_size: Any, strides: Any, padding: str, data_format: str | None, pool_mode: str) -> Any:
    """Return the largest or mean value of each window.

    Raises:
        ValueError: an unknown mode.
    """
    if pool_mode not in POOLS:
        raise K2ValueError(three_parts(f"pool_mode={pool_mode!r}", "'max' or 'avg'.", "give one of them."))
    spatial, padding = x.shape.rank - 2, padding_of(padding)

    def compute(x: Any) -> Any:
        return POOLS[pool_mode](x, each(pool_size, spatial), each(strides, spatial), padding, LAYOUTS[spatial])

    return channels_last(compute, x, data_format)


@recorded
def pool2d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    pool_mode: str = "max",
) -> Any:
    """Largest (``"max"``) or mean (``"avg"``) value of each window of pictures."""
    return pooled(x, pool_size, strides, padding, data_format, pool_mode)


@recorded
def pool3d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    pool_mode: str = "max",
) -> Any:
    """Largest (``"max"``) or mean (``"avg"``) value of each window of volumes."""
    return pooled(x, pool_size, strides, padding, data_format, pool_mode)


@recorded
def local_conv1d(inputs: Any, kernel: Any, kernel_size: Any, strides: Any, data_format: str | None = None) -> Any:
    """Convolution over steps with a kernel of its own for each window.

    Args:
        inputs: (batch, steps, channels), whatever the data format.
        kernel: (windows, width * channels, filters).
        kernel_size: tuple of one, the width.
        strides: tuple of one.
        data_format: checked, without effect.

    Returns:
        (batch, windows, filters).
    """
    normalize_data_format(data_format)
    starts = range(0, kernel.shape[0] * strides[0], strides[0])
    return each_window([inputs[:, start : start + kernel_size[0]] for start in starts], kernel)


@recorded
def local_conv2d(
    inputs: Any, kernel: Any, kernel_size: Any, strides: Any, output_shape: Any, data_format: str | None = None
) -> Any:
    """Convolution over height and width with a kernel of its own for each window.

    Args:
        inputs: (batch, height, width, channels), or with the channels before height and width.
        kernel: (windows, height * width * channels, filters); within a window in the order of the data format.
        kernel_size, strides: pairs.
        output_shape: (rows, columns) of windows.
        data_format: of inputs and result.

    Returns:
        (batch, rows, columns, filters), or (batch, filters, rows, columns).
    """
    first = normalize_data_format(data_format) == "channels_first"
    rows, columns = output_shape
    corners = [(row * strides[0], column * strides[1]) for row in range(rows) for column in range(columns)]
    blocks = [(slice(top, top + kernel_size[0]), slice(left, left + kernel_size[1])) for top, left in corners]
    windows = [inputs[:, :, down, along] if first else inputs[:, down, along] for down, along in blocks]
    y = tf.reshape(each_window(windows, kernel), [-1, rows, columns, kernel.shape[2]])
    return tf.transpose(y, [0, 3, 1, 2]) if first else y


def each_window(windows: Sequence[Any], kernel: Any) -> Any:
    """Windows (batch, ...) times the kernels (windows, elements of one, filters): (batch, windows, filters)."""
    flat = tf.stack([tf.reshape(window, [-1, kernel.shape[1]]) for window in windows])
    return tf.transpose(tf.matmul(flat, kernel), [1, 0, 2])
