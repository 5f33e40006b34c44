"""The modules of Keras 3 under every address they have.

``keras.models``, ``tensorflow.keras.models`` and ``keras._tf_keras.keras.models`` can be three modules, each with
references of its own to the same functions. Python makes one when it is first imported by that name; so all are
imported before a repair sets a function, and ``from tensorflow.keras.models import model_from_json`` may stand below
the import of k2compat.
"""

from __future__ import annotations

import importlib
import operator
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import tensorflow as tf
from keras.src import api_export


def registered(replaced: Mapping[Any, Any]) -> Iterator[tuple[Any, str, Any]]:
    """Patch what Keras finds by a saved name, so that it is the object that stands at the public address.

    Args:
        replaced: function of Keras -> the one in its place.
    """
    objects, names = api_export.REGISTERED_NAMES_TO_OBJS, api_export.REGISTERED_OBJS_TO_NAMES
    for original, new in replaced.items():
        if original in names:
            yield objects, names[original], new
            yield names, new, names[original]


def roots() -> dict[str, Any]:
    """Keras 3 itself by its addresses; ``tensorflow.keras`` only where that is Keras 3."""
    found = {name: importlib.import_module(name) for name in ("keras", "keras._tf_keras.keras")}
    return {**found, "tensorflow.keras": tf.keras} if tf.keras.Model is keras.Model else found


def namespaces(name: str) -> list[Any]:
    """Return a public module of Keras 3, each object once: ``keras``'s own first."""
    imported = [importlib.import_module(f"{root}.{name}") for root in roots()]
    reached = [operator.attrgetter(name)(root) for root in roots().values()]
    return list({id(module): module for module in [*imported, *reached]}.values())
