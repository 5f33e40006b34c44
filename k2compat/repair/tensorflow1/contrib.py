"""``tf.contrib``: what of it is in TensorFlow's core, and a clear sentence for the rest."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import tensorflow as tf

from k2compat.errors import K2AttributeError, three_parts
from k2compat.repair.table import Repair
from k2compat.repair.tensorflow1.layers import flatten
from k2compat.tables.tensorflow1 import CONTRIB


def contrib_repair() -> Repair:
    """Return the repair of ``tf.contrib``."""
    modules = contrib_modules()
    return Repair(
        "tensorflow1_contrib",
        "tf.contrib is gone. Its initializers, regularizers, metrics and losses that TensorFlow has elsewhere are "
        "there again, such as tf.contrib.layers.xavier_initializer; each other name says that it is not.",
        [
            (tf, "contrib", modules["tensorflow.contrib"]),
            *((sys.modules, name, module) for name, module in modules.items() if name not in sys.modules),
        ],
    )


class Contrib(ModuleType):
    """A module of ``tf.contrib``."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        dotted = f"{self.__name__}.{name}".removeprefix("tensorflow.contrib.")
        if dotted in CONTRIB:
            return operator.attrgetter(CONTRIB[dotted])(tf)
        if dotted in OWN:
            return OWN[dotted]
        raise K2AttributeError(
            three_parts(
                f"tf.contrib.{dotted}",
                f"one of {', '.join(sorted((*CONTRIB, *OWN)))}; tf.contrib left TensorFlow with version 2.",
                "take it from tf, tf.compat.v1 or keras where they have it, or from the packages tensorflow-addons or "
                "tf-slim; or copy its code into your program.",
            )
        )


def contrib_modules() -> dict[str, ModuleType]:
    """Return the modules by their names in ``sys.modules``."""
    names = {"", *(name.rpartition(".")[0] for name in (*CONTRIB, *OWN))}
    modules: dict[str, ModuleType] = {}
    for name in sorted(names):
        whole = f"tensorflow.contrib.{name}".rstrip(".")
        modules[whole] = Contrib(whole)
        modules[whole].__path__ = []
        parent, _, last = whole.rpartition(".")
        if parent in modules:
            setattr(modules[parent], last, modules[whole])
    return modules


def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = tf.float32) -> Any:
    """``tf.contrib.layers.xavier_initializer``."""
    kind = tf.compat.v1.glorot_uniform_initializer if uniform else tf.compat.v1.glorot_normal_initializer
    return kind(seed=seed, dtype=dtype)


def l2_regularizer(scale: float, scope: str | None = None) -> Callable[[Any], Any]:
    """``tf.contrib.layers.l2_regularizer``: half of the sum of squares."""
    return lambda weights: tf.nn.l2_loss(weights) * scale


def l1_regularizer(scale: float, scope: str | None = None) -> Callable[[Any], Any]:
    """``tf.contrib.layers.l1_regularizer``."""
    return lambda weights: tf.reduce_sum(tf.abs(weights)) * scale


def l1_l2_regularizer(scale_l1: float = 1.0, scale_l2: float = 1.0, scope: str | None = None) -> Callable[[Any], Any]:
    """``tf.contrib.layers.l1_l2_regularizer``."""
    first, second = l1_regularizer(scale_l1), l2_regularizer(scale_l2)
    return lambda weights: first(weights) + second(weights)


def variance_scaling_initializer(
    factor: float = 2.0, mode: str = "FAN_IN", uniform: bool = False, seed: int | None = None, dtype: Any = tf.float32
) -> Any:
    """``tf.contrib.layers.variance_scaling_initializer``: by default what Keras calls He's."""
    kind = "uniform" if uniform else "truncated_normal"
    return tf.compat.v1.variance_scaling_initializer(factor, mode.lower(), kind, seed, dtype)


def one_hot_encoding(labels: Any, num_classes: int, on_value: float = 1.0, off_value: float = 0.0) -> Any:
    """``tf.contrib.layers.one_hot_encoding``."""
    return tf.one_hot(labels, num_classes, on_value, off_value)


# What TensorFlow has no function for.
OWN: dict[str, Callable[..., Any]] = {
    "layers.xavier_initializer": xavier_initializer,
    "layers.xavier_initializer_conv2d": xavier_initializer,
    "layers.l1_regularizer": l1_regularizer,
    "layers.l2_regularizer": l2_regularizer,
    "layers.l1_l2_regularizer": l1_l2_regularizer,
    "layers.variance_scaling_initializer": variance_scaling_initializer,
    "layers.one_hot_encoding": one_hot_encoding,
    "layers.flatten": flatten,
}
