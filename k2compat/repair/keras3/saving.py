"""Repairs of Keras 3's loading of models that Keras 2 saved."""

from __future__ import annotations

import copy
import functools
import inspect
import json
import os
from collections.abc import Callable
from typing import Any

import h5py
import keras

from k2compat.repair.keras3.functional_config import MODELS, from_listed_calls
from k2compat.repair.keras3.namespaces import namespaces
from k2compat.repair.table import Around, Repair

saving_api = keras.src.saving.saving_api
functional, cloning = keras.src.models.functional, keras.src.models.cloning
io_utils = keras.src.utils.io_utils
saving_utils, legacy_h5_format = keras.src.legacy.saving.saving_utils, keras.src.legacy.saving.legacy_h5_format

# Where the configuration of a wrapper or a recurrent layer holds other layers.
HELD = ("layer", "backward_layer", "cell", "cells")


def repairs() -> list[Repair]:
    """Repairs of the configurations in ``.h5`` files and of ``model_from_json``."""
    return [
        Repair(
            "legacy_config",
            "Models saved by Keras 2 do not load, or load wrong: an input shape gets its batch axis twice, calls of "
            "nested models are counted from 1, wrapped layers (Bidirectional, TimeDistributed) name no module, GRU has "
            "another default, and what computes a mask in a model that Keras 3 saved is an unknown layer.",
            [
                (saving_utils, "model_from_config", translated(saving_utils.model_from_config)),
                (functional, "functional_from_config", Around(from_listed_calls)),
            ],
        ),
        Repair(
            "legacy_weights",
            "Keras 3 takes a file by its name; one that Keras 2 wrote as ....weights.h5 loads nothing, and names that "
            "do not end in .weights.h5 (weights) or .keras and .h5 (models) are refused. Keras 2 wrote HDF5 to all.",
            [
                (saving_api, "load_weights", by_content(saving_api.load_weights)),
                (saving_api, "save_weights", to_any_name(saving_api.save_weights)),
                (saving_api, "save_model", model_to_any_name(saving_api.save_model)),
            ],
        ),
        Repair(
            "legacy_json",
            "model_from_json refuses what model.to_json() of Keras 2 wrote.",
            [(module, "model_from_json", from_json(keras.models.model_from_json)) for module in namespaces("models")],
        ),
        Repair(
            "phase_of_saved_calls",
            "Keras 3 writes training=False into the configuration of every layer's call, so that a model it saved or "
            "cloned would stay in the test phase whatever is fed for K.learning_phase(); it counts as if nothing had "
            "been written.",
            [
                (functional, "deserialize_node", without_default_phase(functional.deserialize_node)),
                (cloning, "_clone_functional_model", calling_without(cloning._clone_functional_model)),
            ],
        ),
    ]


def without_default_phase(original: Callable[..., Any]) -> Callable[..., Any]:
    """``deserialize_node`` that gives no training=False, unless Keras 2 wrote it, which does so for the caller only."""

    def deserialize_node(node_data: Any, created_layers: Any) -> tuple[Any, Any]:
        args, kwargs = original(node_data, created_layers)
        return args, without_false(kwargs) if isinstance(node_data, dict) else kwargs

    return deserialize_node


def calling_without(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_clone_functional_model`` that calls the new layers without training=False."""

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        return layer(*args, **without_false(kwargs))

    @functools.wraps(original)
    def _clone_functional_model(
        model: Any, clone_function: Any, input_tensors: Any = None, call_function: Any = None
    ) -> Any:
        return original(model, clone_function, input_tensors=input_tensors, call_function=call_function or call)

    return _clone_functional_model


def without_false(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments of a layer's call without training=False."""
    return {name: value for name, value in kwargs.items() if name != "training" or value is not False}


def to_any_name(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``save_weights``, which writes the file of Keras 2 where the name is none of Keras 3."""

    @functools.wraps(original)
    def save_weights(model: Any, filepath: Any, overwrite: bool = True, *args: Any, **kwargs: Any) -> Any:
        path = str(filepath)
        if args or any(kwargs.values()) or path.endswith((".weights.h5", "weights.json")):
            return original(model, filepath, overwrite, *args, **kwargs)
        if not os.path.exists(path) or overwrite or io_utils.ask_to_proceed_with_overwrite(path):
            with h5py.File(path, "w") as file:
                legacy_h5_format.save_weights_to_hdf5_group(file, model)
        return None

    return save_weights


def model_to_any_name(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``save_model``, which writes the file of Keras 2 where the name has no ending that Keras 3 knows."""

    @functools.wraps(original)
    def save_model(model: Any, filepath: Any, overwrite: bool = True, *args: Any, **kwargs: Any) -> Any:
        path = str(filepath)
        known = path.endswith((".keras", ".h5", ".hdf5", ".json")) or "://" in path or os.path.isdir(path)
        include = kwargs.get("include_optimizer", True)
        if known or args or set(kwargs) - {"include_optimizer"}:
            return original(model, filepath, overwrite, *args, **kwargs)
        return legacy_h5_format.save_model_to_hdf5(model, path, overwrite, include)

    return save_model


def by_content(original: Callable[..., Any]) -> Callable[..., Any]:
    """``load_weights`` that looks into the file."""

    def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        path = str(filepath)
        is_odd = not path.endswith((".h5", ".hdf5", ".keras", ".json")) and not kwargs.get("by_name")
        if (path.endswith(".weights.h5") or is_odd) and os.path.isfile(path) and h5py.is_hdf5(path):
            with h5py.File(path, "r") as file:
                if "layer_names" in file.attrs:  # the mark of Keras 2
                    return legacy_h5_format.load_weights_from_hdf5_group(file, model, skip_mismatch)
        return original(model, filepath, skip_mismatch=skip_mismatch, **kwargs)

    return load_weights


def translated(original: Callable[..., Any]) -> Callable[..., Any]:
    """``model_from_config`` that understands Keras 2, and knows operations by their name."""

    def model_from_config(config: Any, custom_objects: Any = None) -> Any:
        config = translate(config)
        name = config.get("class_name") if isinstance(config, dict) else None
        if isinstance(name, str) and not hasattr(keras.layers, name) and name in (known := operations()):
            custom_objects = {name: known[name], **(custom_objects or {})}
        return original(config, custom_objects=custom_objects)

    return model_from_config


@functools.cache
def operations() -> dict[str, Any]:
    """Return the classes of Keras's own operations, by name; masks are computed by some."""
    modules = [module for module in vars(keras.src.ops).values() if inspect.ismodule(module)]
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, keras.Operation) and not issubclass(value, keras.Layer)
    }


