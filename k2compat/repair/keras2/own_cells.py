"""The repair of recurrent cells of a program's own, and of constants, in ``RNN`` of Keras 2."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.internals import Layer, keras
from k2compat.repair.shared.own_cells import REASON, build_cell
from k2compat.repair.table import Around, Repair


def repairs() -> list[Repair]:
    """Return the repair of cells."""
    return [
        Repair(
            "own_cells",
            REASON + "In TensorFlow 2 the cell is built with the shape of a step alone.",
            [(keras.layers.RNN, "build", Around(patched_build))],
        )
    ]


def patched_build(original: Callable[..., Any]) -> Callable[..., Any]:
    """``RNN.build`` that builds a cell with the shapes of constants."""

    @functools.wraps(original)
    def build(self: Any, input_shape: Any) -> None:
        constants = [spec.shape for spec in self.constants_spec or ()]
        if constants and not self.cell.built:
            sequence = input_shape[0] if isinstance(input_shape, list) else input_shape
            batch, _, *features = tf.TensorShape(sequence).as_list()
            build_cell(self.cell, (batch, *features), constants, Layer)
        original(self, input_shape)

    return build
