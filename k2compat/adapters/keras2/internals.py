"""The module of Keras 2 and its inner parts, for the files of its adapter: the only file that imports it."""

from __future__ import annotations

import importlib
from typing import Any

from k2compat.adapters.registry import kind_of, package_of_tensorflow


def keras_2() -> Any:
    """Return the module of Keras 2: what ``tf.keras`` is, or else ``tf_keras``.

    Raises:
        ImportError: there is none.
    """
    inside = package_of_tensorflow()
    return inside if kind_of(inside) == "keras2" else importlib.import_module("tf_keras")


keras: Any = keras_2()


def inner(name: str) -> Any:
    """Return a module inside Keras, which is no part of its public interface."""
    return importlib.import_module(f"{keras.__name__}.src.{name}")


keras_tensor: Any = inner("engine.keras_tensor")
KerasTensor: Any = keras_tensor.KerasTensor
Layer: Any = keras.layers.Layer
