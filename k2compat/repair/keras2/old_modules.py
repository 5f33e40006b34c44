"""The repairs that give Keras 2 its old modules and names back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.internals import inner, keras
from k2compat.ops import objectives
from k2compat.repair.shared.old_modules import added, imported, module_patches, renamed, through_layers
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repairs of old modules and names."""
    private = {"Node": inner("engine.node").Node, "Network": keras.Model, "Container": keras.Model}
    modules = list(module_patches(keras.__name__, None, private))
    return [
        Repair(
            "old_modules",
            "Scripts import from keras.layers.core, keras.engine.topology, keras.utils.np_utils and other modules that "
            "are no longer public. The import of k2compat has to come before theirs.",
            modules,
        ),
        Repair(
            "old_names",
            "keras.constraints.maxnorm, keras.optimizers.adam, keras.utils.HDF5Matrix, "
            "keras.layers.convolutional._Conv and others are no longer public.",
            [
                *renamed(keras),
                *added(keras, lambda module: [getattr(keras, module), getattr(tf.keras, module)]),
                *through_layers(keras),
                *imported(keras, modules),
                *not_public(),
            ],
        ),
    ]


def not_public() -> Iterator[tuple[Any, str, Any]]:
    """Yield what scripts took from modules of layers that was not public there."""
    yield keras.layers, "_Merge", inner("layers.merging.base_merge")._Merge
    yield keras.layers, "_Conv", inner("layers.convolutional.base_conv").Conv
    yield keras.layers, "_SeparableConv", inner("layers.convolutional.base_separable_conv").SeparableConv
    yield keras.metrics, "cosine_similarity", objectives.OLD_METRICS["cosine_proximity"]
    yield keras.losses, "LossFunctionWrapper", inner("losses").LossFunctionWrapper
    yield keras.preprocessing.image, "DataFrameIterator", inner("preprocessing.image").DataFrameIterator
    for module, functions in (("losses", objectives.OLD_LOSSES), ("metrics", objectives.OLD_METRICS)):
        # Where Keras looks for `compile(loss="cosine_proximity")`.
        yield from ((inner(module), name, function) for name, function in functions.items())
