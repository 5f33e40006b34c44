"""The repair of the functions that layers of Keras 2 are given."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import KerasTensor, keras
from k2compat.adapters.keras2.weights import being_called
from k2compat.repair.shared.values_around import closure_repair
from k2compat.repair.table import Repair

# These repairs wrap the call of layers, too.
AFTER = ("layers", "masks", "own_cells")


def repairs() -> list[Repair]:
    """Return the repair."""
    return [closure_repair(keras, KerasTensor, being_called)]
