"""The repair that lets Keras 3 train with an optimizer of TensorFlow 1."""

from __future__ import annotations

import keras

from k2compat.repair.keras3.namespaces import namespaces
from k2compat.repair.shared.tf_optimizer import tf_optimizer, tf_optimizer_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair of ``keras.optimizers.get``."""
    places = [keras.src.optimizers, *namespaces("optimizers")]
    return [tf_optimizer_repair(tf_optimizer(keras), places, keras.src.legacy.saving.legacy_h5_format)]
