"""The evaluation that runs in this thread, if one does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


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
