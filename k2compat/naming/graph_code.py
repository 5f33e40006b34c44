"""Whether code was written for graph mode: what only TensorFlow 1 or standalone Keras had, by the file it stands in."""

from __future__ import annotations

import functools
import linecache
import re
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from k2compat.naming.callers import LIBRARIES, package_of

# Keras by its own name, which is not that in TensorFlow.
KERAS = re.compile(r"^\s*(?:from|import)\s+keras\b", re.MULTILINE)
# That in TensorFlow.
IN_TENSORFLOW = re.compile(
    r"^\s*(?:from|import)\s+tensorflow(?:\.python)?\.keras\b|^\s*from\s+tensorflow\s+import\s[^#\n]*\bkeras\b|"
    r"\b(?:tf|tensorflow)\.keras\b",
    re.MULTILINE,
)
# What only a graph and its sessions had.
TENSORFLOW1 = re.compile(
    r"\b(?:tf|tensorflow)\.(?:compat\.v1\.)?(?:placeholder|(?:Interactive)?Session|ConfigProto|get_variable|assign|"
    r"assign_add|assign_sub|scatter_update|scatter_add|scatter_sub|(?:global_|local_)?variables_initializer|"
    r"initialize_all_variables|initialize_variables|trainable_variables|global_variables|disable_eager_execution|"
    r"disable_v2_behavior)\s*\(|\btensorflow\.compat\.v1\b"
)
# What is only there where operations run at once.
EAGER = re.compile(r"\bGradientTape\b|\btf\.function\b|\benable_eager_execution\b")


def is_graph_code(frame: FrameType | None) -> bool:
    """Return whether the code of a frame is a program's, and written for graph mode."""
    if frame is None or package_of(frame) in LIBRARIES:
        return False
    return shows_graph_mode(tuple(sources(frame)))


def sources(frame: FrameType) -> Iterator[str]:
    """Yield the source of a frame's file; in a notebook that of its cells."""
    cells = frame.f_globals.get("In")
    yield from map(str, cells if isinstance(cells, list) else ())
    yield source(frame.f_code.co_filename, frame.f_globals)


@functools.lru_cache(maxsize=64)
def shows_graph_mode(texts: tuple[str, ...]) -> bool:
    """Return whether source code is for graph mode, by the names in it."""
    if any(map(EAGER.search, texts)):
        return False
    return any(KERAS.search(text) or TENSORFLOW1.search(text) for text in texts)


def is_for_tensorflows_keras(kind: type) -> bool:
    """Return whether a class stands in a file that knows Keras as a part of TensorFlow alone."""
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return file is not None and shows_tensorflows_keras((source(file),)) is True


def runs_for_tensorflows_keras(frame: FrameType | None) -> bool:
    """Return whether the code that runs in a frame knows Keras as a part of TensorFlow alone.

    Of code that names no Keras, as a function that is given its layers, whoever called it decides.
    """
    while frame is not None:
        if package_of(frame) not in LIBRARIES:
            shown = shows_tensorflows_keras(tuple(sources(frame)))
            if shown is not None:
                return shown
        frame = frame.f_back
    return False


def source(file: str, names: dict[str, Any] | None = None) -> str:
    """Return the source of a file, "" if there is none."""
    return "".join(linecache.getlines(file, names))


@functools.lru_cache(maxsize=256)
def shows_tensorflows_keras(texts: tuple[str, ...]) -> bool | None:
    """Return whether source code imports Keras from TensorFlow and not by its own name; None if it imports neither."""
    if any(map(KERAS.search, texts)):
        return False
    return True if any(map(IN_TENSORFLOW.search, texts)) else None
