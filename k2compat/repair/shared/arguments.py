"""The arguments that layers are made with, for either Keras."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

NUMPY_INTEGERS = "Dense(np.max(labels) + 1) takes the integer of NumPy for a number; "


def with_python_numbers(original: Callable[..., Any]) -> Callable[..., Any]:
    """A layer's ``__init__`` that takes the integers of NumPy, in tuples too."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *map(as_python, args), **{name: as_python(value) for name, value in kwargs.items()})

    vars(__init__)["__signature__"] = inspect.signature(original)  # Keras reads it
    return __init__


def as_python(value: Any) -> Any:
    """A value with Python's integers in the place of NumPy's."""
    if isinstance(value, np.integer):
        return int(value)
    if type(value) in (tuple, list) and any(isinstance(item, np.integer) for item in value):
        return type(value)(map(as_python, value))
    return value
