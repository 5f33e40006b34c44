"""The repair of the names of weights in the ``.h5`` files of Keras 3."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from k2compat.repair.keras3.naming import known_name
from k2compat.repair.table import Repair

legacy_h5_format = keras.src.legacy.saving.legacy_h5_format


def repairs() -> list[Repair]:
    """Return the repair."""
    return [
        Repair(
            "names_in_files",
            "An .h5 file names weights as Keras 2 did, dense_1/kernel:0, each name once, by which programs find them. "
            "Keras 3 writes dense_1/kernel, and does not save a layer with two weights of one name.",
            [
                (legacy_h5_format, "save_subset_weights_to_hdf5_group", save_under_old_names),
                (
                    legacy_h5_format,
                    "save_optimizer_weights_to_hdf5_group",
                    of_keras(legacy_h5_format.save_optimizer_weights_to_hdf5_group),
                ),
            ],
        ),
    ]


def save_under_old_names(group: Any, weights: list[Any]) -> None:
    """Save weights into a group of an HDF5 file, in the place of ``save_subset_weights_to_hdf5_group``."""
    names: list[str] = []
    for weight in weights:
        old = known_name(weight) or f"{weight.path}:0"
        bare = old.removesuffix(":0")
        numbered = (f"{bare}_{number}:0" for number in itertools.count(1))
        names.append(next(name for name in itertools.chain([old], numbered) if name not in names))
    legacy_h5_format.save_attributes_to_hdf5_group(group, "weight_names", [name.encode("utf8") for name in names])
    for name, weight in zip(names, weights, strict=True):
        group.create_dataset(name, data=np.asarray(weight.value))


def of_keras(original: Callable[..., Any]) -> Callable[..., Any]:
    """``save_optimizer_weights_to_hdf5_group``, for optimizers of Keras under the names that ``save_under_old_names``
    gives.
    """

    @functools.wraps(original)
    def save_optimizer_weights_to_hdf5_group(group: Any, optimizer: Any) -> None:
        if isinstance(optimizer, keras.optimizers.Optimizer) and optimizer.variables:
            save_under_old_names(group.create_group("optimizer_weights"), optimizer.variables)
        else:
            original(group, optimizer)

    return save_optimizer_weights_to_hdf5_group
