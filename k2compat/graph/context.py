"""What runs in this thread: an evaluation of ours, a gradient tape of the user's."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from k2compat import attributes
from k2compat.tensorflow_internals import taped

__all__ = ["after", "evaluating", "evaluation", "preceding", "taped", "use"]


class _Local(threading.local):
    current: Any = None
    before: tuple[Any, ...] = ()


_local = _Local()


def evaluation() -> Any:
    """Return the innermost evaluation running in this thread, or None."""
    return _local.current


@contextmanager
def use(running: Any) -> Iterator[Any]:
    """Make an evaluation the current one of this thread for a while; what was before is restored whatever happens."""
    before = _local.current
    _local.current = running
    try:
        yield running
    finally:
        _local.current = before


def preceding() -> tuple[Any, ...]:
    """Return the symbolic tensors that have to be computed before whatever this thread records now."""
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
    """Return whether an evaluation runs in this thread."""
    return _local.current is not None


def hold(variable: Any, value: Any) -> Any:
    """Keep what a layer assigns to a variable while the evaluation of this thread goes on; the variable stays."""
    vars(_local.current).setdefault(attributes.HELD, {})[id(variable)] = value
    return value


def held(variable: Any) -> Any:
    """Return the value of a variable in the evaluation of this thread: what was last assigned there, or its own."""
    kept = vars(_local.current).get(attributes.HELD, {}) if _local.current is not None else {}
    return kept[id(variable)] if id(variable) in kept else variable.read_value()
