"""The repair of the order in which models of Keras 3 list their weights."""

from __future__ import annotations

from typing import Any

import keras

from k2compat.repair.shared.weight_order import order_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair of the order of weights."""
    return [order_repair(keras.Model, parts)]


def parts(layer: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Return the trainable and the other weights a layer has itself, and the layers in it."""
    return layer._trainable_variables, layer._non_trainable_variables, layer._layers
