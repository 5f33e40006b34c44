"""Many files, over all cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from k2compat.migrate.one import Outcome, Settings, one_file

# Below these, starting processes takes longer than the work.
FEWEST_FILES = 8
FEWEST_BYTES = 200_000


def migrate_files(paths: Sequence[Path], settings: Settings, processes: int | None = None) -> Iterator[Outcome]:
    """Migrates files; each outcome as it is ready, in any order.

    Args:
        paths: the files.
        settings: what is done to each.
        processes: how many at most; by default as many as there are cores.
    """
    serial, parallel = _shared_out(paths, settings, processes or _cores())
    if parallel:
        yield from _in_processes(parallel, settings, min(processes or _cores(), len(parallel)))
    for path in serial:
        yield one_file(path, settings)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _shared_out(paths: Sequence[Path], settings: Settings, processes: int) -> tuple[list[Path], list[Path]]:
    """The files to work on here, and those for other processes, the largest first."""
    if processes < 2 or len(paths) < FEWEST_FILES:
        return list(paths), []
    sizes = {path: _work(path, settings) for path in paths}
    heavy = sorted((path for path in paths if sizes[path]), key=lambda path: -sizes[path])
    if len(heavy) < FEWEST_FILES or sum(sizes.values()) < FEWEST_BYTES:
        return list(paths), []
    return [path for path in paths if not sizes[path]], heavy


def _work(path: Path, settings: Settings) -> int:
    """How many bytes of a file are to be parsed."""
    try:
        data = path.read_bytes()
    except OSError:
        return 0
    return len(data) if settings.mention.search(data) else 0


def _end_with_the_parent() -> None:
    """Leaves Ctrl-C to the parent, which lets the files be finished that are being worked on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _in_processes(paths: Sequence[Path], settings: Settings, processes: int) -> Iterator[Outcome]:
    # Not forked: this process may have threads, which draw the progress.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_end_with_the_parent) as pool:
        futures = {pool.submit(one_file, path, settings): path for path in paths}
        try:
            for future in as_completed(futures):
                try:
                    yield future.result()
                except BrokenProcessPool:
                    yield Outcome(futures[future], problems=["the process that worked on it ended; run it again"])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
