"""The repair of the images that Keras 2 draws under TensorFlow 2."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import inner, keras
from k2compat.repair.shared.image_data import image_data_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair."""
    return [image_data_repair(inner("preprocessing.image"), [keras.preprocessing.image])]
