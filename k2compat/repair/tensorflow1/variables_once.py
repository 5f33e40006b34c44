"""A program's own ``tf.Variable`` that the function of a layer makes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import tensorflow as tf

from k2compat.naming.callers import LIBRARIES, package_of
from k2compat.ops.once import made_once, owner_of
from k2compat.repair.table import Repair


def variables_once_repair() -> Repair:
    """Return the repair of ``tf.Variable(...)``."""
    return Repair(
        "tensorflow1_variables_once",
        "A Lambda layer's function, or a layer's call, that makes a tf.Variable (of constants, for example) made it "
        "once, when the graph was built; it is made once for each layer, not at every trace, where TensorFlow 2 and "
        "Keras refuse it.",
        [(tf.Variable, "_variable_call", classmethod(once_in_layers(tf.Variable._variable_call.__func__)))],
    )


def once_in_layers(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function behind ``tf.Variable(...)``: where a program calls it in a layer, it makes one variable."""

    @functools.wraps(original)
    def _variable_call(cls: Any, initial_value: Any = None, *args: Any, **kwargs: Any) -> Any:
        make: Callable[..., Any] = functools.partial(original, cls)
        if cls is tf.Variable and not callable(initial_value) and not tf.is_tensor(initial_value) and in_layer():
            make = made_once(make)
        return make(initial_value, *args, **kwargs)

    return _variable_call


def in_layer() -> bool:
    """Return whether a program, and not a library, makes a variable in the function of a layer."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and package_of(frame) in ("k2compat", "tensorflow"):
        frame = frame.f_back
    return frame is not None and package_of(frame) not in LIBRARIES and owner_of(frame) is not None
