"""Temporary files and folders that do not stay: what a killed process has left is removed by a later one.

Each is locked while its process lives, and a lock ends with the process, however that ends. Where there are no such
locks (Windows), nothing is taken for abandoned.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK = "in-use"
RANDOM = r"[a-z0-9_]{8}"  # as tempfile names files


def new_file(folder: Path, prefix: str, suffix: str) -> tuple[IO[bytes], str]:
    """Return a new file and its random name; it counts as abandoned once it is closed and still there."""
    while True:
        handle, name = tempfile.mkstemp(suffix, prefix, folder)
        _lock(handle, wait=True)
        # Another process may have taken it for abandoned, before it was locked.
        if os.path.exists(name):
            return os.fdopen(handle, "wb"), name
        os.close(handle)


def remove_abandoned_files(folder: Path, prefix: str, suffix: str) -> None:
    """Remove files that ``new_file`` made, if their processes are gone; ``prefix`` is a regular expression here."""
    pattern = re.compile(prefix + RANDOM + re.escape(suffix))
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            if pattern.fullmatch(path.name):
                with _taken(path) as is_ours:
                    if is_ours:
                        path.unlink(missing_ok=True)


def new_folder(prefix: str) -> Path:
    """Return a new folder for as long as this process lives; remove those of its kind whose processes are gone."""
    _remove_abandoned_folders(prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    lock, name = new_file(folder, LOCK, "")
    os.rename(name, folder / LOCK)
    _locks[folder] = lock, os.getpid()
    return folder


def remove_folder(folder: Path) -> None:
    """Remove a folder that ``new_folder`` made, unless it was another process of which this one is a fork."""
    lock, process = _locks.pop(folder)
    if process == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


_locks: dict[Path, tuple[IO[bytes], int]] = {}


@atexit.register
def _remove_folders() -> None:
    for folder in list(_locks):
        remove_folder(folder)


def _remove_abandoned_folders(prefix: str) -> None:
    pattern = re.compile(re.escape(prefix) + RANDOM)
    for path in sorted(Path(tempfile.gettempdir()).iterdir()):
        if pattern.fullmatch(path.name) and _is_own_folder(path):
            with _taken(path / LOCK) as is_ours:
                if is_ours:
                    shutil.rmtree(path, ignore_errors=True)


def _is_own_folder(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == getattr(os, "getuid", lambda: found.st_uid)()


@contextlib.contextmanager
def _taken(path: Path) -> Iterator[bool]:
    """Say whether a file is there that no process has locked, which is locked meanwhile."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags)
    except OSError:
        yield False
        return
    try:
        yield stat.S_ISREG(os.fstat(handle).st_mode) and _lock(handle)
    finally:
        os.close(handle)


def _lock(handle: int, wait: bool = False) -> bool:
    """Lock an open file; return whether that is possible, and no other process has."""
    if fcntl is None:
        return False
    how: Any = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
    try:
        fcntl.flock(handle, how)
    except OSError:
        return False
    return True
