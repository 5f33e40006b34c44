"""The repair of the seeds of Keras 3."""

from __future__ import annotations

from keras.src.random import seed_generator

from k2compat.repair.shared.seeds import seeds_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair."""
    return [seeds_repair(seed_generator, "python_random")]
