"""What runs in this thread: an evaluation of ours, a gradient tape of the user's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
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


def evaluating() -> bool:
    """Whether an evaluation runs in this thread."""
    return _local.current is not None
