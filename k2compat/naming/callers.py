"""Who asks: the package in which the calling code stands."""

from __future__ import annotations

from typing import Any

# Where arithmetic with a layer's weight wants a value at once.
LIBRARIES = {"keras", "tf_keras", "tensorflow", "k2compat"}


def package_of(frame: Any) -> str:
    """Return the package a frame runs in."""
    return frame.f_globals.get("__name__", "").partition(".")[0]


def is_program(frame: Any) -> bool:
    """Return whether a frame runs for a program, not for a library; our own frames ask for those that called them."""
    while frame is not None and package_of(frame) == "k2compat":
        frame = frame.f_back
    return frame is None or package_of(frame) not in LIBRARIES
