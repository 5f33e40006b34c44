"""What Keras 2 called updates: moving averages and the states of recurrent layers, for the models of either Keras."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.graph.dispatch import apply
from k2compat.graph.symbols import is_symbol
from k2compat.ops import variables
from k2compat.repair.shared.batch_normalization import moving_averages, trained_nodes, updates_in
from k2compat.repair.shared.time_distributed import merged


@dataclass(frozen=True)
class Kinds:
    """The classes of a Keras that have updates.

    Attributes:
        model, normalization, recurrent, distributed, wrapper: the classes.
        value: the value of a variable in the evaluation going on.
        inputs: the input tensors of a node.
        outputs: those it makes.
    """

    model: Any
    normalization: Any
    recurrent: Any
    distributed: Any
    wrapper: Any
    value: Callable[[Any], Any]
    inputs: Callable[[Any], list[Any]]
    outputs: Callable[[Any], list[Any]]


def all_updates(layer: Any, kinds: Kinds) -> list[Any]:
    """Return the updates of a layer or model: of its averages, and of the states of stateful layers.

    Those that a layer of a program's own adds in its call are not among them, which a warning says.
    """
    for inner in layer._flatten_layers():
        if attributes.UPDATES in vars(inner):
            warnings.warn(
                f"The updates of '{layer.name}' leave out what the layer '{inner.name}' gives to add_update. fit and "
                "train_on_batch run it; for a K.function make the update by K.update(variable, value) and pass it in "
                "updates=.",
                stacklevel=3,
            )
    return [
        *updates_in(layer, kinds.normalization),
        *(update for inner in layer._flatten_layers() for update in distributed_updates(inner, kinds)),
        *(update for one in direct(layer, kinds) for update in state_updates(one, kinds)),
    ]


def updates_of_stateful(model: Any, kinds: Kinds) -> list[Any]:
    """``model.state_updates``: all updates of the layers that are stateful; a wrapper never was."""
    found = (layer for layer in direct(model, kinds) if not isinstance(layer, kinds.wrapper))
    return [
        update
        for layer in found
        if any(stateful(layer, kinds))
        for update in (all_updates(layer, kinds) if isinstance(layer, kinds.model) else state_updates(layer, kinds))
    ]


def direct(layer: Any, kinds: Kinds) -> list[Any]:
    """Return the layers of a model; a layer that is none is its own."""
    return list(layer.layers) if isinstance(layer, kinds.model) else [layer]


def stateful(layer: Any, kinds: Kinds) -> Iterator[Any]:
    """Yield the recurrent layers in a layer that keep their states from batch to batch."""
    for inner in layer._flatten_layers():
        if isinstance(inner, kinds.recurrent) and inner.stateful and inner.states is not None:
            yield inner


def state_updates(layer: Any, kinds: Kinds) -> list[Any]:
    """Return the updates of the states in a layer: what they are when its last call has been computed."""
    if not layer._inbound_nodes:
        return []
    output = kinds.outputs(layer._inbound_nodes[-1])[0]
    states = [state for inner in stateful(layer, kinds) for state in tf.nest.flatten(inner.states)]
    if not states or not is_symbol(output):
        return []
    new = apply(lambda _: [kinds.value(state) for state in states], (output,), {})
    return [variables.update(state, value) for state, value in zip(states, new, strict=True)]


def distributed_updates(layer: Any, kinds: Kinds) -> list[Any]:
    """Return the updates of the averages in a layer that is run on all steps of a sequence."""
    if not isinstance(layer, kinds.distributed):
        return []
    return [
        update
        for node in trained_nodes(layer)
        for inner, tensor in normalized_inside(layer.layer, apply(merged, (kinds.inputs(node)[0],), {}), kinds)
        if inner.trainable
        for update in moving_averages(inner, [tensor])
    ]


def normalized_inside(layer: Any, tensor: Any, kinds: Kinds) -> Iterator[tuple[Any, Any]]:
    """Yield each batch normalization in a layer, and the tensor it normalizes.

    Args:
        layer: the layer, or a functional model.
        tensor: what that is called on.
    """
    if isinstance(layer, kinds.normalization):
        yield layer, tensor
    elif isinstance(layer, kinds.model):
        for inner in layer.layers:
            if isinstance(inner, kinds.normalization):
                inside = kinds.inputs(inner._inbound_nodes[0])[0]
                yield inner, kinds.model(layer.inputs, inside)(tensor)
