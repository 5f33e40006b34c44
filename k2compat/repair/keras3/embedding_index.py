"""The repair by which ``Embedding`` refuses negative indices."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from k2compat.repair.table import Repair

Embedding = keras.layers.Embedding


def repairs() -> list[Repair]:
    """Return the repair."""
    return [
        Repair(
            "embedding_index",
            "An Embedding refuses a negative index, as it refuses one that is too large; Keras 3 counts it from the "
            "end, so that -1 as padding gives the vector of the last word.",
            [(Embedding, "call", refusing_negatives(Embedding.call))],
        )
    ]


def refusing_negatives(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Embedding.call`` that leaves the check of dense indices to TensorFlow, which knows no negative ones."""

    @functools.wraps(original)
    def call(self: Any, inputs: Any) -> Any:
        if not isinstance(inputs, tf.Tensor):
            return original(self, inputs)
        indices = inputs if inputs.dtype in (tf.int32, tf.int64) else tf.cast(inputs, tf.int32)
        found = tf.gather(keras.ops.convert_to_tensor(self.embeddings), indices)
        return keras.ops.cast(found, dtype=self.compute_dtype)

    return call
