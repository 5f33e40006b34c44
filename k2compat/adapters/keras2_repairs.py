"""The repairs of Keras 2 as it is in TensorFlow 2: what old code uses that it took away or changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k2compat.adapters.keras2_package import keras
from k2compat.adapters.keras2_tensors import reading_repairs, tensor_repairs
from k2compat.adapters.keras2_weights import weight_repairs
from k2compat.adapters.repair import Repair


def state_repairs(engine: Any) -> list[Repair]:
    """Repairs of what layers do to their state."""
    layer = keras.layers.Layer

    def add_update(self: Any, updates: Any) -> None:
        if not engine.evaluating():
            original(self, updates)

    original: Callable[..., Any] = layer.add_update
    return [
        Repair(
            "layer_state",
            "Layers move their averages whenever they run in the training phase; in K functions only updates change "
            "state. Always applied.",
            [(layer, "add_update", add_update)],
            needed=True,
        )
    ]


def repairs(engine: Any) -> list[Repair]:
    """All repairs of Keras 2."""
    return [*tensor_repairs(engine), *reading_repairs(engine), *weight_repairs(engine), *state_repairs(engine)]
