"""The repair that lets Keras 2 train with an optimizer of TensorFlow 1."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import inner, keras
from k2compat.repair.shared.tf_optimizer import tf_optimizer, tf_optimizer_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair of ``keras.optimizers.get``."""
    places = [inner("optimizers"), keras.optimizers]
    return [tf_optimizer_repair(tf_optimizer(keras), places, inner("saving.legacy.hdf5_format"))]
