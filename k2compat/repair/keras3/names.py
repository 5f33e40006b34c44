"""Names and modules that Keras 2 had under ``keras`` and Keras 3 has elsewhere, or under another name."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import keras
from keras.src.layers.convolutional.base_conv import BaseConv
from keras.src.layers.convolutional.base_separable_conv import BaseSeparableConv
from keras.src.layers.merging.base_merge import Merge
from keras.src.losses.losses import LossFunctionWrapper

from k2compat.legacy.callbacks import base_logger
from k2compat.ops import objectives
from k2compat.repair.keras3.losses import loss_repair
from k2compat.repair.keras3.namespaces import namespaces
from k2compat.repair.shared.old_modules import added, imported, module_patches, renamed, through_layers
from k2compat.repair.table import Repair
from k2compat.tables.old_names import ALIASES

KEPT_LOSSES = "KLD kld kullback_leibler_divergence logcosh"
PRIVATE = {"Node": keras.src.ops.node.Node, "Network": keras.Model, "Container": keras.Model}
TEXT = {"preprocessing.text": ("keras._tf_keras.keras.preprocessing.text",)}
# Modules of which ``keras`` and ``tensorflow.keras`` have different names; not the backend, in whose place k2compat is.
SHARED = ("layers", "losses", "metrics", "preprocessing", "preprocessing.image", "preprocessing.sequence")


def repairs() -> list[Repair]:
    """Return the repairs that bring the names back."""
    # Function of Keras -> the one that another repair puts in its place.
    modules = list(module_patches("keras", TEXT, PRIVATE))
    functions = {value.__wrapped__: value for _, _, value in loss_repair().patches if callable(value)}
    return [
        Repair(
            "old_modules",
            "Scripts import from keras.layers.core, keras.engine.topology, keras.utils.np_utils, keras.objectives and "
            "other modules that are gone. The import of k2compat has to come before theirs.",
            modules,
        ),
        Repair(
            "old_names",
            "keras.losses.mse, keras.preprocessing.image.ImageDataGenerator, keras.optimizers.adam and others are "
            "gone, or only in tensorflow.keras; tensorflow.keras.losses.mean_squared_error is only in keras.",
            [
                *completed(functions),
                *renamed(keras),
                *added(keras, namespaces),
                *through_layers(keras),
                *imported(keras, modules),
                *not_public(),
                *by_name(),
            ],
        ),
    ]


def completed(functions: dict[Any, Any]) -> Iterator[tuple[Any, str, Any]]:
    """Yield the names that ``keras`` or ``tensorflow.keras`` alone has of a module, under every address of it."""
    for module in SHARED:
        places = namespaces(module)
        known = {name: value for place in reversed(places) for name, value in vars(place).items()}
        for place in places:
            for name, value in known.items():
                if not (name.startswith("_") or inspect.ismodule(value) or hasattr(place, name)):
                    yield place, name, functions.get(value, value) if inspect.isfunction(value) else value


def not_public() -> Iterator[tuple[Any, str, Any]]:
    """Yield what scripts took from modules of layers that was not public there."""
    yield keras.layers, "_Merge", Merge
    yield keras.layers, "_Conv", BaseConv
    yield keras.layers, "_SeparableConv", BaseSeparableConv
    yield keras.metrics, "cosine_similarity", objectives.OLD_METRICS["cosine_proximity"]
    yield keras.losses, "LossFunctionWrapper", LossFunctionWrapper
    yield keras.callbacks, "BaseLogger", base_logger(keras.callbacks.Callback)


def by_name() -> Iterator[tuple[Any, str, Any]]:
    """Yield what ``compile(loss="logcosh")`` and ``kernel_constraint="nonneg"`` ask for by name."""
    for module, names in ALIASES.items():
        known = getattr(keras.src, module).ALL_OBJECTS_DICT
        public = getattr(keras, module)
        yield from ((known, old, getattr(public, new)) for old, new in names.items() if old not in known)
    for module, functions in (("losses", objectives.OLD_LOSSES), ("metrics", objectives.OLD_METRICS)):
        known = getattr(keras.src, module).ALL_OBJECTS_DICT
        kept = getattr(keras._tf_keras.keras, module)
        found = {**{name: getattr(kept, name) for name in KEPT_LOSSES.split()}, **functions}
        yield from ((known, name, function) for name, function in found.items() if name not in known)
