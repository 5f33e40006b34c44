"""The repair of a program's own subclasses of Keras 3's layers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from k2compat.repair.table import Repair

SPEC = "compute_output_spec"
OWN = ("call", "compute_output_shape")


def repairs() -> list[Repair]:
    """Return the repair."""
    return [
        Repair(
            "subclass_outputs",
            "A subclass of Embedding, Flatten, Reshape and others decides about its outputs with call and "
            "compute_output_shape, several outputs too; Keras 3 takes what the layer itself would give.",
            [(kind, SPEC, as_written(kind, getattr(kind, SPEC))) for kind in kinds()],
        )
    ]


def kinds() -> list[type]:
    """Return the classes of layers of Keras that describe their outputs without a look at ``call``."""
    layers = [value for value in vars(keras.layers).values() if isinstance(value, type)]
    found = {base for kind in layers for base in kind.__mro__ if issubclass(base, keras.Layer) and SPEC in vars(base)}
    return sorted(found - {keras.Layer}, key=lambda kind: kind.__name__)


def as_written(kind: type, original: Callable[..., Any]) -> Callable[..., Any]:
    """``compute_output_spec`` of a kind of layer, which asks the methods that a program's subclass has."""

    @functools.wraps(original)
    def compute_output_spec(self: Any, *args: Any, **kwargs: Any) -> Any:
        if is_overridden(type(self), kind):
            return keras.Layer.compute_output_spec(self, *args, **kwargs)
        return original(self, *args, **kwargs)

    return compute_output_spec


def is_overridden(own: type, kind: type) -> bool:
    """Return whether a program's classes below a kind of layer compute something else."""
    below = own.__mro__[: own.__mro__.index(kind)]
    return any(name in vars(base) for base in below if not base.__module__.startswith("keras.") for name in OWN)
