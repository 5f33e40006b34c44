"""The numbers in names that are given by default: dense_1 in Keras 2, dense in the Keras of TensorFlow."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from typing import Any

from k2compat.naming.default_names import snake_case
from k2compat.naming.graph_code import runs_for_tensorflows_keras

# Session -> {beginning of names: the last number given in it}, as Keras 2 and as the Keras of TensorFlow count.
given: weakref.WeakKeyDictionary[Any, tuple[dict[str, int], dict[str, int]]] = weakref.WeakKeyDictionary()


def numbered(kind: str, is_model: bool, count: Callable[[str], int], session: Any) -> str:
    """Return the next name of a class of layers, models or metrics.

    Each counted on its own. In one model of both, which there was not, no name is given twice.

    Args:
        kind: name of the class.
        is_model: whether it is one of models, in whose names Keras 2 put no underscores.
        count: gives how often it was called for a key, from 1.
        session: what a Keras makes again at ``clear_session``.
    """
    of_tensorflow = runs_for_tensorflows_keras(sys._getframe(1))
    prefix = kind.lower() if is_model and not of_tensorflow else snake_case(kind)
    last = given.setdefault(session, ({}, {}))
    while True:
        number = count(f"tensorflow.keras {kind}" if of_tensorflow else kind) - of_tensorflow
        if number == 0 or number > last[not of_tensorflow].get(prefix, 0):
            last[of_tensorflow][prefix] = number
            return with_number(prefix, number)


def with_number(prefix: str, number: int) -> str:
    """Return a name with its number; the one of number 0 has none."""
    return f"{prefix}_{number}" if number else prefix
