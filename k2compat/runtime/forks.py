"""Whether this process was forked from one that had computed: it lacks the threads that TensorFlow computes with."""

from __future__ import annotations

import os
import warnings

from k2compat.errors import K2RuntimeError, three_parts
from k2compat.tensorflow_internals import is_initialized


class _State:
    has_computed = False
    is_fork = False
    lacks_threads = False


def mark() -> None:
    """Note that this process computes."""
    _State.has_computed = True


def check() -> None:
    """Refuse to compute where that would wait for ever, and warn where it may.

    Raises:
        RuntimeError: this process was forked from one that had called a compiled function.
    """
    if _State.is_fork:
        _refuse_or_warn()


def _refuse_or_warn() -> None:
    if _State.lacks_threads:
        raise K2RuntimeError(
            three_parts(
                "a call of K.function in a process that was forked after its parent had called a compiled function",
                "a process with the threads TensorFlow computes with, which a fork does not have: it would wait for "
                "ever, as in Keras 2.",
                "start processes with multiprocessing.get_context('spawn'), or fork before the first call.",
            )
        )
    _State.is_fork = False
    warnings.warn(
        "K.function is called in a process that was forked after its parent had used TensorFlow: all but small "
        "functions may wait for ever, whatever their tier, as the threads TensorFlow computes with are not in a fork. "
        "Start processes with multiprocessing.get_context('spawn'), or make models and variables in them alone.",
        RuntimeWarning,
        stacklevel=4,
    )


def _forked() -> None:
    _State.is_fork = _State.has_computed or is_initialized()
    _State.lacks_threads = _State.has_computed


if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_forked)
