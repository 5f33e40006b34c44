"""Names and modules that Keras 2 had under ``keras`` and Keras 3 has elsewhere, or under another name."""

from __future__ import annotations

import importlib
import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any

import keras
from keras.src.layers.merging.base_merge import Merge

from k2compat.adapters.keras3_addresses import namespaces
from k2compat.adapters.repair import Repair
from k2compat.tables.old_modules import OLD_MODULES
from k2compat.tables.old_names import ALIASES, THROUGH_LAYERS

# Module of Keras 2 -> where its names are now, in the order they are looked for.
MODULES = {
    "backend.tensorflow_backend": ("k2compat.backend",),
    **{name: tuple(f"keras.{place}" for place in places) for name, places in OLD_MODULES.items()},
    "preprocessing.text": ("keras._tf_keras.keras.preprocessing.text",),
}
# Modules of which ``keras`` and ``tensorflow.keras`` have different names; not the backend, in whose place k2compat is.
SHARED = ("layers", "losses", "metrics", "preprocessing", "preprocessing.image", "preprocessing.sequence")


class Moved(types.ModuleType):
    """A module of Keras 2 that finds its names where they are now."""

    def __init__(self, name: str, places: tuple[str, ...]):
        super().__init__(name, f"The names of Keras 2's ``{name}``, from {' and '.join(places)}.")
        self.__path__: list[str] = []  # others are imported from below it
        self._places = places

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            for place in self._places:
                found = getattr(importlib.import_module(place), name, None)
                if found is not None:
                    return found
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def name_repairs(functions: dict[Any, Any]) -> list[Repair]:
    """The repairs that bring the names back.

    Args:
        functions: function of Keras -> the one that another repair puts in its place.
    """
    return [
        Repair(
            "old_modules",
            "Scripts import from keras.layers.core, keras.engine.topology, keras.utils.np_utils, keras.objectives and "
            "other modules that are gone. The import of k2compat has to come before theirs.",
            list(module_patches()),
        ),
        Repair(
            "old_names",
            "keras.losses.mse, keras.preprocessing.image.ImageDataGenerator, keras.optimizers.adam and others are "
            "gone, or only in tensorflow.keras; tensorflow.keras.losses.mean_squared_error is only in keras.",
            [*completed(functions), *renamed(), *not_public()],
        ),
    ]


def module_patches() -> Iterator[tuple[Any, str, Any]]:
    """Each old module, importable and an attribute of the one above it."""
    made: dict[str, Any] = {}
    for name, places in MODULES.items():
        module = made[name] = Moved(f"keras.{name}", places)
        above, _, last = name.rpartition(".")
        parent = made.get(above) or importlib.import_module(f"keras.{above}".rstrip("."))
        yield sys.modules, module.__name__, module
        yield parent, last, module


def completed(functions: dict[Any, Any]) -> Iterator[tuple[Any, str, Any]]:
    """The names that ``keras`` or ``tensorflow.keras`` alone has of a module, under every address of it."""
    for module in SHARED:
        places = namespaces(module)
        known = {name: value for place in reversed(places) for name, value in vars(place).items()}
        for place in places:
            for name, value in known.items():
                if not (name.startswith("_") or inspect.ismodule(value) or hasattr(place, name)):
                    yield place, name, functions.get(value, value) if inspect.isfunction(value) else value


def renamed() -> Iterator[tuple[Any, str, Any]]:
    """The names that were spelled otherwise."""
    for module, names in ALIASES.items():
        place = getattr(keras, module)
        yield from ((place, old, getattr(place, new)) for old, new in names.items() if hasattr(place, new))


def not_public() -> Iterator[tuple[Any, str, Any]]:
    """What scripts took from ``keras.layers``, its modules and ``keras.models`` that was not public there."""
    yield keras.layers, "_Merge", Merge
    yield from ((keras.layers, name, getattr(keras, name)) for name in THROUGH_LAYERS)
    yield keras.models, "InputLayer", keras.layers.InputLayer
    yield keras.models, "Input", as_repaired


def as_repaired(*args: Any, **kwargs: Any) -> Any:
    """``keras.layers.Input`` as it is when it is called: another repair puts its own in that place."""
    return keras.layers.Input(*args, **kwargs)