def from_json(original: Callable[..., Any]) -> Callable[..., Any]:
    """``model_from_json`` that understands Keras 2, whose configurations name no module."""

    def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
        config = json.loads(json_string)
        if "module" in config:
            return original(json_string, custom_objects=custom_objects)
        return saving_utils.model_from_config(config, custom_objects=custom_objects)

    return model_from_json


def translate(config: Any) -> Any:
    """Return a layer's or model's configuration as Keras 3 writes it; one that is so already stays as it is.

    The layers of a model are left as they are: each is translated when it is made.
    """
    if not isinstance(config, dict) or not isinstance(config.get("class_name"), str) or "config" not in config:
        return config
    config = {**config, "config": copy.copy(config["config"])}
    kind, inner = config["class_name"], config["config"]
    if kind == "Sequential":
        config["config"] = with_input_layer(inner)
    elif kind not in MODELS and isinstance(inner, dict):
        translate_layer(kind, inner)
        config["class_name"] = "ReLU" if kind == "ThresholdedReLU" else kind  # the one is the other, with a threshold
    return config


def translate_layer(kind: str, config: dict[str, Any]) -> None:
    """Change the configuration of a layer in place."""
    if kind == "LeakyReLU" and "alpha" in config:
        config["negative_slope"] = config.pop("alpha")
    if kind == "Embedding":
        config.pop("input_length", None)
    if kind == "ThresholdedReLU":
        config["threshold"] = config.pop("theta")
    if kind != "InputLayer":
        config.pop("batch_input_shape", None)  # the input layer in front has it
    if kind in ("GRU", "GRUCell"):
        config.setdefault("reset_after", False)  # the default of Keras 2
    arguments = inspect.getfullargspec(getattr(keras.layers, kind).__init__) if hasattr(keras.layers, kind) else None
    if arguments is not None and arguments.varkw is None:  # SpatialDropout takes neither trainable nor noise_shape
        for name in set(config) - set(arguments.args) - set(arguments.kwonlyargs):
            del config[name]
    for name in HELD:
        held = config.get(name)
        if isinstance(held, (list, dict)):
            config[name] = [as_module(item) for item in held] if isinstance(held, list) else as_module(held)


def as_module(config: Any) -> Any:
    """Return the configuration of a held layer with the module it comes from, which Keras 3 wants to know there."""
    config = translate(config)
    kind = config.get("class_name") if isinstance(config, dict) else None
    if not isinstance(kind, str) or "module" in config:
        return config
    place = next((place for place in ("layers", "models") if hasattr(getattr(keras, place), kind)), None)
    return config if place is None else {**config, "module": f"keras.{place}", "registered_name": None}


def with_input_layer(config: Any) -> dict[str, Any]:
    """Return the configuration of a ``Sequential`` with an input layer where the first layer knew its input shape."""
    if isinstance(config, list):  # Keras 2.1 wrote the layers alone
        config = {"name": None, "layers": config}
    config = {"name": None, **config, "layers": list(config["layers"])}
    first = config["layers"][0] if config["layers"] else {}
    inner: dict[str, Any] = first.get("config", {})  # of a model in old files a list
    shape = inner.get("batch_input_shape") if isinstance(inner, dict) else None
    if shape is not None and first["class_name"] != "InputLayer":
        name = f"{inner['name']}_input" if "name" in inner else None
        config["layers"].insert(0, {"class_name": "InputLayer", "config": {"batch_shape": shape, "name": name}})
    return config
