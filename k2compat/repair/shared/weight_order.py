"""The order of a model's weights, in which scripts keep them as lists of arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from k2compat.errors import K2ValueError, three_parts
from k2compat.repair.table import Repair

Parts = Callable[[Any], tuple[Sequence[Any], Sequence[Any], Sequence[Any]]]


def order_repair(model: Any, parts: Parts) -> Repair:
    """Return the repair of ``weights``, ``get_weights`` and ``set_weights`` of models.

    Args:
        model: the class of models of a Keras.
        parts: gives what a layer or model consists of: its own trainable weights, its other ones, the layers in it.
    """
    return Repair(
        "weights_order",
        "model.weights are the trainable ones first, then the others (the averages of batch normalization), and so in "
        "each nested model for get_weights() and set_weights(); TensorFlow 2 has them layer by layer, so that lists of "
        "arrays kept from Keras 2 do not fit.",
        [
            (model, "weights", property(functools.partial(weights, original=model.weights, parts=parts))),
            (model, "get_weights", lambda self: [variable.numpy() for variable in by_layer(self, parts)]),
            (model, "set_weights", lambda self, weights: set_weights(self, weights, parts)),
        ],
    )


def weights(model: Any, original: Any, parts: Parts) -> list[Any]:
    """Return the weights of a model, trainable ones first, none twice.

    Raises:
        ValueError: those of Keras 2 are not made yet.
    """
    original.fget(model)
    trainable, others = split(model, model.trainable, parts)
    return list({id(variable): variable for variable in [*trainable, *others]}.values())


def split(layer: Any, within_trainable: bool, parts: Parts) -> tuple[list[Any], list[Any]]:
    """Return the trainable and the other weights of a layer and the layers in it.

    Of a model that is frozen as a whole each layer has the order it has when it is not.
    """
    trainable, others, layers = map(list, parts(layer))
    if layers and layers == [getattr(layer, "layer", None)]:
        return of_wrapper(layer, within_trainable, parts)
    for inner in layers:
        inner_trainable, inner_others = split(inner, within_trainable and layer.trainable, parts)
        trainable += inner_trainable
        others += inner_others
    if within_trainable and not layer.trainable:
        return [], [*trainable, *others]
    return trainable, others


def of_layer(layer: Any, parts: Parts) -> list[Any]:
    """Return the weights of a layer of a model in its own order."""
    if parts(layer)[2] != [getattr(layer, "layer", None)]:
        return layer.weights
    trainable, others = of_wrapper(layer, True, parts)
    return [*trainable, *others]


def of_wrapper(wrapper: Any, within_trainable: bool, parts: Parts) -> tuple[list[Any], list[Any]]:
    """Return the weights of a wrapper: first those of the layer inside, to which it may have added some."""
    own, own_others, _ = parts(wrapper)
    trainable, others = split(wrapper.layer, within_trainable and wrapper.trainable, parts)
    own, own_others = ([], [*own, *own_others]) if within_trainable and not wrapper.trainable else (own, own_others)
    return without_repeated([*trainable, *own]), without_repeated([*others, *own_others])


def without_repeated(variables: Sequence[Any]) -> list[Any]:
    """Return variables, each at its first place."""
    return list({id(variable): variable for variable in variables}.values())


def by_layer(model: Any, parts: Parts) -> list[Any]:
    """Return the weights of a model in the order of ``get_weights``: those of its layers, one layer after the other."""
    trainable, others, _ = parts(model)
    found = [*trainable, *others, *(variable for layer in model.layers for variable in of_layer(layer, parts))]
    return without_repeated(found)


def set_weights(model: Any, weights: Sequence[Any], parts: Parts) -> None:
    """Give a model its weights, in the order of ``get_weights``.

    Raises:
        ValueError: their number or the shape of one of them does not fit; nothing is changed then.
    """
    variables = by_layer(model, parts)
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
