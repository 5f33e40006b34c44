"""The repair of models of Keras 3 that are made from a configuration in memory."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from k2compat.repair.keras3.namespaces import namespaces
from k2compat.repair.shared.lambda_bytecode import lambda_bytecode_repair
from k2compat.repair.table import Repair

python_utils = keras.src.utils.python_utils
saving = keras.src.saving.serialization_lib
serialization: Any = keras.src.legacy.saving.serialization
FIND_CLASS = "class_and_config_for_serialized_keras_object"


def repairs() -> list[Repair]:
    """Return the repair."""
    return [
        Repair(
            "model_from_config",
            'keras.models.model_from_config({"class_name": "Model", "config": model.get_config()}) is gone. The '
            "functions of Lambda layers in it are the program's own; those in files stay refused.",
            [(module, "model_from_config", model_from_config) for module in namespaces("models")],
        ),
        Repair(
            "lambda_globals",
            "The function of a Lambda layer that is made from its configuration finds K, np and the names of the main "
            "program; in Keras 3 it finds those of a file of Keras.",
            [(python_utils, "func_load", with_globals(python_utils.func_load))],
        ),
        lambda_bytecode_repair(python_utils),
        Repair(
            "config_strings",
            "A string in the configuration of a layer stays a string: mode='add' of a layer that is loaded from an "
            "HDF5 file becomes the function keras.layers.add in Keras 3, as 'concatenate', 'dot' and others do.",
            [(serialization, FIND_CLASS, keeping_strings(getattr(serialization, FIND_CLASS)))],
        ),
    ]


def with_globals(original: Callable[..., Any]) -> Callable[..., Any]:
    """``func_load`` whose functions find what Keras 2 let them find."""

    @functools.wraps(original)
    def func_load(code: Any, defaults: Any = None, closure: Any = None, globs: Any = None) -> Any:
        if globs is None:
            brought = {"K": sys.modules.get("k2compat.backend"), "np": np, "keras": keras}
            globs = {**vars(python_utils), **brought, **vars(sys.modules["__main__"])}
        return original(code, defaults, closure, globs)

    return func_load


def keeping_strings(original: Callable[..., Any]) -> Callable[..., Any]:
    """The function that finds a saved class and its configuration, without a look at Keras's own functions.

    An entry of the custom objects under the name is still found.
    """

    @functools.wraps(original)
    def find(config: Any, module_objects: Any = None, custom_objects: Any = None, *args: Any, **kwargs: Any) -> Any:
        given = config.get("config") if isinstance(config, dict) else {}
        given = given if isinstance(given, dict) else {}
        before = dict(given)
        found = original(config, module_objects, custom_objects, *args, **kwargs)
        for key, value in before.items():
            if isinstance(value, str) and keras.saving.get_registered_object(value, custom_objects) is None:
                given[key] = value
        return found

    return find


def model_from_config(config: Any, custom_objects: Any = None) -> Any:
    """Return a model of a configuration as ``get_config`` gives it."""
    if isinstance(config, list):
        raise TypeError("`model_from_config` expects a dictionary, not a list. Use `Sequential.from_config(config)`?")
    with saving.SafeModeScope(False):
        return keras.src.legacy.saving.saving_utils.model_from_config(config, custom_objects)
