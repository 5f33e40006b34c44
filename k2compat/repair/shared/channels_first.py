"""Convolutions of pictures with the channels in front, for processors whose TensorFlow has no kernel for them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import tensorflow as tf


def turning(original: Callable[..., Any], default: Callable[[], str]) -> Callable[..., Any]:
    """Return a convolution that turns channels-first pictures before and after it where there is no GPU, as Keras 2
    did.

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
    """Return whether TensorFlow sees a GPU; asked without starting any device."""
    return bool(tf.config.list_physical_devices("GPU"))


def turned(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of a layer that computes from pictures, turned in the same way: the method sees a layer whose
    channels are behind.

    Args:
        original: takes the pictures first, and reads the format from the layer.
    """

    @functools.wraps(original)
    def method(self: Any, pictures: Any, *others: Any) -> Any:
        if self.data_format != "channels_first" or has_gpu():
            return original(self, pictures, *others)
        axes = list(range(len(pictures.shape)))
        result = original(ChannelsBehind(self), tf.transpose(pictures, [0, *axes[2:], 1]), *others)
        result = tf.transpose(result, [0, axes[-1], *axes[1:-1]])
        return self.activation(result) if original.__name__ == "call" and hasattr(self, "activation") else result

    return method


class ChannelsBehind:
    """A layer as it would be with its channels behind; everything else is the layer's own, its methods being about
    this one.
    """

    data_format = "channels_last"
    activation = None  # the one thing left for the layer itself: it may be about the last axis

    def __init__(self, layer: Any):
        self.layer = layer

    @property
    def _tf_data_format(self) -> str:
        """The format as TensorFlow's functions call it."""
        return {3: "NWC", 4: "NHWC", 5: "NDHWC"}[self.layer.rank + 2]

    def __getattr__(self, name: str) -> Any:
        method = getattr(type(self.layer), name, None)
        return functools.partial(method, self) if inspect.isfunction(method) else getattr(self.layer, name)
