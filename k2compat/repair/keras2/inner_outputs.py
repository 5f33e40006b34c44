"""The repair of outputs of layers inside of Keras 2's layers."""

from __future__ import annotations

from k2compat.adapters.keras2.adapter import ADAPTER
from k2compat.adapters.keras2.internals import Layer
from k2compat.repair.shared.inner_outputs import inner_outputs_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair."""
    return [inner_outputs_repair(Layer, ADAPTER)]
