"""Who asks: the package in which the calling code stands."""

from __future__ import annotations

from typing import Any

# Where arithmetic with a layer's weight wants a value at once; tensorboard has the functions of tf.summary.
LIBRARIES = {"keras", "tf_keras", "tensorflow", "tensorboard", "k2compat"}
# The modules of the repairs of TensorFlow's functions.
AROUND_TENSORFLOW = "k2compat.repair.tensorflow"


def package_of(frame: Any) -> str:
    """Return the package a frame runs in."""
    return frame.f_globals.get("__name__", "").partition(".")[0]


def is_program(frame: Any) -> bool:
    """Return whether a frame runs for a program, not for a library; our own frames ask for those that called them."""
    while frame is not None and package_of(frame) == "k2compat":
        frame = frame.f_back
    return frame is None or package_of(frame) not in LIBRARIES


def caller(frame: Any) -> Any:
    """Return the frame that called TensorFlow or k2compat, itself if it is in neither."""
    while frame is not None and package_of(frame) in ("k2compat", "tensorflow"):
        frame = frame.f_back
    return frame


def caller_of_tensorflow(frame: Any) -> Any:
    """Return the frame that called TensorFlow, or what a repair has put in the place of a function of it; itself if it
    is neither.
    """
    while frame is not None and is_of_tensorflow(frame):
        frame = frame.f_back
    return frame


def is_of_tensorflow(frame: Any) -> bool:
    """Return whether a frame runs in TensorFlow, or in what stands for a function of it."""
    return package_of(frame) == "tensorflow" or frame.f_globals.get("__name__", "").startswith(AROUND_TENSORFLOW)
