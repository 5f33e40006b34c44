"""The old names of the layers of ``keras.applications``, for either Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from k2compat.repair.table import Repair
from k2compat.tables.application_names import SCALED, names_in


def names_repair(model: Any) -> Repair:
    """Return the repair for the models of a Keras."""
    return Repair(
        "application_layer_names",
        'ResNet50().get_layer("activation_49") and "fc1000" are the layers that had these names in Keras 2; those of '
        "today work beside them.",
        [(model, "get_layer", by_old_name(model.get_layer))],
    )


def by_old_name(original: Callable[..., Any]) -> Callable[..., Any]:
    """``get_layer`` that knows the old names of a model's layers as well."""

    @functools.wraps(original)
    def get_layer(self: Any, name: Any = None, index: Any = None) -> Any:
        today = names_in(self.name).get(name) if isinstance(name, str) else None
        if today is not None:
            names = [layer.name for layer in self.layers]
            if isinstance(today, int):
                scaled = [one for one in names if one.startswith(SCALED)]
                today = scaled[today] if today < len(scaled) else name
            name = today if today in names and name not in names else name
        return original(self, name=name, index=index)

    return get_layer
