"""Repairs of Keras 3's weights and models: their first values, and graphs around them that do nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from k2compat.ops import initial_values
from k2compat.repair.shared.default_graph import contexts_repair
from k2compat.repair.shared.initial_values import drawing, weight_repair
from k2compat.repair.table import Around, Repair
from k2compat.tables import words

METHODS = words(
    "fit evaluate predict train_on_batch test_on_batch predict_on_batch compile load_weights save set_weights "
    "get_weights summary build"
)
# Everything that changes the same methods without standing around what is there.
AFTER = words(
    "compiled_h5 defaults initializers layers masks models naming optimizers reported saving states tensors training "
    "training_loop weight_order weighted_losses"
)


def repairs() -> list[Repair]:
    """Repairs of weights and models."""
    variable, saving = keras.Variable, keras.src.legacy.saving
    return [
        weight_repair(variable, [(variable, "__init__", Around(noting))]),
        contexts_repair(
            [
                (variable, "__init__"),
                (saving.legacy_h5_format, "load_model_from_hdf5"),
                (keras.src.saving.saving_lib, "load_model"),
                (variable, "numpy"),
                (keras.Operation, "__call__"),
                (keras.Layer, "__call__"),
                *((keras.Model, name) for name in METHODS),
                (keras.Sequential, "add"),
            ],
        ),
    ]


def noting(original: Callable[..., None]) -> Callable[..., None]:
    """``Variable.__init__`` that keeps the first value."""

    @functools.wraps(original)
    def __init__(self: Any, initializer: Any, *args: Any, **kwargs: Any) -> None:
        original(self, initializer, *args, **kwargs)
        initializer = keras.initializers.get(initializer) if isinstance(initializer, str) else initializer
        first = drawing(initializer, tuple(self.shape), self.dtype) if callable(initializer) else initializer
        initial_values.note(self, first, trainable="float" in self.dtype)

    return __init__
