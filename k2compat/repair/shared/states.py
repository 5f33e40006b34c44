"""What Keras 2 called updates: moving averages, the states of layers, and what layers of a program's own add, for the
models of either Keras.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.registry import adapter
from k2compat.graph.dispatch import apply
from k2compat.graph.symbols import is_symbol
from k2compat.ops import variables
from k2compat.repair.shared.added_updates import Entry, Kinds, adds, entries_of, has_own
from k2compat.repair.shared.batch_normalization import is_trained, moving_averages
from k2compat.repair.shared.kept_updates import kept_by, moves
from k2compat.repair.shared.time_distributed import merged

# A call of a layer: the layer and its node.
Node = tuple[Any, Any]


def all_updates(layer: Any, kinds: Kinds) -> list[Any]:
    """Return the updates of a layer or model: of its averages, of the states of stateful layers, and of what layers of
    a program's own add. A model has those of the calls it consists of, a layer those of all its calls.
    """
    if not moves(layer):
        return []
    found = []
    for one, nodes in calls_in(layer, kinds):
        if moves(one):
            of_one = updates_of_nodes(one, nodes, kinds)
            found += [entry for entry in of_one if entry.conditional and (entry.matches or one is layer)]
            found += [entry for entry in of_one if not entry.conditional]
    report_missing(layer, kinds)
    return [entry.update for entry in found]


def updates_for(layer: Any, inputs: Any, kinds: Kinds) -> list[Any]:
    """Return the updates of a layer or model that are conditional on symbolic tensors; for None those that are not."""
    if not moves(layer):
        return []
    wanted = None if inputs is None else list(map(id, tf.nest.flatten(inputs)))
    calls = {id(node): (one, node) for one, nodes in calls_in(layer, kinds) for node in nodes}
    calls.update({id(node): (layer, node) for node in layer._inbound_nodes})
    found = []
    for one, node in calls.values():
        if wanted is None or list(map(id, kinds.inputs(node))) == wanted:
            of_one = updates_of_nodes(one, [node], kinds) if moves(one) else []
            found += [entry for entry in of_one if entry.conditional == (wanted is not None) and entry.matches]
    return list({id(entry.update): entry.update for entry in found}.values())


def updates_of_stateful(model: Any, kinds: Kinds) -> list[Any]:
    """``model.state_updates``: all updates of the layers that are stateful; a wrapper never was."""
    return [
        entry.update
        for layer, nodes in calls_in(model, kinds)
        if not isinstance(layer, kinds.wrapper) and is_stateful(layer, kinds)
        for entry in updates_of_nodes(layer, nodes, kinds)
    ]


def is_stateful(layer: Any, kinds: Kinds) -> bool:
    """Return whether a layer keeps a state, or one inside."""
    return bool(getattr(layer, "stateful", False)) or any(recurrent(layer, kinds))


def calls_in(layer: Any, kinds: Kinds) -> list[tuple[Any, list[Any]]]:
    """Return the layers of a functional model, each with the nodes of its calls in it; for a layer, all its calls."""
    functional = getattr(layer, "_functional", None) or layer
    within = {id(node) for nodes in getattr(functional, "_nodes_by_depth", {}).values() for node in nodes}
    if not (isinstance(layer, kinds.model) and within):
        return [(layer, list(layer._inbound_nodes))]
    return [(one, [node for node in one._inbound_nodes if id(node) in within]) for one in functional.layers]


def updates_of_nodes(layer: Any, nodes: list[Any], kinds: Kinds) -> list[Entry]:
    """Return the updates of a layer in some of its calls."""
    return [
        *(entry for node in nodes for entry in updates_of(layer, node, kinds)),
        *(Entry(update) for update in state_updates(layer, nodes, kinds)),
        *kept_entries(layer, nodes, kinds),
    ]


def kept_entries(layer: Any, nodes: list[Any], kinds: Kinds) -> Iterator[Entry]:
    """Yield the updates that a layer was given outside of its calls, and those without inputs of layers inside."""
    called_on = [list(map(id, kinds.inputs(node))) for node in nodes]
    for inner in layer._flatten_layers():
        for update, inputs in kept_by(inner) if moves(inner) else ():
            if inputs is None:
                yield Entry(update, False)
            elif inner is layer:
                yield Entry(update, matches=list(map(id, inputs)) in called_on)


def updates_of(layer: Any, node: Any, kinds: Kinds) -> list[Entry]:
    """Return the updates of the averages of a call of a layer, and of what it adds."""
    if isinstance(layer, kinds.normalization):
        return [Entry(update) for update in moving_averages(layer, kinds.inputs(node))] if is_trained(node) else []
    if isinstance(layer, kinds.distributed) and not has_own(layer, kinds):
        return [Entry(update) for update in distributed_updates(layer, node, kinds)]
    return entries_of(call_of(node, kinds), kinds) if is_call(node, kinds) and adds(layer, kinds) else []


def distributed_updates(layer: Any, node: Any, kinds: Kinds) -> Iterator[Any]:
    """Yield the updates of the averages in a layer that is run on all steps of a sequence together: in a batch of a
    fixed size it is run step by step, and had none.
    """
    steps = kinds.inputs(node)[0]
    if is_trained(node) and steps.shape[0] is None:
        for inner, tensor in normalized_inside(layer.layer, apply(merged, (steps,), {}), kinds):
            if inner.trainable:
                yield from moving_averages(inner, [tensor])


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


def is_call(node: Any, kinds: Kinds) -> bool:
    """Return whether a node is a call, and not an input."""
    return not node.is_input and bool(kinds.outputs(node))


def call_of(node: Any, kinds: Kinds) -> Any:
    """Return a node as a call."""
    return adapter().call_of(kinds.outputs(node)[0])


def recurrent(layer: Any, kinds: Kinds) -> Iterator[Any]:
    """Yield the recurrent layers in a layer that keep their states from batch to batch."""
    for inner in layer._flatten_layers():
        if isinstance(inner, kinds.recurrent) and inner.stateful and inner.states is not None:
            yield inner


def state_updates(layer: Any, nodes: list[Any], kinds: Kinds) -> list[Any]:
    """Return the updates of the states in a layer: what they are when the last of some calls has been computed."""
    output = kinds.outputs(nodes[-1])[0] if nodes else None
    states = [state for inner in recurrent(layer, kinds) for state in tf.nest.flatten(inner.states)]
    if not states or not is_symbol(output):
        return []
    new = apply(lambda _: [kinds.value(state) for state in states], (output,), {})
    return [variables.update(state, value) for state, value in zip(states, new, strict=True)]


def report_missing(layer: Any, kinds: Kinds) -> None:
    """Warn of layers of a program's own whose updates could not be found in any symbolic call."""
    calls = [call_of(node, kinds) for _, nodes in calls_in(layer, kinds) for node in nodes if is_call(node, kinds)]
    seen = {id(one.layer) for call in calls if call.added is not None for one in call.added.found}
    for inner in layer._flatten_layers():
        if attributes.UPDATES in vars(inner) and moves(inner) and id(inner) not in seen:
            warnings.warn(
                f"The updates of '{layer.name}' leave out what the layer '{inner.name}' gives to add_update: it adds "
                "functions, or in a loop, or is called on no symbolic tensor in there. fit and train_on_batch run it; "
                "for a K.function make the update by K.update(variable, value) and pass it in updates=.",
                stacklevel=4,
            )
