"""The repair of models of Keras 2 that are made from a configuration in memory."""

from __future__ import annotations

import functools
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.internals import inner, keras
from k2compat.repair.shared.lambda_bytecode import lambda_bytecode_repair
from k2compat.repair.table import Repair

saving: Any = inner("saving.serialization_lib")


def repairs() -> list[Repair]:
    """Return the repairs."""
    original = keras.models.model_from_config

    @functools.wraps(original)
    def model_from_config(*args: Any, **kwargs: Any) -> Any:
        with saving.SafeModeScope(False):
            return original(*args, **kwargs)

    places = {id(module): module for module in (keras.models, tf.keras.models)}.values()
    return [
        Repair(
            "model_from_config",
            "model_from_config refuses Lambda layers, whose functions are the program's own in a configuration that "
            "model.get_config() gave; those in files stay refused.",
            [(module, "model_from_config", model_from_config) for module in places],
        ),
        lambda_bytecode_repair(inner("utils.generic_utils")),
    ]
