"""Variables that a loss or the ``call`` of a layer makes: once, however often TensorFlow traces it.

Keras 2 called losses and layers when it built its graph, and never again.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.registry import adapter
from k2compat.graph import context
from k2compat.graph.symbols import is_symbol, is_variable
from k2compat.ops.config import floatx
from k2compat.tensorflow_internals import in_function, outside_functions

# Packages whose functions do not count as the place where a variable is made.
BETWEEN = ("k2compat", "keras", "tf_keras", "tensorflow", "functools", "contextlib", "threading")


class Pass:
    """One eager pass through the ``call`` of a layer, for ``place``."""


def made_once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a K function that makes a variable.

    While TensorFlow traces a function or a K function runs, the variable is made outside of the graph, and kept with
    the layer or model that is called: where the same line comes by again in another trace, it gets the same variable.
    """

    @functools.wraps(function)
    def make(*args: Any, **kwargs: Any) -> Any:
        running = context.evaluation() if tf.executing_eagerly() else None
        if running is None and (tf.executing_eagerly() or not in_function()):
            return function(*args, **kwargs)
        args, kwargs = tf.nest.map_structure(outside_value, (args, kwargs))
        if args and isinstance(args[0], tf.Tensor) and not hasattr(args[0], "numpy"):
            return as_constant(*args, **kwargs)
        sizes = tuple(map(size_of, tf.nest.flatten((args, kwargs))))
        if None in sizes:  # a value or a size that is only known when it runs
            return function(*args, **kwargs)
        kept, line = place(sys._getframe(1), running or tf.compat.v1.get_default_graph())
        key = (*line, sizes)
        if key not in kept:
            with outside_functions():
                kept[key] = function(*args, **kwargs)
        return kept[key]

    return make


def as_constant(value: Any, dtype: Any = None, *_: Any, **__: Any) -> Any:
    """Return what stands for a variable of a tensor of the graph: the tensor, through which no gradient passes."""
    return tf.stop_gradient(tf.cast(value, dtype or floatx()))


def outside_value(value: Any) -> Any:
    """Return the value of a constant of the graph that is traced, anything else as it is."""
    known = tf.get_static_value(value) if isinstance(value, tf.Tensor) else None
    return value if known is None else known


def size_of(value: Any) -> Any:
    """Return what decides the shape of a variable: the shape of an array or of another variable, whose value it begins
    with, a number; None for an unknown tensor.
    """
    if is_variable(value):
        return ("variable", tuple(value.shape))
    if isinstance(value, tf.Tensor) or is_symbol(value):
        return None
    return ("array", value.shape) if isinstance(value, np.ndarray) and value.ndim else repr(value)


def place(frame: FrameType | None, running: Any) -> tuple[dict[Any, Any], tuple[Any, ...]]:
    """Return where a variable is kept, and under which key.

    Args:
        frame: of the call of the K function.
        running: the graph or evaluation in which it runs, where the passes of each line are counted.
    """
    frame = asking(frame)
    seen = getattr(running, attributes.ONCE, None)
    if seen is None:
        seen = {}
        setattr(running, attributes.ONCE, seen)
    if frame is None:
        return seen, (len(seen),)
    closed = tuple(id(frame.f_locals.get(name)) for name in frame.f_code.co_freevars)
    owner = owner_of(frame)
    line = (frame.f_code, frame.f_lasti, closed, id(owner))
    number = seen[line] = seen.get(line, -1) + 1
    kept = seen if owner is None else vars(owner).setdefault(attributes.ONCE, {})
    return kept, (*line[:3], number)


def asking(frame: FrameType | None) -> FrameType | None:
    """Return the frame of the program that a frame was called from, itself if it is one."""
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in BETWEEN:
        frame = frame.f_back
    return frame


def owner_of(frame: FrameType | None) -> Any:
    """Return the layer or model whose method called what runs in a frame, None where there is none."""
    layer = adapter().package.layers.Layer
    while frame is not None:
        owner = frame.f_locals.get("self")
        if isinstance(owner, layer):
            return owner
        frame = frame.f_back
    return None
