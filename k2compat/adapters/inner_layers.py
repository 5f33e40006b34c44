"""Layers that run inside of another layer's call: which they are, and what is told of their results."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

# Told of a layer, its arguments and its result; returns the result that goes on.
Listener = Callable[[Any, Any, Any], Any]

# A layer -> the layer in whose call it runs, and its name in there.
_around: weakref.WeakKeyDictionary[Any, tuple[weakref.ref[Any], str]] = weakref.WeakKeyDictionary()


class Listening(threading.local):
    """What is told of the layers that run in this thread."""

    listener: Listener | None = None


listening = Listening()


@contextlib.contextmanager
def told(listener: Listener | None) -> Iterator[None]:
    """While it is open, a function is told of the layers that run."""
    before = listening.listener
    listening.listener = listener
    try:
        yield
    finally:
        listening.listener = before


def enclose(outer: Any, is_own: Callable[[Any], bool]) -> None:
    """Note the layers that run in the call of a layer: those it has, and those of layers of a program's own in it.

    Args:
        outer: the layer, which is called on symbolic tensors.
        is_own: whether a layer is of a program's own class, so that it calls the layers in it.
    """
    waiting = [(outer, "")] if is_own(outer) else []
    while waiting:
        layer, path = waiting.pop()
        for inner in layer._flatten_layers(recursive=False, include_self=False):
            with contextlib.suppress(TypeError):  # a layer that does not hash
                _around[inner] = weakref.ref(outer), f"{path}{inner.name}"
            if is_own(inner):
                waiting.append((inner, f"{path}{inner.name}/"))


def around(inner: Any) -> tuple[Any, str]:
    """Return the layer in whose call a layer runs, and the layer's name in there; None and "" if there is none."""
    try:
        outer, name = _around[inner]
    except (KeyError, TypeError):
        return None, ""
    return outer(), name
