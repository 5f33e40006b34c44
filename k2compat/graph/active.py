"""What runs in this thread: an evaluation of ours, a gradient tape of the user's."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

try:
    from tensorflow.python.eager.record import could_possibly_record as taped
except ImportError:  # private, and moved

    def taped() -> bool:
        """Whether a ``tf.GradientTape`` is recording; not known without TensorFlow's own answer."""
        return False


class _Local(threading.local):
    current: Any = None
    before: tuple[Any, ...] = ()


_local = _Local()


def evaluation() -> Any:
    """The innermost evaluation running in this thread, or None."""
    return _local.current


@contextmanager
def use(running: Any) -> Iterator[Any]:
    """Makes an evaluation the current one of this thread for a while; what was before is restored whatever happens."""
    before = _local.current
    _local.current = running
    try:
        yield running
    finally:
        _local.current = before


def preceding() -> tuple[Any, ...]:
    """The symbolic tensors that have to be computed before whatever this thread records now."""
    return _local.before


@contextmanager
def after(symbols: Iterable[Any]) -> Iterator[None]:
    """Calls recorded while it is open are computed after some symbolic tensors, used or not."""
    outside = _local.before
    _local.before = (*outside, *symbols)
    try:
        yield
    finally:
        _local.before = outside


def evaluating() -> bool:
    """Whether an evaluation runs in this thread."""
    return _local.current is not None
