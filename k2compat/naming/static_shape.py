"""The static shapes of tensors."""

from __future__ import annotations

from typing import Any


def shape_of(tensors: Any) -> Any:
    """Static shape as a tuple, a list of them for several tensors."""
    return [shape_of(tensor) for tensor in tensors] if isinstance(tensors, (list, tuple)) else tuple(tensors.shape)
