"""The repairs that give Keras 3 the layers back that it has no more, and their weights in files."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import keras
from keras.src import api_export

from k2compat.legacy.cudnn_recurrent import converted
from k2compat.legacy.removed_layers import removed_layers
from k2compat.repair.keras3.namespaces import namespaces
from k2compat.repair.shared.removed_layers import removed_layers_repair
from k2compat.repair.table import Repair

legacy_h5_format = keras.src.legacy.saving.legacy_h5_format


def repairs() -> list[Repair]:
    """Return the repairs of the layers and their weights."""
    return [
        removed_layers_repair(list(patches())),
        Repair(
            "cudnn_weights",
            "Weights that a CuDNNLSTM saved fit an LSTM, and the other way round: Keras 2 turned the kernels around "
            "and added the two biases.",
            [(legacy_h5_format, "_set_weights", converting(legacy_h5_format._set_weights))],
        ),
    ]


def patches() -> Iterator[tuple[Any, str, Any]]:
    """Yield the layers at their addresses, and for files of models."""
    objects, names = api_export.REGISTERED_NAMES_TO_OBJS, api_export.REGISTERED_OBJS_TO_NAMES
    places = [*namespaces("layers"), keras.src.layers]
    for name, layer in removed_layers(keras).items():
        yield from ((place, name, layer) for place in places if not hasattr(place, name))
        if isinstance(layer, type) and not hasattr(keras.layers, name):
            yield objects, f"keras.layers.{name}", layer
            if layer not in names:  # else it is a layer of Keras by an old name, and files keep its current one
                yield names, layer, f"keras.layers.{name}"  # type: ignore[misc]


def converting(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_set_weights`` of a file that takes weights of a layer with or without cuDNN."""

    @functools.wraps(original)
    def _set_weights(instance: Any, symbolic_weights: Any, weight_values: Any, *args: Any, **kwargs: Any) -> Any:
        return original(instance, symbolic_weights, converted(instance, weight_values), *args, **kwargs)

    return _set_weights
