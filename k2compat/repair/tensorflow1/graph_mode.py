"""The switches to graph mode, which programs for ``tf.keras`` throw to get what Keras 2 had: K functions need none."""

from __future__ import annotations

import functools
import importlib
import linecache
import sys
import warnings
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import tensorflow as tf

from k2compat.naming.programs import Program
from k2compat.repair.table import Around, Repair

SWITCHES = ("disable_eager_execution", "disable_v2_behavior")
# What only a graph has: a program that makes one of these by its own is in graph mode from then on.
OF_A_GRAPH = ("placeholder", "placeholder_with_default", "sparse_placeholder", "get_variable")
# The switches that were thrown and had no effect yet.
_postponed: list[Callable[[], Any]] = []


def graph_mode_repair() -> Repair:
    """Return the repair."""
    return Repair(
        "tensorflow1_graph_mode",
        "In graph mode, which programs for tf.keras switch on to read gradients and activations, no K function runs, "
        "and models of Keras 3 are not trained. Under `k2compat run` and `k2compat.auto` "
        "tf.compat.v1.disable_eager_execution() and disable_v2_behavior() in a file that names Keras wait until the "
        "program makes a placeholder or a variable of tf.compat.v1.",
        list(patches()),
    )


def patches() -> Iterator[tuple[Any, str, Any]]:
    """Yield what is changed: by ``import tensorflow.compat.v1`` programs get another module than ``tf.compat.v1``."""
    places = {id(tf.compat.v1): tf.compat.v1}
    if Program.unmodified:
        other = importlib.import_module("tensorflow.compat.v1")
        places[id(other)] = other
    for place in places.values():
        for name in SWITCHES:
            yield place, name, Around(postponed)
        for name in OF_A_GRAPH:
            yield place, name, Around(switching)


def postponed(original: Callable[[], Any]) -> Callable[[], Any]:
    """Return a switch to graph mode that waits, in a program that runs as it was written for Keras 2."""

    @functools.wraps(original)
    def switch() -> Any:
        if not (Program.unmodified and tf.executing_eagerly() and names_keras(sys._getframe(1))):
            return original()
        if not _postponed:
            warnings.warn(
                f"{original.__name__}() has no effect yet: models and K functions need no graph mode here. It begins "
                "when the program makes a placeholder or a variable of tf.compat.v1.",
                stacklevel=2,
            )
        _postponed.append(original)
        return None

    return switch


def names_keras(frame: FrameType) -> bool:
    """Return whether the code of a frame, or the file that it is from, names Keras: others have only their graph."""
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    return any("keras" in text for text in (*frame.f_code.co_names, *lines))


def switching(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of graphs that throws the switches that waited."""

    @functools.wraps(original)
    def make(*args: Any, **kwargs: Any) -> Any:
        while _postponed:
            _postponed.pop()()
        return original(*args, **kwargs)

    return make
