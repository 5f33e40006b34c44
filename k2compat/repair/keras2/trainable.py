"""The repair of what layers of Keras 2 take as ``trainable=``."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import Layer
from k2compat.repair.shared.trainable import trainable_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair."""
    return [trainable_repair(Layer)]
