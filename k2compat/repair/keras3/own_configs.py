"""The repairs for layers of a program that put lists and other layers into their configurations, in Keras 3."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from k2compat.repair.keras3.namespaces import namespaces
from k2compat.repair.table import Repair

saving_utils, tracking = keras.src.legacy.saving.saving_utils, keras.src.utils.tracking
# What Keras makes of a list, a dict or a set that a layer keeps.
TRACKED = {"TrackedList": list, "TrackedDict": dict, "TrackedSet": set}


def repairs() -> list[Repair]:
    """Return the repairs."""
    return [
        Repair(
            "layers_deserialize",
            'keras.layers.deserialize({"class_name": "Dense", "config": config}), by which layers made those inside of '
            "them, does not find the class in Keras 3.",
            [(module, "deserialize", by_class_name(keras.layers.deserialize)) for module in namespaces("layers")],
        ),
        Repair(
            "tracked_copies",
            "A copy of a list that a layer keeps was a list of its own. In Keras 3 it is copied with all layers of the "
            "model, which fails as soon as one is a program's own, and with it saving a Sequential that has such a "
            "list in a configuration.",
            [
                (getattr(tracking, name), "__reduce__", functools.partialmethod(as_plain, kind))
                for name, kind in TRACKED.items()
            ],
        ),
    ]


def by_class_name(original: Callable[..., Any]) -> Callable[..., Any]:
    """``keras.layers.deserialize`` of a configuration that names no module, as Keras 2 wrote it."""

    @functools.wraps(original)
    def deserialize(config: Any, custom_objects: Any = None) -> Any:
        if isinstance(config, dict) and "class_name" in config and "module" not in config:
            return saving_utils.model_from_config(config, custom_objects=custom_objects)
        return original(config, custom_objects=custom_objects)

    return deserialize


def as_plain(tracked: Any, kind: type) -> tuple[Any, ...]:
    """``__reduce__``, by which something tracked is copied and pickled: as a plain object of its kind."""
    return kind, (kind(tracked),)
