"""Recurrent layers of several cells: their states are one flat list, as in Keras 2."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from k2compat.repair.table import Repair

NESTED = (list, tuple)


def stacked_repair(patches: Sequence[tuple[Any, str, Any]]) -> Repair:
    """Return the repair of what layers of several cells give and take."""
    return Repair(
        "stacked_states",
        "RNN([LSTMCell(3), GRUCell(3)], return_state=True) gives the output and three states, and takes three; now the "
        "states of each cell are a list of their own.",
        patches,
    )


def is_nested(layer: Any) -> bool:
    """Return whether a cell of a stack has several states."""
    sizes = layer.cell.state_size
    return hasattr(layer.cell, "cells") and any(isinstance(size, NESTED) for size in sizes)


def flat(found: Sequence[Any]) -> list[Any]:
    """Return the output and all states, or what there is for each."""
    output, *states = found
    return [output, *(state for part in states for state in ([part] if is_single(part) else part))]


def is_single(part: Any) -> bool:
    """Return whether something is about one state: a tensor, or a shape."""
    return not isinstance(part, NESTED) or all(size is None or isinstance(size, int) for size in part)


def flattened(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that gives something for the output and each state."""

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = original(self, *args, **kwargs)
        return type(found)(flat(found)) if self.return_state and is_nested(self) else found

    return method


def packed(layer: Any, states: Any) -> Any:
    """States in a flat list as the cells of a layer take them."""
    sizes = layer.cell.state_size
    if not isinstance(states, NESTED) or any(isinstance(state, NESTED) for state in states):
        return states
    counts = [len(size) if isinstance(size, NESTED) else 1 for size in sizes]
    if len(states) != sum(counts):
        return states
    rest = iter(states)
    return [[next(rest) for _ in size] if isinstance(size, NESTED) else next(rest) for size in sizes]
