"""A recording on disk: one JSON line for each thing that happened, and one file that all arrays are appended to.

Everything is written as it happens, so that a process that crashes or is killed loses nothing. Arrays are read where
they lie, block by block.
"""

from __future__ import annotations

import json
import os
import threading
from typing import Any, Iterator

import numpy as np

LINES, ARRAYS = "events.jsonl", "arrays.bin"


class Writer:
    """Appends to the recording in a folder.

    Args:
        folder: made if it is missing; what was recorded there before is overwritten.
    """

    def __init__(self, folder: str):
        os.makedirs(folder, exist_ok=True)
        self._lines = open(os.path.join(folder, LINES), "w", encoding="utf-8")  # noqa: SIM115
        self._arrays = open(os.path.join(folder, ARRAYS), "wb")  # noqa: SIM115
        self._lock = threading.RLock()

    def array(self, value: Any) -> dict[str, Any]:
        """Append an array.

        Returns:
            Where it lies and what it is, for a line.
        """
        array = plain(value)
        with self._lock:
            offset = self._arrays.tell()
            np.ascontiguousarray(array).tofile(self._arrays)
            self._arrays.flush()
        return {"dtype": named(value), "stored": array.dtype.str, "shape": list(array.shape), "offset": offset}

    def line(self, kind: str, **entry: Any) -> None:
        """Append one thing that happened."""
        with self._lock:
            self._lines.write(json.dumps(dict(entry, kind=kind)) + "\n")
            self._lines.flush()

    def close(self) -> None:
        with self._lock:
            self._lines.close()
            self._arrays.close()


def plain(value: Any) -> Any:
    """Return an array whose bytes mean the same to every NumPy: texts and extension types are converted."""
    array = np.asarray(value)
    if array.dtype.kind == "O":
        texts = [item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item) for item in array.ravel()]
        return np.asarray(texts, dtype=None if texts else "U1").reshape(array.shape)
    return array.astype("float32") if array.dtype.kind == "V" else array


def named(value: Any) -> str:
    """Return the name of a value's dtype; texts of any length are one."""
    dtype = np.asarray(value).dtype
    return "text" if dtype.kind in "OSU" else dtype.name


def lines(folder: str) -> Iterator[dict[str, Any]]:
    """Yield what happened, in order; a last line that was cut off is left out."""
    path = os.path.join(folder, LINES)
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


def read(folder: str, entry: dict[str, Any]) -> Any:
    """Return an array of a recording, mapped from the file, not loaded."""
    dtype, shape = np.dtype(entry["stored"]), tuple(entry["shape"])
    if not np.prod(shape, dtype="int64") or not dtype.itemsize:
        return np.zeros(shape, dtype)
    return np.memmap(os.path.join(folder, ARRAYS), dtype=dtype, mode="r", offset=entry["offset"], shape=shape or (1,))
