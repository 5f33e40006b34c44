"""A process that works on files, one after the other: it may die of one, and ends when its parent is gone."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, NoReturn

from k2compat.migrate.files.migrate_file import Outcome, Settings, one_file, write

# Not `-m`, which would look for the standard library in the current folder.
START = "import sys; sys.path[:] = sys.argv[1:]; from k2compat.migrate.files.worker import serve; serve()"
HOME = str(Path(__file__).parents[3])  # of k2compat itself, wherever it was found
GRACE = 5  # seconds


class Worker:
    """A worker, from its parent's side.

    Args:
        settings: what it does to each file.
    """

    def __init__(self, settings: Settings):
        command = [sys.executable, "-c", START, *sys.path, HOME]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._settings: Settings | None = settings

    def work_on(self, path: Path) -> Outcome:
        """Return what became of a file; that the process died of it, where it did."""
        given, answers = self._process.stdin, self._process.stdout
        assert given is not None and answers is not None
        try:
            for sent in (self._settings, path) if self._settings is not None else (path,):
                pickle.dump(sent, given)
            self._settings = None
            given.flush()
            outcome: Outcome = pickle.load(answers)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):  # ValueError: `end` was called meanwhile
            return Outcome(path, problems=[f"the process that worked on it {_ended(self.wait())}"])
        return outcome

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """Let the process end, once it has written what it is writing."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended before
            self._process.stdin.close()

    def wait(self) -> int:
        """Wait for the end of the process, which should be near, and return its exit code."""
        self.end()
        try:
            code = self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


def _ended(code: int) -> str:
    """Return how a process ended."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def serve() -> NoReturn:
    """Work on the files whose paths come in, until no more can come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what prints, prints to stderr
    given = sys.stdin.buffer
    settings: Settings = pickle.load(given)
    paths: queue.SimpleQueue[Path] = queue.SimpleQueue()
    finishing = threading.Lock()
    threading.Thread(target=_receive, args=(given, paths, finishing), daemon=True).start()
    while True:
        outcome = one_file(paths.get(), settings)
        with finishing:
            write(outcome)
            pickle.dump(outcome, answers)
            answers.flush()


def _receive(given: IO[bytes], paths: queue.SimpleQueue[Any], finishing: threading.Lock) -> None:
    """Hand on what comes in; end the process when nothing more can come, but not while it writes a file."""
    try:
        while True:
            paths.put(pickle.load(given))
    except (EOFError, OSError, pickle.UnpicklingError):
        finishing.acquire()
        os._exit(0)
