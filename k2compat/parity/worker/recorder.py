"""The recorder: knows which calls are the script's own, and writes down what they gave."""

from __future__ import annotations

import ast
import bisect
import functools
import linecache
import os
import sys
import sysconfig
import threading
from typing import Any, Callable, Iterator

import numpy as np

from k2compat.parity.worker.storage import Writer

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STANDARD = [sysconfig.get_paths()[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
LIBRARIES = tuple(os.path.join(os.path.realpath(path), "") for path in [*STANDARD, PACKAGE])
INSTALLED = {"site-packages", "dist-packages"}


class Recorder:
    """Writes down the results of calls that the script makes.

    Args:
        folder: where to.

    Attributes:
        writer: the recording.
        number: how many results there are so far.
        functions, trainings: how many functions the script has made, and how many trainings it began.
        trained: the models that the script trained, in order, each with the place of its first training.
    """

    def __init__(self, folder: str):
        self.writer = Writer(folder)
        self.number = self.functions = self.trainings = 0
        self.trained: list[tuple[Any, Any]] = []
        self._inside = threading.local()
        self._lock = threading.RLock()

    def recorded(
        self, what: str, call: Callable[..., Any], which: Any = None, loose: bool = False, trains: bool = False
    ) -> Any:
        """Wrap a function so that its results are recorded when the script calls it.

        Args:
            what: how the call is named.
            call: the function or method.
            which: a function of the call's first argument that says which of its kind it is.
            loose: whether the results are losses, which Keras gives as numbers of one or the other width.
            trains: whether the call trains the model that is its first argument.
        """

        @functools.wraps(call)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            place = self.place(sys._getframe(1))
            if place is None:
                return call(*args, **kwargs)
            if trains:
                self.trains(args[0], place)
            return self.call(place, what, which(args[0]) if which else None, loose, call, args, kwargs)

        return wrapper

    def trains(self, model: Any, place: Any) -> None:
        """Note that the script trains a model."""
        if not any(model is known for known, _ in self.trained):
            self.trained.append((model, place))

    def place(self, frame: Any) -> Any:
        """(file, line) of a frame whose call is to be recorded: one of the script, not within another such call."""
        return None if getattr(self._inside, "call", False) else place_of(frame)

    def call(self, place: Any, what: str, which: Any, loose: bool, function: Any, args: Any, kwargs: Any) -> Any:
        """Calls a function and records what it gives."""
        result = self.unseen(function, *args, **kwargs)
        found = [(name, as_loss(value) if loose else value) for name, value in leaves(result)]
        self.values(place, what, which, found)
        return result

    def unseen(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls a function; what it calls itself is not recorded."""
        self._inside.call = True
        try:
            return function(*args, **kwargs)
        finally:
            self._inside.call = False

    def values(self, place: Any, what: str, which: Any, found: Any) -> None:
        """Record a result: pairs of a name and an array."""
        with self._lock:
            self.result(place, what, which, [dict(self.writer.array(value), name=name) for name, value in found])

    def result(self, place: Any, what: str, which: Any, values: Any, **more: Any) -> None:
        """Write the line of one result; its number is the next one."""
        with self._lock:
            self.number += 1
            file, line = place
            entry = dict(more, number=self.number, file=file, line=line, what=what, which=which, values=values)
            self.writer.line("result", **entry)

    def note(self, text: str) -> None:
        """Write down something the user should know of this side."""
        self.writer.line("note", text=text)


def place_of(frame: Any) -> Any:
    """(file, line) of a frame of the script or of a module of its own, None for libraries."""
    file = frame.f_code.co_filename
    return (file, statement_at(file, frame.f_lineno)) if is_own(file) else None


def statement_at(file: str, line: int) -> int:
    """Return the first line of the statement a line is in: of a call over several lines, each Python names another
    one.
    """
    starts = statements(file)
    index = bisect.bisect_right(starts, line)
    return starts[index - 1] if index else line


@functools.lru_cache(maxsize=None)
def statements(file: str) -> Any:
    """Return the first lines of all statements of a file, in order."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return sorted({node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt)})


@functools.lru_cache(maxsize=None)
def is_own(file: str) -> bool:
    """Return whether a file of code is the user's: not of an installed package, the standard library or k2compat."""
    if file.startswith("<"):
        return False
    path = os.path.realpath(file)
    return not path.startswith(LIBRARIES) and INSTALLED.isdisjoint(path.split(os.sep))


def leaves(result: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the arrays in a nested structure, each with its path; None, as of an update that was run, is left out."""
    if result is None:
        return
    if type(result).__name__ == "IndexedSlicesValue":  # k2compat gives the dense array
        yield path, dense(result)
    elif isinstance(result, dict):
        for key in result:
            yield from leaves(result[key], f"{path}[{key!r}]")
    elif isinstance(result, (list, tuple)):
        for index, item in enumerate(result):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, result


def as_loss(value: Any) -> Any:
    """Return a loss as a 64-bit float, whichever width Keras gave it; what is no such number stays what it is."""
    array = np.asarray(value)
    return array.astype("float64") if array.dtype.kind == "f" else value


def dense(slices: Any) -> Any:
    """Return the array that indexed slices stand for."""
    array = np.zeros(tuple(slices.dense_shape), slices.values.dtype)
    np.add.at(array, slices.indices, slices.values)
    return array
