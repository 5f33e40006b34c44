"""The repair of the arguments of Keras 1, for Keras 2."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import keras
from k2compat.repair.shared.keras1_arguments import argument_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair of arguments."""
    return [argument_repair(keras)]
