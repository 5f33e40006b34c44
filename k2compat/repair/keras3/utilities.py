"""The repair of a function in ``keras.utils`` of Keras 3."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from keras.src.utils import numerical_utils

from k2compat.repair.keras3.namespaces import namespaces
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair."""
    original = numerical_utils.to_categorical
    return [
        Repair(
            "to_categorical",
            "to_categorical(y, num_classes, dtype) gave float32, or the type that was asked for; Keras 3 gives float64 "
            "and takes no type.",
            [(place, "to_categorical", with_dtype(original)) for place in [numerical_utils, *namespaces("utils")]],
        )
    ]


def with_dtype(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``to_categorical`` that takes the type of its result, and ``y`` for the labels."""

    @functools.wraps(original)
    def to_categorical(y: Any = None, num_classes: int | None = None, dtype: Any = "float32", **kwargs: Any) -> Any:
        found = original(kwargs.pop("x", y), num_classes, **kwargs)
        return found.astype(dtype) if isinstance(found, np.ndarray) else found

    return to_categorical
