"""The repairs of Keras 2 as it is in TensorFlow 2: what old code uses that it took away or changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k2compat.adapters.keras2 import KerasTensor, keras
from k2compat.adapters.repair import Repair


def tensor_repairs(engine: Any) -> list[Repair]:
    """Repairs of symbolic tensors."""

    def to_tensor(self: Any, dtype: Any = None, name: str | None = None) -> Any:
        return engine.convert(self, dtype, name)

    return [
        Repair(
            "value_inside_evaluation",
            "Functions given to Lambda layers, K.switch, K.map_fn and so on close over symbolic tensors; while an "
            "evaluation runs these stand for their values. At top level TensorFlow still refuses them.",
            [(KerasTensor, "__tf_tensor__", to_tensor)],
        ),
    ]


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
    return [*tensor_repairs(engine), *state_repairs(engine)]
