"""The repairs of objects that a program has registered under names, in Keras 3."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from k2compat.adapters.keras3.internals import scoped_objects
from k2compat.repair.keras3.namespaces import namespaces
from k2compat.repair.shared.custom_names import KINDS, custom_names_repair
from k2compat.repair.table import Around, Repair

AFTER = ("defaults", "initializers")  # which have a ``get`` of their own


def repairs() -> list[Repair]:
    """Return the repairs."""
    places = [(place, name) for name in KINDS for place in [getattr(keras.src, name), *namespaces(name)]]
    return [
        custom_names_repair(places, keras.saving.get_registered_object),
        Repair(
            "custom_object_scopes",
            "custom_object_scope({...}, {...}) takes any number of dicts, and names of an outer scope are known in an "
            "inner one.",
            [
                (keras.saving.CustomObjectScope, "__init__", Around(with_dicts)),
                (keras.saving.CustomObjectScope, "__enter__", Around(with_outer)),
            ],
        ),
    ]


def with_dicts(original: Callable[..., None]) -> Callable[..., None]:
    """Return ``CustomObjectScope.__init__`` that takes several dicts."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, {name: value for one in (*args, *kwargs.values()) for name, value in one.items()})

    return __init__


def with_outer(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``CustomObjectScope.__enter__`` that keeps the names of the scope around it."""

    @functools.wraps(original)
    def __enter__(self: Any) -> Any:
        self.custom_objects = {**scoped_objects(), **self.custom_objects}
        return original(self)

    return __enter__
