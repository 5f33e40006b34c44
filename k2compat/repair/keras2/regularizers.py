"""Repairs of Keras 2's regularizers."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import keras
from k2compat.repair.shared.regularizers import regularizers_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair of regularizers that a program calls."""
    return [regularizers_repair(keras)]
