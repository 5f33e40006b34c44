"""The repair of what layers take as ``trainable=``, for either Keras."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.repair.table import Around, Repair

POSITIONS = ("trainable", "name", "dtype")


def trainable_repair(layer: Any) -> Repair:
    """Make the repair of a Keras's ``Layer``."""
    return Repair(
        "trainable_argument",
        "Dense(2, trainable=names) is trained if names are given: whatever is true or false was taken, 0, None and "
        "lists, too; Keras in TensorFlow 2 wants a boolean. TensorFlow's took it, name and dtype by position; Keras 3 "
        "takes no position.",
        [(layer, "__init__", Around(with_boolean))],
    )


def with_boolean(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer.__init__`` that makes a boolean of ``trainable``."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if len(args) <= len(POSITIONS):
            kwargs, args = {**dict(zip(POSITIONS, args, strict=False)), **kwargs}, ()
        if "trainable" in kwargs and not tf.is_tensor(kwargs["trainable"]):
            kwargs["trainable"] = bool(kwargs["trainable"])
        original(self, *args, **kwargs)

    vars(__init__)["__signature__"] = inspect.signature(original)  # Keras reads it
    return __init__
