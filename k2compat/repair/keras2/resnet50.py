"""The repair of ResNet50 of tf.keras."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import inner, keras
from k2compat.repair.shared.resnet50 import resnet50_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair."""
    places = [keras.applications, keras.applications.resnet50]
    return [resnet50_repair(keras, places, inner("applications.resnet"), "block1")]
