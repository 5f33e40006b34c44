"""The repair of ResNet50 of Keras 3."""

from __future__ import annotations

import keras

from k2compat.repair.shared.resnet50 import resnet50_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair."""
    places = [keras.applications, keras.applications.resnet50]
    return [resnet50_repair(keras, places, keras.src.applications.resnet, "residual_block_v1")]
