"""Ends of a command from outside: a signal that asks for it is an exception, so that all is cleaned up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("SIGTERM", "SIGHUP")


class Ended(KeyboardInterrupt):
    """The process was asked to end; handled like Ctrl-C."""


@contextmanager
def as_exceptions() -> Iterator[list[int]]:
    """Raise ``Ended`` in the block when the process is asked to end.

    Yields:
        The numbers of the signals that came.
    """
    came: list[int] = []

    def end(number: int, frame: Any) -> None:
        came.append(number)
        if len(came) == 1:  # the second one would come while the first is handled
            raise Ended

    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    is_main = threading.current_thread() is threading.main_thread()
    # `nohup` lets a signal be ignored, and a program that has a handler keeps it.
    own = [number for number in numbers if is_main and signal.getsignal(number) is signal.SIG_DFL]
    for number in own:
        signal.signal(number, end)
    try:
        yield came
    finally:
        for number in own:
            signal.signal(number, signal.SIG_DFL)
