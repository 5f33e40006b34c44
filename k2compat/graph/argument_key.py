"""Functions and their arguments as parts of a key: what is equal does the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

# Functions of these packages depend on their arguments alone; one of the user's may close over symbolic tensors.
PACKAGES = {"k2compat", "tensorflow", "_operator", "operator"}
VALUES = (bool, int, float, complex, str, bytes, type(None), np.generic, tf.DType, tf.TensorShape)
LONGEST_ARRAY = 64


class Unknown(Exception):
    """Private signal: an argument whose influence on the result is not known."""


def is_pure(fn: Callable[..., Any]) -> bool:
    """Return whether a function depends on its arguments alone."""
    package = (getattr(fn, "__module__", None) or "").partition(".")[0]
    return package in PACKAGES and "<" not in getattr(fn, "__qualname__", "<")


def outline(tree: Any, names: Mapping[int, Any]) -> Any:
    """Arguments as part of a key: what has a name is its name, a number or text itself.

    The depth of the nesting is that of the caller's own brackets, so recursion is bounded by them.

    Raises:
        Unknown: there is something else among them.
    """
    if id(tree) in names:
        return names[id(tree)]
    kind = type(tree)
    if isinstance(tree, VALUES):
        return kind, repr(tree) if isinstance(tree, float) else tree  # not-a-number differs from itself
    if isinstance(tree, np.ndarray) and tree.size <= LONGEST_ARRAY and tree.dtype != object:
        return kind, tree.dtype.str, tree.shape, tree.tobytes()
    if isinstance(tree, (list, tuple)):
        return kind, *(outline(part, names) for part in tree)
    if isinstance(tree, dict):
        return kind, *((name, outline(part, names)) for name, part in tree.items())
    if isinstance(tree, slice):
        return kind, *(outline(part, names) for part in (tree.start, tree.stop, tree.step))
    if tree is Ellipsis:
        return kind
    raise Unknown
