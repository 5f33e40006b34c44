"""Repairs of Keras 3's initializers and regularizers."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import keras

from k2compat import attributes
from k2compat.repair.keras3.namespaces import namespaces
from k2compat.repair.shared.initializers import reuse_repair
from k2compat.repair.table import Repair
from k2compat.tables.old_names import ALIASES

random_initializers = keras.src.initializers.random_initializers
Random = random_initializers.RandomInitializer
# What a function of Keras 2 that is a class now took by default.
PENALTY = 0.01
AFTER = ("names",)  # which gives regularizers the names of Keras 1


def repairs() -> list[Repair]:
    """Repairs of what layers are given for their weights."""
    kinds = [
        kind
        for kind in vars(random_initializers).values()
        if inspect.isclass(kind) and issubclass(kind, Random) and "__call__" in vars(kind)
    ]
    functions = {"l1": l1, "l2": l2, "l1_l2": l1_l2}
    functions |= {old: functions[new] for old, new in ALIASES["regularizers"].items()}
    return [
        reuse_repair(kinds, called, [(Random, attributes.USED, advance)]),
        Repair(
            "l1_l2",
            'l1_l2() and the regularizer "l1_l2" had factors of 0.01 by default, now they have 0; and l1(l=0.1), '
            "l2(l=0.1) raise.",
            [
                *((place, name, made) for place in namespaces("regularizers") for name, made in functions.items()),
                *((place, "get", naming(place.get)) for place in (keras.src.regularizers, *namespaces("regularizers"))),
            ],
        ),
    ]


def called(initializer: Any) -> None:
    """An initializer with a seed of its own gives the same numbers when it is called again; for weights it does not."""
    if initializer._init_seed is None:
        advance(initializer)


def advance(initializer: Any) -> None:
    """Let an initializer give other numbers from now on."""
    if isinstance(initializer.seed, int):
        initializer.seed += 1


def naming(original: Callable[..., Any]) -> Callable[..., Any]:
    """``regularizers.get`` that knows Keras 2's functions, which are classes in Keras 3."""

    @functools.wraps(original)
    def get(identifier: Any) -> Any:
        if isinstance(identifier, str) and identifier == "l1_l2":
            return l1_l2()
        return original(identifier() if identifier in (l1, l2, l1_l2) else identifier)

    return get


def l1(l1: float = PENALTY, l: float | None = None) -> Any:  # noqa: E741
    """Return the penalty of the sum of absolute values."""
    return keras.regularizers.L1(l1 if l is None else l)


def l2(l2: float = PENALTY, l: float | None = None) -> Any:  # noqa: E741
    """Return the penalty of the sum of squares."""
    return keras.regularizers.L2(l2 if l is None else l)


def l1_l2(l1: float = PENALTY, l2: float = PENALTY) -> Any:
    """Both penalties."""
    return keras.regularizers.L1L2(l1=l1, l2=l2)
