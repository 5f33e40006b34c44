"""``keras.engine.base_layer``, ``keras.initializers`` and ``keras.optimizers``: helpers that programs took."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from k2compat.legacy.generic_utils import to_list, unpack_singleton
from k2compat.ops.control_flow import switch
from k2compat.ops.math import greater_equal
from k2compat.ops.variables import int_shape


def _to_snake_case(name: str) -> str:
    """Return the name of a class as a layer of it is called."""
    found = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    found = re.sub("([a-z])([A-Z])", r"\1_\2", found).lower()
    return f"private{found}" if found[0] == "_" else found


def _collect_input_shape(input_tensors: Any) -> Any:
    """Return the shape of a tensor, or of each in a list."""
    return unpack_singleton([int_shape(tensor) for tensor in to_list(input_tensors)])


def _compute_fans(shape: Any, data_format: str = "channels_last") -> tuple[Any, Any]:
    """Return how many units go into a weight and out of it.

    Raises:
        ValueError: there is no such data format.
    """
    if len(shape) == 2:
        return shape[0], shape[1]
    if len(shape) not in (3, 4, 5):
        return np.sqrt(np.prod(shape)), np.sqrt(np.prod(shape))
    if data_format == "channels_first":
        return shape[1] * np.prod(shape[2:]), shape[0] * np.prod(shape[2:])
    if data_format == "channels_last":
        return shape[-2] * np.prod(shape[:-2]), shape[-1] * np.prod(shape[:-2])
    raise ValueError(f"Invalid data_format: {data_format}")


def clip_norm(g: Any, c: float, n: Any) -> Any:
    """Return a gradient whose norm ``n`` is at most ``c``."""
    return g if c <= 0 else switch(greater_equal(n, c), g * c / n, g)
