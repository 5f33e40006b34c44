"""The configuration of a ``Sequential``, for either Keras: without its input layer, as Keras 2 wrote it."""

from __future__ import annotations

import functools
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

from k2compat.naming.callers import is_program
from k2compat.naming.programs import Program
from k2compat.repair.table import Around, Repair

ODD_INPUTS = ("sparse", "ragged", "optional")
_asked = threading.local()


def sequential_config_repair(
    kinds: dict[type, bool],
    floatx: Callable[[], str],
    to_file: Callable[[Any], bool],
    patches: list[Any],
    remark: str = "",
    functional: Callable[[Any], Any] = lambda config: config,
) -> Repair:
    """Return the repair.

    Args:
        kinds: the classes of models whose ``get_config`` a program calls -> whether it is a ``Sequential``.
        floatx: returns the dtype of an input that is given none.
        to_file: whether a configuration of a model is asked for by what writes an ``.h5`` file.
        patches: what that Keras needs alone.
        remark: a warning when such a configuration is written into a file.
        functional: makes the form of Keras 2 of the configuration of a functional model.
    """

    def old_form(config: Any, filed: bool, is_sequential: bool) -> Any:
        found = without_input_layer(config, floatx()) if is_sequential else functional(config)
        if filed and remark and found is not config:
            warnings.warn(remark, stacklevel=3)
        return found

    def patched(is_sequential: bool) -> Around:
        form = functools.partial(old_form, is_sequential=is_sequential)
        return Around(functools.partial(patched_get_config, kinds=tuple(kinds), to_file=to_file, form=form))

    return Repair(
        "sequential_config",
        "The configuration of a Sequential lists an input layer, which Keras 2 did not write: it had the shape as "
        "batch_input_shape of the first layer. Programs get it so from get_config(), and `k2compat run` writes it so "
        "into .h5 files, with Model as the class of functional models: what reads them looks for the weights of each "
        "layer in the list. Calls in a functional model are lists, [[layer, call, output, arguments], ...], as before; "
        "Keras 3 describes tensors.",
        [*((kind, "get_config", patched(is_sequential)) for kind, is_sequential in kinds.items()), *patches],
    )


def patched_get_config(
    original: Callable[..., Any],
    kinds: tuple[type, ...],
    to_file: Callable[[Any], bool],
    form: Callable[[Any, bool], Any],
) -> Callable[..., Any]:
    """Return ``get_config`` of a model, which gives programs and old files the form of Keras 2, for inner models, too.

    Args:
        original: the method of Keras.
        kinds: the classes that are Keras's own: those of a program may count on what ``super().get_config()`` gives.
        to_file: whether it is asked for by what writes an ``.h5`` file.
        form: makes the form of Keras 2, told whether it is for a file.
    """

    @functools.wraps(original)
    def get_config(self: Any) -> Any:
        filed = Program.unmodified and to_file(self)
        if filed or getattr(_asked, "by_program", False):
            return form(original(self), filed)
        if type(self) in kinds and is_program(sys._getframe(1)):
            _asked.by_program = True
            try:
                return form(original(self), False)
            finally:
                _asked.by_program = False
        return original(self)

    return get_config


def without_input_layer(config: dict[str, Any], floatx: str) -> dict[str, Any]:
    """Return the configuration of a ``Sequential`` as Keras 2 wrote it.

    An input layer that says more than a shape stays: Keras 2 had none in front of the first layer.
    """
    layers = config.get("layers") or [{}]
    inner = layers[0].get("config", {})
    if layers[0].get("class_name") != "InputLayer" or len(layers) == 1:
        return config
    if any(inner.get(name) for name in ODD_INPUTS) or inner.get("dtype", floatx) != floatx:
        return config
    first = layers[1]
    if "layers" not in first["config"]:  # models have a shape of their own
        shape = inner.get("batch_shape", inner.get("batch_input_shape"))
        head = {name: first["config"][name] for name in ("name", "trainable") if name in first["config"]}
        first = {**first, "config": {**head, "batch_input_shape": shape, **first["config"]}}
    return {**config, "layers": [first, *layers[2:]]}


def with_old_classes(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``model_metadata``, which writes functional models under the class name of Keras 2."""

    @functools.wraps(original)
    def model_metadata(*args: Any, **kwargs: Any) -> Any:
        metadata = original(*args, **kwargs)
        if Program.unmodified and "model_config" in metadata:
            metadata["model_config"] = of_class_model(metadata["model_config"])
        return metadata

    return model_metadata


def of_class_model(config: Any) -> Any:
    """Return the configuration of a model with the class Model for functional ones, also for those in it."""
    if not isinstance(config, dict) or "class_name" not in config or "module" in config:
        return config
    kind, inner = config["class_name"], config.get("config")
    if isinstance(inner, dict) and isinstance(inner.get("layers"), list):
        inner = {**inner, "layers": [of_class_model(layer) for layer in inner["layers"]]}
    return {**config, "class_name": "Model" if kind == "Functional" else kind, "config": inner}
