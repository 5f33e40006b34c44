"""How models of Keras 2 are trained, evaluated and asked with generators and sequences."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import keras
from k2compat.repair.keras2.compilation import Compilation
from k2compat.repair.shared.generators import generators_repair
from k2compat.repair.table import Repair

AFTER = ("input_checks",)


def repairs() -> list[Repair]:
    """Return the repair of generators."""
    return [generators_repair(keras, Compilation.source)]
