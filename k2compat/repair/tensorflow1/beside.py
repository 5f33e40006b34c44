"""``tf.metrics`` and ``tf.losses``: Keras's modules in TensorFlow 2, with names of TensorFlow 1 beside them."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import tensorflow as tf

from k2compat.graph import context
from k2compat.graph.nested import leaves
from k2compat.graph.symbols import is_symbol
from k2compat.repair.table import is_applied

# Names that TensorFlow 2 may have, too, with another meaning: only TensorFlow 1 calls these arguments so.
CONTESTED = ("mean_squared_error", "mean_absolute_error")
ARGUMENTS = ("labels", "predictions")


class Beside(ModuleType):
    """A module of TensorFlow 2, which is loaded when one of its own names is asked for, with other names beside.

    Args:
        name: of the module in ``tf``.
        old: the names beside it; those that the module has mean what they mean there.
        repair: the name of the repair that puts it in place.
    """

    def __init__(self, name: str, old: Mapping[str, Any], repair: str):
        super().__init__(f"tensorflow.{name}")
        self._place, self._old, self._module = name, old, getattr(tf, name)
        self._repair = repair

    def __getattr__(self, name: str) -> Any:
        if name in self._old and name not in CONTESTED:
            return self._old[name]
        try:
            found = getattr(self._module, name)
        except AttributeError:
            if name in self._old:
                return self._old[name]
            raise
        finally:
            if getattr(tf, self._place) is not self and is_applied(
                self._repair
            ):  # a module that TensorFlow loads late takes its place
                setattr(tf, self._place, self)
        return either(self._old[name], found) if name in self._old else found

    def __dir__(self) -> list[str]:
        return sorted({*dir(self._module), *self._old})


def either(old: Callable[..., Any], new: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is the old one where its arguments have the names of TensorFlow 1."""

    @functools.wraps(new)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(name in kwargs for name in ARGUMENTS):
            return old(*args, **kwargs)
        if tf.executing_eagerly() and any(map(is_symbol, leaves(args, kwargs))) and not context.evaluating():
            warnings.warn(
                f"{new.__name__} of tf.losses or tf.metrics gives TensorFlow 2's value for each sample; for that of "
                f"TensorFlow 1 name the arguments: labels=..., predictions=...",
                stacklevel=2,
            )
        return new(*args, **kwargs)

    return call
