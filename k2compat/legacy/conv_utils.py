"""``keras.utils.conv_utils``: the sizes of convolutions, and their kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2compat.ops.config import image_data_format

PADDINGS = ("valid", "same", "causal")
ORDERS = ("channels_first", "channels_last")


def normalize_tuple(value: Any, n: int, name: str) -> tuple[Any, ...]:
    """Return one size, or the sizes of all axes, as a tuple of them.

    Raises:
        ValueError: there are not ``n`` of them, or one is no number.
    """
    if isinstance(value, (int, np.integer)):
        return (value,) * n
    wanted = f"The `{name}` argument must be a tuple of {n} integers. Received: {value}"
    try:
        sizes = tuple(value)
    except TypeError:
        raise ValueError(wanted) from None
    if len(sizes) != n:
        raise ValueError(wanted)
    for size in sizes:
        try:
            int(size)
        except (TypeError, ValueError):
            raise ValueError(f"{wanted} including element {size} of type {type(size)}") from None
    return sizes


def normalize_padding(value: str) -> str:
    """Return the name of a padding in small letters.

    Raises:
        ValueError: there is no such padding.
    """
    padding = value.lower()
    if padding not in PADDINGS:
        raise ValueError(
            'The `padding` argument must be one of "valid", "same" (or "causal" for Conv1D). Received: ' + padding
        )
    return padding


def normalize_data_format(value: str | None) -> str:
    """Return the order of axes, by default the one of the configuration.

    Raises:
        ValueError: there is no such order.
    """
    order = (value or image_data_format()).lower()
    if order not in ORDERS:
        raise ValueError(
            f'The `data_format` argument must be one of "channels_first", "channels_last". Received: {value}'
        )
    return order


def convert_kernel(kernel: Any) -> np.ndarray:
    """Turn a kernel around, from Theano's order to TensorFlow's or back.

    Raises:
        ValueError: it is no kernel of a convolution.
    """
    kernel = np.asarray(kernel)
    if not 3 <= kernel.ndim <= 5:
        raise ValueError("Invalid kernel shape:", kernel.shape)
    return np.copy(kernel[(slice(None, None, -1),) * (kernel.ndim - 2)])


def conv_output_length(
    input_length: int | None, filter_size: int, padding: str, stride: int, dilation: int = 1
) -> int | None:
    """Return how long the output of a convolution is."""
    if input_length is None:
        return None
    reach = (filter_size - 1) * dilation
    longer = {"same": 0, "causal": 0, "valid": -reach, "full": reach}[padding]
    return (input_length + longer + stride - 1) // stride


def conv_input_length(output_length: int | None, filter_size: int, padding: str, stride: int) -> int | None:
    """Return how long the input of a convolution is."""
    if output_length is None:
        return None
    pad = {"same": filter_size // 2, "valid": 0, "full": filter_size - 1}[padding]
    return (output_length - 1) * stride - 2 * pad + filter_size


def deconv_length(
    dim_size: int | None,
    stride_size: int,
    kernel_size: int,
    padding: str,
    output_padding: int | None = None,
    dilation: int = 1,
) -> int | None:
    """Return how long the output of a transposed convolution is."""
    if dim_size is None:
        return None
    kernel_size = (kernel_size - 1) * dilation + 1
    if output_padding is None:
        added = {
            "valid": max(kernel_size - stride_size, 0),
            "full": -(stride_size + kernel_size - 2),
            "same": 0,
        }[padding]
        return dim_size * stride_size + added
    pad = {"same": kernel_size // 2, "valid": 0, "full": kernel_size - 1}[padding]
    return (dim_size - 1) * stride_size + kernel_size - 2 * pad + output_padding


def deconv_output_length(
    input_length: int | None, filter_size: int, padding: str, output_padding: int | None = None, stride: int = 0
) -> int | None:
    """Return how long the output of a transposed convolution is, as ``tf.keras`` spelled it."""
    return deconv_length(input_length, stride, filter_size, padding, output_padding)
