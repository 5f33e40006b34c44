"""Convolutions of pictures with the channels in front, for processors whose TensorFlow has no kernel for them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import tensorflow as tf


def turning(original: Callable[..., Any], default: Callable[[], str]) -> Callable[..., Any]:
    """A convolution that turns channels-first pictures before and after it where there is no GPU, as Keras 2 did.

    Args:
        original: takes ``inputs`` (or ``x``) first, and ``data_format`` by name or place.
        default: the format that ``data_format=None`` stands for.
    """
    signature = inspect.signature(original)

    @functools.wraps(original)
    def convolution(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs)
        if (given.arguments.get("data_format") or default()) != "channels_first" or has_gpu():
            return original(*args, **kwargs)
        pictures = given.arguments[first := next(iter(signature.parameters))]
        axes = list(range(len(pictures.shape)))
        given.arguments.update({first: tf.transpose(pictures, [0, *axes[2:], 1]), "data_format": "channels_last"})
        return tf.transpose(original(*given.args, **given.kwargs), [0, axes[-1], *axes[1:-1]])

    return convolution


def has_gpu() -> bool:
    """Whether TensorFlow sees a GPU; asked without starting any device."""
    return bool(tf.config.list_physical_devices("GPU"))
