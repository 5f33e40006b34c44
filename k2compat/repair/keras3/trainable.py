"""The repair of what layers of Keras 3 take as ``trainable=``."""

from __future__ import annotations

import keras

from k2compat.repair.shared.trainable import trainable_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair."""
    return [trainable_repair(keras.Layer)]
