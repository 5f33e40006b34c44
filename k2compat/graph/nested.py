"""Walks the arguments of a recorded call: lists, tuples, dicts and slices, and the leaves in them."""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

NESTED = (list, tuple, dict, slice)


def leaves(*trees: Any) -> list[Any]:
    """Return all leaves of nested arguments, in order, without recursion.

    Args:
        *trees: any mixture of lists, tuples, dicts, slices and leaves.

    Returns:
        The leaves, left to right.
    """
    found: list[Any] = []
    stack = list(reversed(trees))
    while stack:
        tree = stack.pop()
        if not isinstance(tree, NESTED):
            found.append(tree)
        elif isinstance(tree, dict):
            stack.extend(reversed(list(tree.values())))
        elif isinstance(tree, slice):
            stack.extend((tree.step, tree.stop, tree.start))
        else:
            stack.extend(reversed(tree))
    return found


def rebuild(tree: Any, replace: Callable[[Any], Any]) -> Any:
    """Return a copy of nested arguments with every leaf replaced.

    The depth of the nesting is that of the caller's own brackets, so recursion is bounded by them.

    Args:
        tree: lists, tuples (named ones too), dicts, slices and leaves.
        replace: maps a leaf to what stands for it.

    Returns:
        The same nesting with the replaced leaves.
    """
    if not isinstance(tree, NESTED):
        return replace(tree)
    if isinstance(tree, dict):
        return {key: rebuild(value, replace) for key, value in tree.items()}
    if isinstance(tree, slice):
        return slice(*(rebuild(part, replace) for part in (tree.start, tree.stop, tree.step)))
    parts = [rebuild(part, replace) for part in tree]
    if isinstance(tree, list):
        return parts
    if hasattr(tree, "_fields"):
        return type(tree)(*parts)
    return tuple(parts)


def rebuild_numbered(tree: Any, replace: Callable[[int, Any], Any]) -> Any:
    """Return the same with the number of each leaf: its position in what ``leaves`` gives."""
    numbers_of_leaves = itertools.count()
    return rebuild(tree, lambda leaf: replace(next(numbers_of_leaves), leaf))


def plain_index(part: Any) -> Any:
    """Return a Python integer for a NumPy one, be it a scalar or an array without axes; other parts as they are."""
    if isinstance(part, np.ndarray) and part.ndim == 0 and part.dtype.kind in "iu":
        return int(part)
    return int(part) if isinstance(part, numbers.Integral) and not isinstance(part, (bool, int)) else part
