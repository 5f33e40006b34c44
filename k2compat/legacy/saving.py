"""``keras.engine.saving``: weights in HDF5 files, layer by layer, as programs read them themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from k2compat.errors import K2ValueError
from k2compat.legacy.cudnn_recurrent import converted

HDF5_OBJECT_HEADER_LIMIT = 64512
VERSION = "2.3.1"


def load_attributes_from_hdf5_group(group: Any, name: str) -> list[str]:
    """Return a list of names in the attributes of a group, which may be in several parts."""
    if name in group.attrs:
        parts = [group.attrs[name]]
    else:
        parts = []
        while f"{name}{len(parts)}" in group.attrs:
            parts.append(group.attrs[f"{name}{len(parts)}"])
    return [item.decode("utf8") if hasattr(item, "decode") else str(item) for part in parts for item in part]


def save_attributes_to_hdf5_group(group: Any, name: str, data: Sequence[Any]) -> None:
    """Store a list of names in the attributes of a group, in several parts where it is long."""
    items = np.asarray([item if isinstance(item, bytes) else str(item).encode("utf8") for item in data])
    count = 1
    while any(part.nbytes > HDF5_OBJECT_HEADER_LIMIT for part in np.array_split(items, count)):
        count += 1
    if count == 1:
        group.attrs[name] = items
    else:
        for number, part in enumerate(np.array_split(items, count)):
            group.attrs[f"{name}{number}"] = part


def preprocess_weights_for_loading(
    layer: Any,
    weights: Sequence[Any],
    original_keras_version: Any = None,
    original_backend: Any = None,
    reshape: bool = False,
) -> list[Any]:
    """Return the weights of a file as a layer takes them."""
    found = converted(layer, weights)
    if reshape:
        return [np.reshape(value, tuple(own.shape)) for value, own in zip(found, layer.weights, strict=True)]
    return found


def load_weights_from_hdf5_group(f: Any, layers: Iterable[Any], reshape: bool = False) -> None:
    """Set the weights of layers, one after the other.

    Raises:
        ValueError: the file has other layers.
    """
    with_weights = [layer for layer in layers if layer.weights]
    names = [name for name in load_attributes_from_hdf5_group(f, "layer_names") if stored(f[name])]
    if len(names) != len(with_weights):
        raise K2ValueError(
            f"You are trying to load a weight file containing {len(names)} layers into a model with "
            f"{len(with_weights)} layers"
        )
    for layer, name in zip(with_weights, names, strict=True):
        set_weights(layer, name, preprocess_weights_for_loading(layer, stored(f[name]), reshape=reshape))


def load_weights_from_hdf5_group_by_name(
    f: Any, layers: Iterable[Any], skip_mismatch: bool = False, reshape: bool = False
) -> None:
    """Set the weights of the layers whose names are in a file; others keep theirs."""
    by_name: dict[str, list[Any]] = {}
    for layer in layers:
        by_name.setdefault(layer.name, []).append(layer)
    for name in load_attributes_from_hdf5_group(f, "layer_names"):
        for layer in by_name.get(name, ()):
            values = preprocess_weights_for_loading(layer, stored(f[name]), reshape=reshape)
            if not skip_mismatch or fits(layer, values):
                set_weights(layer, name, values)


def stored(group: Any) -> list[Any]:
    """Return the weights of a layer in a file."""
    return [np.asarray(group[name]) for name in load_attributes_from_hdf5_group(group, "weight_names")]


def fits(layer: Any, values: Sequence[Any]) -> bool:
    """Return whether weights have the shapes of a layer's."""
    return [tuple(weight.shape) for weight in layer.weights] == [value.shape for value in values]


def set_weights(layer: Any, name: str, values: Sequence[Any]) -> None:
    """Set the weights of a layer.

    Raises:
        ValueError: there are fewer or more.
    """
    if len(values) != len(layer.weights):
        raise K2ValueError(
            f'Layer "{layer.name}" was found to correspond to layer {name} in the save file. However the layer '
            f"expects {len(layer.weights)} weights, but the saved weights have {len(values)} elements."
        )
    layer.set_weights(values)


def save_weights_to_hdf5_group(group: Any, layers: Iterable[Any]) -> None:
    """Store the weights of layers as Keras 2 does."""
    layers = list(layers)
    save_attributes_to_hdf5_group(group, "layer_names", [layer.name for layer in layers])
    group.attrs["backend"], group.attrs["keras_version"] = b"tensorflow", VERSION.encode("utf8")
    for layer in sorted(layers, key=lambda it: it.name):
        inside = group.create_group(layer.name)
        names = [weight.name for weight in layer.weights]
        names = names if len(set(names)) == len(names) else [f"{name}_{at}" for at, name in enumerate(names)]
        save_attributes_to_hdf5_group(inside, "weight_names", names)
        for name, value in zip(names, layer.get_weights(), strict=True):
            inside.create_dataset(name, data=value)
