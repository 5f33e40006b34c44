"""The repair of the names of layers of Keras 3's applications."""

from __future__ import annotations

import keras

from k2compat.repair.shared.application_names import names_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair."""
    return [names_repair(keras.Model)]
