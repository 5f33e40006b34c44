"""The seeds of layers and initializers that are given none, for either Keras."""

from __future__ import annotations

import random
from types import ModuleType
from typing import Any

import numpy as np

from k2compat.repair.table import Repair


def seeds_repair(module: Any, name: str) -> Repair:
    """Return the repair.

    Args:
        module: the module of a Keras that draws seeds.
        name: what it calls Python's generator.
    """
    return Repair(
        "seeds_from_numpy",
        "np.random.seed(7) decided what weights and dropout draw where no seed is given; Keras takes these seeds from "
        "Python's generator now, and the numbers that a program draws there after making a model are other ones.",
        [(module, name, FromNumPy(name))],
    )


class FromNumPy(ModuleType):
    """Python's module ``random``, whose ``randint`` draws from NumPy's generator."""

    @staticmethod
    def randint(low: int, high: int) -> int:
        """Return an integer between two, both included."""
        return int(np.random.randint(low, high))

    def __getattr__(self, name: str) -> Any:
        return getattr(random, name)
