"""Repairs of the training side of models that Keras 2 saved: losses, metrics, the optimizer and its state."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import h5py
import keras
import numpy as np

from k2compat.repair.shared.optimizers import SLOTS
from k2compat.repair.table import Repair

legacy_h5_format = keras.src.legacy.saving.legacy_h5_format
saving_utils = keras.src.legacy.saving.saving_utils

# What a training configuration holds by name, and the short and old names there are.
NAMED = ("loss", "metrics", "weighted_metrics")
LONG_NAMES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "cosine": "cosine_similarity",
    "cosine_proximity": "cosine_similarity",
    "logcosh": "log_cosh",
    "huber_loss": "huber",
    "acc": "accuracy",
    "ce": "categorical_crossentropy",
    "crossentropy": "categorical_crossentropy",
}


def repairs() -> list[Repair]:
    """Repairs of loading a compiled model."""
    named, load = saving_utils.compile_args_from_training_config, legacy_h5_format.load_model_from_hdf5
    return [
        Repair(
            "legacy_training",
            "A model compiled with the short or old name of a loss or metric (mse, acc, cosine_proximity, ...) does "
            "not load.",
            [(saving_utils, "compile_args_from_training_config", with_long_names(named))],
        ),
        Repair(
            "legacy_optimizer",
            "A compiled model saved by Keras 2 loads with an optimizer that knows none of its weights, so that fit "
            "raises; and the saved state of the optimizer is lost.",
            [(legacy_h5_format, "load_model_from_hdf5", compiling(load))],
        ),
    ]


def with_long_names(original: Callable[..., Any]) -> Callable[..., Any]:
    """``compile_args_from_training_config`` that knows the names of Keras 2."""

    def long(part: Any) -> Any:
        if isinstance(part, (list, tuple)):
            return [long(item) for item in part]
        if isinstance(part, dict):
            return {name: long(item) for name, item in part.items()}
        return LONG_NAMES.get(part.lower(), part) if isinstance(part, str) else part

    def compile_args_from_training_config(training_config: dict[str, Any], custom_objects: Any = None) -> Any:
        renamed = {name: long(training_config[name]) for name in NAMED if name in training_config}
        return original({"loss_weights": None, **training_config, **renamed}, custom_objects)

    return compile_args_from_training_config


def compiling(original: Callable[..., Any]) -> Callable[..., Any]:
    """``load_model_from_hdf5`` that compiles a model of Keras 2 itself, with the optimizer built for the model's
    weights.
    """

    def load_model_from_hdf5(filepath: Any, custom_objects: Any = None, compile: bool = True, **kwargs: Any) -> Any:
        with opened(filepath) as file:
            config = file.attrs.get("training_config")
            if not compile or config is None:
                return original(file, custom_objects=custom_objects, compile=compile, **kwargs)
            model = original(file, custom_objects=custom_objects, compile=False, **kwargs)
            model.compile(**saving_utils.compile_args_from_training_config(json.loads(text(config)), custom_objects))
            saving_utils.try_build_compiled_arguments(model)
            if "optimizer_weights" in file:
                model.optimizer.build(model.trainable_variables)
                of_keras_2 = text(file.attrs.get("keras_version", "")).startswith("2")
                put = restore if of_keras_2 else restore_in_order
                put(model.optimizer, legacy_h5_format.load_optimizer_weights_from_hdf5_group(file))
            return model

    return load_model_from_hdf5


@contextlib.contextmanager
def opened(file: Any) -> Iterator[h5py.File]:
    """A file given by its path or opened already, which stays open then."""
    if isinstance(file, h5py.File):
        yield file
        return
    with h5py.File(file, "r") as own:
        yield own


def text(value: Any) -> str:
    return value.decode("utf-8") if hasattr(value, "decode") else str(value)


def restore_in_order(optimizer: Any, values: list[Any]) -> None:
    """Put the state that Keras 3 saved into a built optimizer: all its variables."""
    for variable, value in zip(optimizer.variables, values, strict=False):
        if tuple(variable.shape) == np.shape(value):
            variable.assign(value)


def restore(optimizer: Any, values: list[Any]) -> None:
    """Put the state that Keras 2 saved into a built optimizer: the step counter, then slot by slot for all weights."""
    if values and values[0].ndim == 0:
        optimizer.iterations.assign(values[0])
    slots = [slot for name in SLOTS.get(type(optimizer).__name__, ()) for slot in getattr(optimizer, name)]
    arrays = [value for value in values if value.ndim]
    scalars = [value for value in values[1:] if value.ndim == 0]
    if scalars and hasattr(optimizer, "_u_product"):  # Nadam's momentum schedule
        optimizer._u_product.assign(scalars[0])
    for slot, array in zip(slots, arrays, strict=False):
        if tuple(slot.shape) == array.shape:
            slot.assign(array)
