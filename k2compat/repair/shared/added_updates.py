"""What layers give to ``add_update`` in their calls, as the updates of a symbolic call of a layer or model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.added_updates import Added, caught
from k2compat.adapters.tensor_names import unchanged
from k2compat.graph.added_updates import AddedUpdates, values_of
from k2compat.graph.node import Placeholders
from k2compat.graph.record import attach
from k2compat.graph.symbols import is_symbol
from k2compat.repair.shared.kept_updates import moves


@dataclass(frozen=True)
class Entry:
    """An update of a call of a layer.

    Attributes:
        update: an update or a pair (variable, symbolic value).
        conditional: whether it was added for inputs.
        matches: whether these inputs are those of the call.
    """

    update: Any
    conditional: bool = True
    matches: bool = True


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
    value: Any
    inputs: Any
    outputs: Any


def adds(layer: Any, kinds: Kinds) -> bool:
    """Return whether a call of a layer may add updates: of batch normalization inside, or of a layer of a program's
    own.
    """
    inside = layer._flatten_layers(include_self=False)
    return has_own(layer, kinds) or any(isinstance(inner, kinds.normalization) for inner in inside)


def has_own(layer: Any, kinds: Kinds) -> bool:
    """Return whether a layer is of a program's own class, or one inside."""
    package = kinds.model.__module__.partition(".")[0]
    return any(package_of_class(inner) != package for inner in layer._flatten_layers())


def is_known_to_add(layer: Any, kinds: Kinds) -> bool:
    """Return whether a layer, or one inside, has added updates in a call before, or is batch normalization."""
    return any(
        attributes.UPDATES in vars(inner) or isinstance(inner, kinds.normalization) for inner in layer._flatten_layers()
    )


def package_of_class(thing: Any) -> str:
    """Return the package that the class of an object is in."""
    return type(thing).__module__.partition(".")[0]


def added_by(call: Any, kinds: Kinds) -> AddedUpdates:
    """Return the call that gives the new values of the updates that the layers add which run in a call."""
    if call.added is None:
        trace = Placeholders("updates")
        trace.phase = 1
        try:
            with trace.tracing(), unchanged(call.operation), caught() as found:
                with_masks(call, trace)
                call.run(trace)
        except Exception:  # a layer that only runs on values
            if is_known_to_add(call.operation, kinds):
                raise
            found = []
        found = [one for one in found if is_outside_loops(one, trace.graph)]
        made = AddedUpdates(call, found)
        values = values_of(found)
        attach(made, [tf.type_spec_from_value(values[place]) for place in made.places])
        call.added = made
    return call.added


def with_masks(call: Any, trace: Placeholders) -> None:
    """Give the tensors that stand for the inputs of a call in a trace the masks that its inputs have."""
    for symbol in call.inputs:
        mask = getattr(symbol, "_keras_mask", None)
        if is_symbol(mask):
            trace.value(symbol)._keras_mask = trace.value(mask)


def is_outside_loops(one: Added, graph: Any) -> bool:
    """Return whether the new values of an update are tensors of the call, and not of a loop or a branch inside."""
    return all(getattr(value, "graph", graph) is graph for value in values_of([one]))


def entries_of(call: Any, kinds: Kinds) -> list[Entry]:
    """Return the updates that are added in a call."""
    made = added_by(call, kinds)
    return [
        Entry(update, one.inputs is not None, matches(one, kinds))
        for one, update in zip(made.found, made.updates(), strict=True)
        if one.counts and all(moves(layer) for layer in (one.layer, *(layer for layer, _ in one.calls)))
    ]


def matches(one: Added, kinds: Kinds) -> bool:
    """Return whether an update is conditional on what each layer was called on that it was added in.

    A model hands its inputs on to layers, and ``TimeDistributed`` the steps of all samples.
    """
    inputs, hands_on = one.inputs, False
    for number, (layer, given) in enumerate(reversed(one.calls)):
        hands_on = number > 0 and isinstance(layer, kinds.model) and bool(getattr(layer, "outputs", None))
        past = {"Cast", "Reshape"} if isinstance(layer, kinds.distributed) else {"Cast"}
        if not hands_on and inputs is not None and not same(inputs, given, past):
            return False
        inputs = None if inputs is None else given
    return True


def same(some: Sequence[Any], others: Sequence[Any], past: set[str]) -> bool:
    """Return whether tensors are others, or were made of them by operations of some types."""
    return [id(origin(one, past)) for one in some] == [id(origin(one, past)) for one in others]


def origin(tensor: Any, past: set[str]) -> Any:
    """Return what a tensor of a graph was made of by operations of some types."""
    while isinstance(tensor, tf.Tensor) and hasattr(tensor, "graph") and tensor.op.type in past:
        tensor = tensor.op.inputs[0]
    return tensor
