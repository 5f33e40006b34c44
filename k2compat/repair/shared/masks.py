"""What becomes of masks in a layer, for the layers of either Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def without_mask(original: Callable[..., Any]) -> Callable[..., Any]:
    """``__call__`` of a layer that takes a mask only by hand, and passes on that of its input."""

    def __call__(self: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        mask = getattr(inputs, "_keras_mask", None)
        if mask is None or args or kwargs.get("mask") is not None:
            return original(self, inputs, *args, **kwargs)
        inputs._keras_mask = None
        try:
            outputs = original(self, inputs, **kwargs)
        finally:
            inputs._keras_mask = mask
        outputs._keras_mask = mask
        return outputs

    return __call__
