"""``keras.applications.imagenet_utils`` and its neighbours: what models copied from there need."""

from __future__ import annotations

import warnings
from typing import Any

from k2compat.errors import K2ValueError
from k2compat.ops.nn import relu


def relu6(x: Any) -> Any:
    """Return what is between 0 and 6, as in MobileNet."""
    return relu(x, max_value=6)


def _obtain_input_shape(
    input_shape: Any,
    default_size: int,
    min_size: int,
    data_format: str,
    require_flatten: bool = True,
    weights: Any = None,
    include_top: bool | None = None,
) -> tuple[int | None, ...]:
    """Return the shape of a model's images.

    Args:
        input_shape: the one that is asked for, None for the default.
        default_size: rows and columns of the default.
        min_size: how few there may be.
        data_format: where the channels are.
        require_flatten: whether the size has to be known.
        weights: "imagenet" where images have to have three channels.
        include_top: what ``require_flatten`` was called before Keras 2.1.

    Raises:
        ValueError: the shape does not fit.
    """
    require_flatten = require_flatten if include_top is None else include_top
    first = data_format == "channels_first"
    trained = weights == "imagenet"
    own = not trained and input_shape and len(input_shape) == 3
    default = shaped(default_size, channels_of(input_shape, first) if own else 3, first)
    if trained and require_flatten:
        if input_shape is not None and input_shape != default:
            raise K2ValueError(
                "When setting`include_top=True` and loading `imagenet` weights, `input_shape` should be "
                f"{default}. Received: {input_shape}"
            )
        return default
    if not input_shape:
        return default if require_flatten else shaped(None, 3, first)
    check(input_shape, min_size, first, trained)
    if require_flatten and None in input_shape:
        raise K2ValueError(
            f"If `include_top` is True, you should specify a static `input_shape`. Got `input_shape={input_shape}`"
        )
    return tuple(input_shape)


def channels_of(input_shape: Any, first: bool) -> int:
    """Return the number of channels, with a warning where it is unusual."""
    channels: int = input_shape[0 if first else -1]
    if channels not in (1, 3):
        warnings.warn(
            "This model usually expects 1 or 3 input channels. However, it was passed an input_shape with "
            f"{channels} input channels.",
            stacklevel=3,
        )
    return channels


def shaped(size: int | None, channels: int, first: bool) -> tuple[int | None, ...]:
    """Return the shape of square images."""
    return (channels, size, size) if first else (size, size, channels)


def check(input_shape: Any, min_size: int, first: bool, trained: bool) -> None:
    """Refuse a shape that a model cannot take.

    Raises:
        ValueError: there are too few axes, rows or columns, or not three channels where weights need them.
    """
    if len(input_shape) != 3:
        raise K2ValueError(f"`input_shape` must be a tuple of three integers. Received: {input_shape}")
    if trained and input_shape[0 if first else -1] != 3:
        raise K2ValueError(f"The input must have 3 channels; got `input_shape={input_shape}`")
    if any(size is not None and size < min_size for size in (input_shape[1:] if first else input_shape[:2])):
        raise K2ValueError(f"Input size must be at least {min_size}x{min_size}; got `input_shape={tuple(input_shape)}`")
