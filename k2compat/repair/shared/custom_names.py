"""Objects of a program by the names it has registered, for either Keras."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from k2compat.errors import K2ValueError
from k2compat.repair.table import Around, Repair

# Module -> what it is called in an error about an unknown name.
KINDS = {
    "activations": "activation function",
    "constraints": "constraint",
    "initializers": "initializer",
    "losses": "loss function",
    "metrics": "metric function",
    "regularizers": "regularizer",
}


def custom_names_repair(places: Iterable[tuple[Any, str]], registered: Callable[[str], Any]) -> Repair:
    """Return the repair.

    Args:
        places: modules with a function ``get``, and the names they have in Keras.
        registered: returns what a program has registered under a name, None where there is nothing.
    """
    return Repair(
        "custom_names",
        'get_custom_objects().update({"swish": swish}) and CustomObjectScope make Dense(activation="swish") and names '
        "of regularizers, constraints, initializers, losses and metrics known wherever one is taken; an unknown one is "
        "refused.",
        [(place, "get", Around(functools.partial(patched_get, registered, KINDS[name]))) for place, name in places],
    )


def patched_get(registered: Callable[[str], Any], kind: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``get`` of a module of Keras that asks first for what a program has registered."""

    @functools.wraps(original)
    def get(identifier: Any, *args: Any, **kwargs: Any) -> Any:
        is_saved = isinstance(identifier, dict) and identifier.get("class_name") == "function"
        name = identifier["config"] if is_saved else identifier
        found = registered(name) if isinstance(name, str) else None
        if found is not None:
            return found() if inspect.isclass(found) else found
        found = original(identifier, *args, **kwargs)
        if isinstance(found, str):
            raise K2ValueError(
                f"Unknown {kind}: {found}. Register it by keras.utils.get_custom_objects().update({{{found!r}: ...}})."
            )
        return found

    return get
