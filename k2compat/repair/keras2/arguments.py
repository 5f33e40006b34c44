"""Repairs of the arguments that layers of Keras 2 are made with."""

from __future__ import annotations

from k2compat.adapters.keras2.internals import keras
from k2compat.repair.shared.arguments import NUMPY_INTEGERS, with_python_numbers
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """The repairs of what is given to the layers themselves."""
    kind = keras.layers.RepeatVector
    return [
        Repair(
            "numpy_integers",
            NUMPY_INTEGERS + "RepeatVector of TensorFlow 2 refuses it.",
            [(kind, "__init__", with_python_numbers(kind.__init__))],
        )
    ]
