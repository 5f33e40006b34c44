"""What the user sees of the demo: problems in one line, progress, and quiet libraries."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Problem(Exception):
    """Something the user can put right; the message is one line: what was found, and what to do."""


def one_line(error: BaseException, longest: int = 200) -> str:
    """Return the first line of an exception's message, cut if it is long."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    return text if len(text) <= longest else text[: longest - 3] + "..."


def load_tensorflow(screen: Console) -> None:
    """Import TensorFlow and the backend without their messages about CPUs and GPUs."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with screen.status("Loading TensorFlow ..."), stderr_aside():
        import tensorflow as tf

        import k2compat.backend  # noqa: F401

        tf.constant(0)  # the search for a GPU, and what it has to say


@contextlib.contextmanager
def stderr_aside() -> Iterator[None]:
    """Hold back what is written to stderr, by C++ code too, and show it only if the block fails."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except BaseException:
            sys.stderr.flush()
            os.dup2(kept, 2)
            aside.seek(0)
            sys.stderr.write(aside.read().decode(errors="replace"))
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)


@contextlib.contextmanager
def quiet_keras() -> Iterator[None]:
    """Drop the progress bars of Keras 3 for each ``model.predict``, and its warnings about uncompiled models."""
    from absl import logging as absl_logging

    before = absl_logging.get_verbosity()
    absl_logging.set_verbosity(absl_logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        absl_logging.set_verbosity(before)


def with_progress(screen: Console, title: str, work: Callable[[], None], done: Callable[[], int], total: int) -> None:
    """Do the work beside a progress bar.

    Args:
        screen: where the bar is drawn; nothing is drawn unless it is a terminal.
        title: stands before the bar.
        work: what to do.
        done: how much of it is done, called a few times a second.
        total: how much there is to do.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Standard output belongs to the work: its prints are not to be drawn above the bar.
    bar = Progress(
        *columns,
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    finished = threading.Event()
    with bar:
        task = bar.add_task(title, total=total)

        def watch() -> None:
            while not finished.wait(0.2):
                bar.update(task, completed=done())

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            work()
        finally:
            finished.set()
            watcher.join()
