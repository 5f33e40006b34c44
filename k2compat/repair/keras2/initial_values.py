"""Repairs of Keras 2's weights: their first values."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.weights import Weight, base_layer_utils
from k2compat.ops import initial_values
from k2compat.repair.shared.initial_values import drawing, noted, weight_repair
from k2compat.repair.table import Around, Repair
from k2compat.tensorflow_internals import in_own_graph

AFTER = ("weights",)


def repairs() -> list[Repair]:
    """Repairs of weights."""
    return [weight_repair(Weight, [(base_layer_utils, "make_variable", Around(lambda made: noted(made, note)))])]


def note(
    made: Any, name: str, shape: Any = None, dtype: Any = tf.float32, initializer: Any = None, *_: Any, **__: Any
) -> None:
    """Keep the first value of a weight, which is not one of a graph of the program's own."""
    if isinstance(made, Weight) and not in_own_graph():
        initializer = initializer() if isinstance(initializer, type) else initializer
        first = drawing(initializer, tuple(made.shape), made.dtype) if callable(initializer) else initializer
        initial_values.note(made, first)
