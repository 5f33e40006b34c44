"""The repair of objects that a program has registered under names, in Keras 2 under TensorFlow 2."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import inner, keras
from k2compat.repair.shared.custom_names import KINDS, custom_names_repair
from k2compat.repair.table import Repair

AFTER = ("layers",)


def repairs() -> list[Repair]:
    """Return the repair."""
    places = [(place, name) for name in KINDS for place in (inner(name), getattr(keras, name))]
    return [custom_names_repair(places, keras.utils.get_registered_object)]
