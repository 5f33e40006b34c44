"""The checks of arrays before a model of Keras 3 computes anything."""

from __future__ import annotations

import keras

from k2compat.repair.keras3.compilation import Compilation
from k2compat.repair.shared.input_checks import input_checks_repair
from k2compat.repair.table import Repair

AFTER = ("training", "weighted_losses")  # the checks come before what they change


def repairs() -> list[Repair]:
    """Return the repair of checks."""
    return [input_checks_repair(keras, Compilation.source)]
