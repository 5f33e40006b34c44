"""The repair of the seeds of Keras 2 under TensorFlow 2."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import inner
from k2compat.repair.shared.seeds import seeds_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair."""
    return [seeds_repair(inner("backend"), "random")]
