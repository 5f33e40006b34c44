"""Which K functions a program really called, and from where: ``K2COMPAT_AUDIT=FILE`` in the environment asks for it.

A line of JSON is appended whenever the calls from one place have doubled, and at the end: what is in the file after a
crash is right but for the last calls, and many processes may write to one file.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

VARIABLE = "K2COMPAT_AUDIT"
# Packages whose own calls are no news.
PASSED_OVER = frozenset(["k2compat", "keras", "tensorflow", "tf_keras"])
GENERATED = "__autograph_generated_file"  # what TensorFlow made of a user's function


class Calls:
    """Counts calls by name and place, and appends them to a file.

    Args:
        file: where the lines go.
    """

    _run: str
    _counts: Counter[tuple[str, str, int]]

    def __init__(self, file: str):
        self._file = os.path.abspath(file)  # the program may change its folder
        self._lock = threading.Lock()
        self._begin()
        atexit.register(self.finish)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._run = f"{os.getpid()}-{time.time_ns()}"
        self._lock = threading.Lock()
        self._counts = Counter()

    def add(self, name: str, frame: FrameType | None) -> None:
        """Count a call that comes from a frame, or through it from the user's code."""
        while frame is not None and _is_passed_over(frame):
            frame = frame.f_back
        if frame is None:
            return
        place = (name, os.path.abspath(frame.f_code.co_filename), frame.f_lineno)
        with self._lock:
            self._counts[place] += 1
            if self._counts[place].bit_count() == 1:  # 1, 2, 4, 8, ...
                self._append([place])

    def finish(self) -> None:
        """Append the counts that are not in the file yet."""
        with self._lock:
            self._append([place for place, count in self._counts.items() if count.bit_count() != 1])

    def _append(self, places: list[tuple[str, str, int]]) -> None:
        if not self._file or not places:
            return
        lines = [
            json.dumps({"run": self._run, "name": name, "file": file, "line": line, "calls": self._counts[place]})
            for place in places
            for name, file, line in [place]
        ]
        try:
            with open(self._file, "a", encoding="utf-8") as stream:
                stream.write("".join(line + "\n" for line in lines))
        except OSError as problem:
            warnings.warn(f"{VARIABLE}={self._file}: {problem.strerror}; calls are not recorded", stacklevel=2)
            self._file = ""


def _is_passed_over(frame: FrameType) -> bool:
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return package in PASSED_OVER or GENERATED in frame.f_code.co_filename


def counted(names: Mapping[str, Callable[..., Any]], file: str) -> dict[str, Callable[..., Any]]:
    """Return the functions, each counting its calls in a file."""
    calls = Calls(file)

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            calls.add(name, sys._getframe(1))
            return function(*args, **kwargs)

        return call

    return {name: counting(name, function) for name, function in names.items()}
