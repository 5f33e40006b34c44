"""Many files, over all cores."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from k2compat.migrate.files.encoding import Unusable, decoded, read_file
from k2compat.migrate.files.migrate_file import Outcome, Settings, one_file, write
from k2compat.migrate.files.worker import Worker
from k2compat.migrate.syntax.why_not import why_not_python

# Below these, starting processes takes longer than the work.
FEWEST_FILES = 8
FEWEST_BYTES = 200_000


def migrate_files(paths: Sequence[Path], settings: Settings, processes: int | None = None) -> Iterator[Outcome]:
    """Migrate files; yield each outcome as it is ready, in any order.

    Args:
        paths: the files.
        settings: what is done to each.
        processes: how many at most; by default as many as there are cores.
    """
    here, elsewhere = _shared_out(paths, settings, processes or _cores())
    if elsewhere:
        yield from _in_processes(elsewhere, settings, min(processes or _cores(), len(elsewhere)))
    for path in here:
        yield write(one_file(path, settings))


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _shared_out(paths: Sequence[Path], settings: Settings, processes: int) -> tuple[list[Path], list[Path]]:
    """Return the files to work on here, and those for other processes, the largest first.

    In this process it is only files that cannot end it.
    """
    content = {path: _content(path, settings) for path in paths}
    heavy = sorted((path for path in paths if content[path]), key=lambda path: -len(content[path]))
    size = sum(map(len, content.values()))
    if processes < 2 or len(heavy) < FEWEST_FILES or size < FEWEST_BYTES:
        heavy = [path for path in heavy if _may_crash(path, content[path])]
    elsewhere = set(heavy)
    return [path for path in paths if path not in elsewhere], heavy


def _content(path: Path, settings: Settings) -> bytes:
    """Return the content of a file that is to be parsed."""
    try:
        data = read_file(path)
    except (OSError, Unusable):
        return b""
    return data if settings.mention.search(data) else b""


def _may_crash(path: Path, data: bytes) -> bool:
    """Return whether libcst may crash on a file: only where Python itself cannot parse it."""
    try:
        text = decoded(data).text
    except Unusable:
        return False
    return path.suffix != ".ipynb" and why_not_python(text) is not None


def _in_processes(paths: Sequence[Path], settings: Settings, processes: int) -> Iterator[Outcome]:
    waiting: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    for path in paths:
        waiting.put(path)
    threads = [_Thread(waiting, done, settings) for _ in range(processes)]
    for thread in threads:
        thread.start()
    try:
        for _ in paths:
            yield done.get()
    finally:
        with contextlib.suppress(queue.Empty):
            while True:
                waiting.get_nowait()
        for thread in threads:
            waiting.put(None)
            thread.end()
        for thread in threads:
            thread.join()


class _Thread(threading.Thread):
    """Has a worker work on files, and another one if that dies.

    Args:
        waiting: the files, and None at the end.
        done: where outcomes go.
        settings: what is done to each file.
    """

    def __init__(
        self, waiting: queue.SimpleQueue[Path | None], done: queue.SimpleQueue[Outcome], settings: Settings
    ) -> None:
        super().__init__(daemon=True)
        self._waiting, self._done, self._settings = waiting, done, settings
        self._worker: Worker | None = None
        self._lock = threading.Lock()
        self._is_over = False

    def run(self) -> None:
        while (path := self._waiting.get()) is not None and (worker := self._ready()) is not None:
            self._done.put(worker.work_on(path))
        if self._worker is not None:
            self._worker.wait()

    def _ready(self) -> Worker | None:
        """Return a worker that is alive; None if no more is to be done."""
        with self._lock:
            if not self._is_over and (self._worker is None or not self._worker.is_alive):
                self._worker = Worker(self._settings)
            return None if self._is_over else self._worker

    def end(self) -> None:
        """Let the worker end, and start no other."""
        with self._lock:
            self._is_over = True
            if self._worker is not None:
                self._worker.end()
