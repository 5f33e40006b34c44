"""The checks of arrays before a model of Keras 2 computes anything."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import keras
from k2compat.repair.keras2.compilation import Compilation
from k2compat.repair.shared.input_checks import input_checks_repair
from k2compat.repair.table import Repair

AFTER = ("training", "losses")  # the checks come before what they change


def repairs() -> list[Repair]:
    """Return the repair of checks."""
    return [input_checks_repair(keras, Compilation.source)]
