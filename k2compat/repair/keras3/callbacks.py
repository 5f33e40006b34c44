"""The callbacks that come with Keras 3, with the arguments and rules of Keras 2.3.1."""

from __future__ import annotations

import keras

from k2compat.repair.shared.callbacks import callbacks_repairs
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repairs of callbacks."""
    return callbacks_repairs(keras)
