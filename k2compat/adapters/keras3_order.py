"""The order of a model's weights, in which scripts keep them as lists of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from k2compat.adapters.repair import Repair
from k2compat.errors import K2ValueError, three_parts


def order_repair() -> Repair:
    """The repair of ``weights``, ``get_weights`` and ``set_weights`` of models."""
    model = keras.Model
    return Repair(
        "weights_order",
        "model.weights are the trainable ones first, then the others (the averages of batch normalization), and so in "
        "each nested model for get_weights() and set_weights(); Keras 3 has them layer by layer, so that lists of "
        "arrays kept from Keras 2 do not fit.",
        [
            (model, "weights", property(weights)),
            (model, "get_weights", lambda self: [variable.numpy() for variable in by_layer(self)]),
            (model, "set_weights", set_weights),
        ],
    )


def weights(model: Any) -> list[Any]:
    """The weights of a model, trainable ones first, none twice."""
    trainable, others = split(model, model.trainable)
    return list({id(variable): variable for variable in [*trainable, *others]}.values())


def split(layer: Any, within_trainable: bool) -> tuple[list[Any], list[Any]]:
    """The trainable and the other weights of a layer and the layers in it.

    Of a model that is frozen as a whole each layer has the order it has when it is not.
    """
    trainable, others = list(layer._trainable_variables), list(layer._non_trainable_variables)
    for inner in layer._layers:
        inner_trainable, inner_others = split(inner, within_trainable and layer.trainable)
        trainable += inner_trainable
        others += inner_others
    if within_trainable and not layer.trainable:
        return [], [*trainable, *others]
    return trainable, others


def by_layer(model: Any) -> list[Any]:
    """The weights of a model in the order of ``get_weights``: those of its layers, one layer after the other."""
    own = [*model._trainable_variables, *model._non_trainable_variables]
    found = [*own, *(variable for layer in model.layers for variable in layer.weights)]
    return list({id(variable): variable for variable in found}.values())


def set_weights(model: Any, weights: Sequence[Any]) -> None:
    """Gives a model its weights, in the order of ``get_weights``.

    Raises:
        ValueError: their number or the shape of one of them does not fit; nothing is changed then.
    """
    variables = by_layer(model)
    given, needed = [np.shape(weight) for weight in weights], [tuple(variable.shape) for variable in variables]
    if given != needed:
        raise K2ValueError(
            three_parts(
                f"set_weights of the model '{model.name}' with {len(given)} arrays of shapes {given}",
                f"{len(needed)} arrays of shapes {needed}.",
                "take the list from get_weights() of a model that is built in the same way.",
            )
        )
    for variable, weight in zip(variables, weights, strict=True):
        variable.assign(weight)
