"""Recording inside a program: a context manager."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from k2compat.parity.recording import Recording
from k2compat.parity.worker import hooks
from k2compat.parity.worker.recorder import Recorder
from k2compat.temporary import new_folder


@contextmanager
def record(folder: str | Path | None = None) -> Iterator[Recording]:
    """Record every result that the block pulls out of the backend.

    What counts is that the call stands in the program's own code, not in an installed package; and that it goes through
    the module (``K.function``, not ``function`` imported before).

    Args:
        folder: where the recording is written; by default a temporary one, which goes with the process.

    Yields:
        The recording; it is filled when the block ends.
    """
    place = Path(folder) if folder else new_folder("k2compat-recording-")
    recorder = Recorder(str(place))
    installed = hooks.install(recorder)
    recording = Recording(place)
    error = None
    try:
        yield recording
    except BaseException:
        error = traceback.format_exc()
        raise
    finally:
        installed.undo()
        recorder.writer.line("end", error=error)
        recorder.writer.close()
        recording.__init__(place)  # type: ignore[misc]
