"""The repair that gives Keras 2, as it is in TensorFlow 2, the layers back that it has no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k2compat.adapters.keras2.internals import keras
from k2compat.legacy.removed_layers import removed_layers
from k2compat.repair.shared.removed_layers import removed_layers_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair of the layers."""
    return [removed_layers_repair(list(patches()))]


def patches() -> Iterator[tuple[Any, str, Any]]:
    """Yield the layers at their addresses, and for files of models."""
    for name, layer in removed_layers(keras).items():
        if not hasattr(keras.layers, name):
            yield keras.layers, name, layer
            if isinstance(layer, type):
                yield keras.utils.get_custom_objects(), name, layer
