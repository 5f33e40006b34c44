"""The progress bar of ``f.map``: how far it is, the rate and the remaining time, on stderr."""

from __future__ import annotations

import time
from typing import Any

EVERY = 0.1  # seconds between two drawings; there is no thread that draws


class Bar:
    """A progress bar, as context manager.

    Args:
        wanted: whether to draw it; None for only on a terminal. In a file there is only its last state.
        total: how many items there are, None where that is not known.
    """

    def __init__(self, wanted: bool | None, total: int | None):
        self._wanted, self._total = wanted, total
        self._drawn: Any = None
        self._task: Any = None
        self._start = self._next = 0.0

    def __enter__(self) -> Bar:
        if self._wanted is False:
            return self
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        console = Console(stderr=True)
        if self._wanted or console.is_terminal:
            rate = TextColumn("{task.fields[rate]}")
            columns = (BarColumn(), MofNCompleteColumn(), rate, TimeElapsedColumn(), TimeRemainingColumn())
            # What the program prints is left to it.
            self._drawn = Progress(
                *columns, console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
            )
            self._drawn.start()
            self._task = self._drawn.add_task("", total=self._total, rate="")
            self._start = time.perf_counter()
        return self

    def __exit__(self, *_: Any) -> None:
        if self._drawn is not None:
            self._drawn.stop()

    def show(self, done: int) -> None:
        """Move it to a number of items."""
        if self._drawn is None:
            return
        now = time.perf_counter()
        rate = done / max(now - self._start, 1e-9)
        self._drawn.update(self._task, completed=done, rate=f"{rate:.1f}/s")
        if now >= self._next:
            self._drawn.refresh()
            self._next = now + EVERY
