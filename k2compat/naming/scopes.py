"""Names as TensorFlow 1 gave them: each once in a graph, behind the scope it was made in.

There is no such graph under TensorFlow 2, so the names in use and the scopes that are open are kept here.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.naming.callers import LIBRARIES, package_of
from k2compat.naming.op_types import TYPES

# Libraries written for Keras 3, which know weights and tensors by Keras's own names.
NEWER = {"keras_hub", "keras_nlp", "keras_cv", "keras_tuner", "keras_rs"}
# Numbers of one name that are remembered one by one; of later ones only the count is.
REMEMBERED = 1000


class Names:
    """The names in use, which start again whenever a Keras forgets those of its layers.

    Attributes:
        sessions: functions, each giving an object that a Keras makes again at ``clear_session``.
        own: functions, each giving the scopes that a Keras has opened in TensorFlow for its layers.
    """

    def __init__(self) -> None:
        self.sessions: list[Callable[[], Any]] = []
        self.own: list[Callable[[], str]] = []
        self._known: list[Any] = []
        self._used: dict[str, int] = {}
        self._lock = threading.Lock()

    def unique(self, name: str) -> str:
        """Return the name, with a number behind it where it is in use already."""
        with self._lock:
            self._start_anew()
            key = name.lower()
            count = self._used.get(key, 0)
            self._used[key] = count + 1
            if count == 0:
                return name
            while f"{key}_{count}" in self._used:
                count += 1
            if count < REMEMBERED:
                self._used[f"{key}_{count}"] = 1
            self._used[key] = max(self._used[key], count + 1)
            return f"{name}_{count}"

    def clear(self) -> None:
        """Forget all names."""
        with self._lock:
            self._used.clear()

    def _start_anew(self) -> None:
        # What Keras keeps is kept for each thread, the names are those of all.
        if not opened.stack and threading.current_thread() is threading.main_thread():
            now = [session() for session in self.sessions]
            if len(now) != len(self._known) or any(a is not b for a, b in zip(now, self._known, strict=True)):
                if len(now) == len(self._known):
                    self._used.clear()
                self._known = now


class Opened(threading.local):
    """The scopes that are open in a thread.

    Attributes:
        stack: their full names, the innermost last.
        seen: while a layer is traced for the names in it: identity of a tensor -> the layer that made it, and the
            shapes of its inputs.
    """

    def __init__(self) -> None:
        self.stack: list[str] = []
        self.seen: dict[int, Any] | None = None


NAMES = Names()
opened = Opened()


def current() -> str:
    """Return the scope that names are made in now, without a slash at its end."""
    if opened.stack:
        return opened.stack[-1]
    outer = tf.get_current_name_scope() if tf.executing_eagerly() else ""
    for own in [path() for path in NAMES.own] if outer else ():
        if own and f"/{outer}".endswith(f"/{own}"):
            outer = outer[: -len(own)].rstrip("/")
    return outer


def unique(name: str, scope: str | None = None) -> str:
    """Return a name of its own in a scope, the one that is open by default."""
    scope = current() if scope is None else scope
    return NAMES.unique(f"{scope}/{name}" if scope else name)


@contextlib.contextmanager
def scope(name: str) -> Iterator[str]:
    """Open a scope, whose name is made unique."""
    with inside(unique(name)) as full:
        yield full


class NoOperationError(AttributeError, TypeError):
    """The answer to a library: hasattr finds none, and TensorFlow asks its dispatcher, as at Keras's own TypeError."""


def operation(name: Callable[[], str], frame: Any, kind: str | None = None) -> Operation:
    """Return what ``op`` is for a script; libraries look whether it is there, and find none as before.

    Args:
        name: gives that of the tensor.
        frame: of who reads the attribute.
    """
    if asked_by_library(frame):
        raise NoOperationError("a symbolic tensor or variable has no op")
    return Operation(name(), kind)


def input_name(layer: Any) -> str:
    """Return the name of an input layer's tensor; K.placeholder names those without a name by a number."""
    return f"{unique('Placeholder' if layer.name.startswith('placeholder_') else layer.name)}:0"


@contextlib.contextmanager
def variable(name: str | None) -> Iterator[str]:
    """The name to give a TensorFlow variable made inside, so that it is called as in TensorFlow 1."""
    full = unique(name or "Variable")
    before, _, last = full.rpartition("/")
    with tf.name_scope(f"{before}/" if before else ""):
        yield last


@contextlib.contextmanager
def inside(full: str) -> Iterator[str]:
    """Open a scope by its full name."""
    opened.stack.append(full)
    try:
        yield full
    finally:
        opened.stack.pop()


@contextlib.contextmanager
def of_call(layer: Any, is_model: bool, symbolic: bool) -> Iterator[str | None]:
    """Open the scope of a layer's call, where there was one: when it is called on symbolic tensors, or built.

    A model of a script's own class that is built for its training had none.
    """
    building = not layer.built and (bool(opened.stack) or tf.executing_eagerly() or not is_model)
    if symbolic or building:
        built_in = vars(layer).pop(attributes.BUILT_IN, None)
        with inside(built_in) if built_in else scope(layer.name) as full:
            yield full
    else:
        yield None


def asked_by_library(frame: Any) -> bool:
    """Return whether a name is asked for by Keras, TensorFlow or k2compat, and not by a script."""
    package = package_of(frame)
    return package in LIBRARIES or package in NEWER


def caller() -> Any:
    """Return the frame that reads the attribute whose getter calls this."""
    return sys._getframe(2)


class Operation:
    """What ``tensor.op`` and ``variable.op`` are read for: a name and a type.

    Attributes:
        name: that of the tensor, without the number of the output.
        type: the kind of operation.
    """

    def __init__(self, tensor: str, kind: str | None = None):
        self.name = tensor.partition(":")[0]
        last = self.name.rpartition("/")[2]
        bare = last.rstrip("0123456789").rstrip("_") or last
        self.type = kind or TYPES.get(bare, bare)

    def __repr__(self) -> str:
        return f"<Operation {self.name!r} type={self.type}>"
