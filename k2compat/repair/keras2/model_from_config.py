"""The repair of models of Keras 2 that are made from a configuration in memory."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.internals import inner, keras
from k2compat.repair.shared.lambda_bytecode import lambda_bytecode_repair
from k2compat.repair.table import Around, Repair

saving: Any = inner("saving.serialization_lib")
BatchNormalization: Any = inner("layers.normalization.batch_normalization").BatchNormalizationBase


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
        Repair(
            "axis_in_config",
            "The axis in the configuration of batch normalization, and so in files, was a number; of built layers it "
            "is a list now.",
            [(BatchNormalization, "get_config", Around(with_one_axis))],
        ),
    ]


def with_one_axis(original: Callable[..., Any]) -> Callable[..., Any]:
    """``BatchNormalization.get_config`` with a number as axis, where there is one."""

    @functools.wraps(original)
    def get_config(self: Any) -> dict[str, Any]:
        config = dict(original(self))
        if not isinstance(config["axis"], int) and len(config["axis"]) == 1:
            config["axis"] = config["axis"][0]
        return config

    return get_config
