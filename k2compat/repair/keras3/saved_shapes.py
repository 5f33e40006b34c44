"""The repair of the shapes with which layers of Keras 3 are built that a text describes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from k2compat.repair.table import Around, Repair

AFTER = ("naming",)  # both change how layers are built


def repairs() -> list[Repair]:
    """Return the repair."""
    return [
        Repair(
            "saved_shapes",
            "build is given a tuple for a shape, and a list of them for several; in Keras 3 a layer that "
            "model_from_json makes gets a list for one, too, which its build takes for several.",
            [(keras.Layer, "build_from_config", Around(with_tuples))],
        )
    ]


def with_tuples(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer.build_from_config`` with shapes as tuples."""

    @functools.wraps(original)
    def build_from_config(self: Any, config: Any) -> None:
        if isinstance(config, dict):
            parts = {name: config[name] for name in ("input_shape", "shapes_dict") if name in config}
            config = {**config, **{name: shapes_in(part) for name, part in parts.items()}}
        original(self, config)

    return build_from_config


def shapes_in(part: Any) -> Any:
    """Return what has lists of sizes with tuples of them."""
    if isinstance(part, dict):
        return {name: shapes_in(value) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        is_shape = all(size is None or isinstance(size, int) for size in part)
        return tuple(part) if is_shape else [shapes_in(value) for value in part]
    return part
