"""Inputs, targets and weights of samples in the structure in which a model takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from k2compat.training.rows import Rows, Unknown

# A structure is None, a number of a leaf, or a tuple or dict of structures.
Structure = Any


class Samples:
    """What a loop goes over.

    Args:
        structure: of the data of a step, with the number of an array in its place.
        key: the structure as something that hashes.
        rows: the arrays.

    Attributes:
        count: the number of samples.
        key: the structure and the dtypes.
    """

    __slots__ = ("_form", "count", "dtypes", "key", "rows", "structure")

    def __init__(self, structure: Structure, key: Any, rows: Sequence[Rows]):
        self.structure, self.rows, self._form = structure, rows, key
        self.dtypes = [one.dtype for one in rows]
        self.key = (key, *self.dtypes)
        self.count = int(rows[0].shape[0])

    def take(self, ids: np.ndarray) -> list[np.ndarray]:
        """Return the arrays of a batch by the numbers of its samples."""
        return [rows.take(ids) for rows in self.rows]

    def part(self, start: int, stop: int) -> list[np.ndarray]:
        """Return the arrays of a batch of neighbours."""
        return [rows.part(start, stop) for rows in self.rows]

    def cut(self, start: int, stop: int | None) -> Samples:
        """Return the samples between two numbers."""
        return Samples(self.structure, self._form, [rows.cut(start, stop) for rows in self.rows])


class Steps(Samples):
    """Samples that are all taken in each step: for models that have their data from tensors.

    Args:
        samples: what is fed in each step, None for nothing.
        count: the number of steps.
    """

    __slots__ = ("_all",)

    def __init__(self, samples: Samples | None, count: int):
        self._all = [] if samples is None else samples.part(0, samples.count)
        self.structure, self.rows = (None, []) if samples is None else (samples.structure, samples.rows)
        self.dtypes, self.key = ([], ()) if samples is None else (samples.dtypes, samples.key)
        self.count = count

    def take(self, ids: np.ndarray) -> list[np.ndarray]:
        return list(self._all)

    def part(self, start: int, stop: int) -> list[np.ndarray]:
        return list(self._all)


def flattened(given: Any, leaves: list[Any]) -> tuple[Structure, Any]:
    """Take a structure apart.

    Args:
        given: lists, tuples and dicts of anything; lists become tuples.
        leaves: gets what is in there, in order.

    Returns:
        The structure, and a key of it.

    Raises:
        Unknown: a structure of another class.
    """
    if given is None:
        return None, None
    kind = type(given)
    if kind is dict:
        parts = {name: flattened(part, leaves) for name, part in given.items()}
        structure = {name: part for name, (part, _) in parts.items()}
        return structure, ("dict", *((name, key) for name, (_, key) in parts.items()))
    if kind is list or kind is tuple:
        pairs = [flattened(part, leaves) for part in given]
        return tuple(part for part, _ in pairs), ("tuple", *(key for _, key in pairs))
    if isinstance(given, tuple) and hasattr(kind, "_fields"):
        pairs = [flattened(part, leaves) for part in given]
        return kind(*(part for part, _ in pairs)), (kind, *(key for _, key in pairs))
    if isinstance(given, (list, tuple, dict)):
        raise Unknown(f"data in a {kind.__name__}")
    leaves.append(given)
    return len(leaves) - 1, "leaf"


def packed(structure: Structure, leaves: Sequence[Any]) -> Any:
    """Put things in the places of a structure."""
    if structure is None:
        return None
    if isinstance(structure, dict):
        return {name: packed(part, leaves) for name, part in structure.items()}
    if isinstance(structure, tuple):
        parts = (packed(part, leaves) for part in structure)
        return type(structure)(*parts) if hasattr(structure, "_fields") else tuple(parts)
    return leaves[structure]


def mapped(function: Callable[[Any], Any], given: Any) -> Any:
    """Apply a function to everything in a structure that is not None."""
    leaves: list[Any] = []
    structure, _ = flattened(given, leaves)
    return packed(structure, [function(leaf) for leaf in leaves])
