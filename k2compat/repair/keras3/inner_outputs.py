"""The repair of outputs of layers inside of Keras 3's layers."""

from __future__ import annotations

import keras

from k2compat.adapters.keras3.adapter import ADAPTER
from k2compat.repair.shared.inner_outputs import inner_outputs_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair."""
    return [inner_outputs_repair(keras.Layer, ADAPTER)]
