"""The repair of the configuration of a ``Sequential`` of Keras 3."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from k2compat.adapters.keras3.internals import writes_legacy_file
from k2compat.repair.keras3.functional_config import with_listed_calls
from k2compat.repair.keras3.saving import with_input_layer
from k2compat.repair.shared.sequential_config import sequential_config_repair, with_old_classes
from k2compat.repair.table import Around, Repair

REMARK = (
    "The .h5 file describes the model as Keras 2 did: a Sequential without an input layer, calls and ends of models as "
    "lists. Keras 3 without k2compat reads the input shape of such a Sequential wrong, gives an only output "
    "in a list, and does not find the calls of models in models: for it, save the model to a .keras file."
)
saving_utils: Any = keras.src.legacy.saving.saving_utils


def repairs() -> list[Repair]:
    """Return the repair."""
    functional = keras.src.models.functional.Functional
    return [
        sequential_config_repair(
            {keras.Sequential: True, functional: False},
            keras.config.floatx,
            lambda model: writes_legacy_file(),
            [
                (saving_utils, "model_metadata", Around(with_old_classes)),
                (keras.Sequential, "from_config", from_keras2(keras.Sequential.from_config)),
            ],
            REMARK,
            with_listed_calls,
        )
    ]


def from_keras2(original: Callable[..., Any]) -> Any:
    """Return ``Sequential.from_config`` that takes the input shape out of the first layer, which need not know it."""

    @functools.wraps(original)
    def from_config(cls: Any, config: Any, custom_objects: Any = None) -> Any:
        config = with_input_layer(config)
        layers = config["layers"]
        if len(layers) > 1 and layers[0].get("class_name") == "InputLayer" and "module" in layers[1]:
            if "module" not in layers[0]:
                layers[0] = {**layers[0], "module": "keras.layers", "registered_name": None}
            inner = {name: value for name, value in layers[1]["config"].items() if name != "batch_input_shape"}
            layers[1] = {**layers[1], "config": inner}
        return original.__func__(cls, config, custom_objects=custom_objects)  # type: ignore[attr-defined]

    return classmethod(from_config)
