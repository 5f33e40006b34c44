"""Recurrent cells of a program's own, and the constants that each step is given, for the RNN of either Keras."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

REASON = (
    "RNN(cell)(x, initial_state=states, constants=[c]) gives the constants to each call of the cell, and builds it "
    "with [shape of a step, *shapes of the constants]; a cell is any object with call(inputs, states) and state_size. "
)
SEQUENCES = (list, tuple)


def has_argument(function: Any, name: str) -> bool:
    """Return whether a function has an argument of a name, as Keras 2 looked at it."""
    return name in inspect.signature(function).parameters


def sizes(cell: Any) -> list[int]:
    """Return the sizes of the states of a cell; those of several cells are one flat list."""
    found = cell.state_size
    return [size for one in found for size in as_list(one)] if hasattr(found, "__len__") else [found]


def as_list(size: Any) -> list[int]:
    return list(size) if hasattr(size, "__len__") else [size]


def build_cell(cell: Any, step: Any, constants: Sequence[Any], layer: Any) -> None:
    """Build a cell that takes constants, or a stack in which some do.

    Args:
        cell: what has not been built yet.
        step: the shape of a step, (batch, ...).
        constants: the shapes of the constants.
        layer: the class of layers; cells that are none are not built.
    """
    if not isinstance(cell, layer):
        return
    cells = getattr(cell, "cells", None)
    for one in [cell] if cells is None else cells:
        if isinstance(one, layer) and not one.built:
            takes = cells is None or has_argument(one.call, "constants")
            one.build([step, *constants] if takes and constants else step)
            one.built = True
        step = (step[0], *as_list(output_size(one))[:1])
    cell.built = True


def output_size(cell: Any) -> Any:
    """Return the size of what a cell gives: of its first state, unless it says another one."""
    given = getattr(cell, "output_size", None)
    return as_list(cell.state_size)[0] if given is None else given
