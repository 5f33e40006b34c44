"""The repair of what Keras 3 writes down of a model in which K functions compute masks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import keras

from k2compat.adapters.keras3.nodes import Recorded
from k2compat.repair.keras3.layer_order import masks_of, node_of
from k2compat.repair.table import Around, Repair

functional = keras.src.models.functional


def repairs() -> list[Repair]:
    """Return the repair."""
    return [
        Repair(
            "saved_masks",
            "A model with a layer whose compute_mask calls K functions saves: masks are no part of its configuration, "
            "and layers get them again when it is loaded. Keras 3 writes down what computes a mask, which K functions "
            "do not let it.",
            [
                (functional.Functional, "get_config", Around(leaving_out)),
                (functional, "serialize_node", Around(without_lost_mask)),
            ],
        )
    ]


def leaving_out(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Functional.get_config`` without the operations that only compute masks, if K functions are among these."""

    @functools.wraps(original)
    def get_config(self: Any) -> Any:
        own = vars(self)
        nodes, operations = own.get("_nodes"), own.get("_operations", ())
        if not any(isinstance(operation, Recorded) for operation in operations):
            return original(self)
        kept = needed(self)
        own["_nodes"] = {
            key(operation, number)
            for operation in operations
            for number, node in enumerate(operation._inbound_nodes)
            if key(operation, number) in nodes and (id(node) in kept or isinstance(operation, keras.Layer))
        }
        own["_operations"] = [
            operation
            for operation in operations
            if isinstance(operation, keras.Layer) or any(id(node) in kept for node in operation._inbound_nodes)
        ]
        try:
            return original(self)
        finally:
            own["_nodes"], own["_operations"] = nodes, operations

    return get_config


def needed(model: Any) -> set[int]:
    """Return the identities of the calls that a model needs for more than masks."""
    ends, found = {id(tensor) for tensor in model.inputs}, set()
    left = [node_of(tensor) for tensor in model.outputs]
    while left:
        node = left.pop()
        if id(node) not in found:
            found.add(id(node))
            masks = own_masks(node)
            left += [node_of(tensor) for tensor in node.input_tensors if id(tensor) not in masks | ends]
    return found


def own_masks(node: Any) -> set[int]:
    """Return the identities of the masks that a layer was called with, if they came with its inputs."""
    inputs = keras.tree.flatten((node.arguments.args, node.arguments.kwargs))
    masks = masks_of(node)
    return masks if masks <= {id(getattr(tensor, "_keras_mask", None)) for tensor in inputs} else set()


def without_lost_mask(original: Callable[..., Any]) -> Callable[..., Any]:
    """``serialize_node`` without a mask that is computed by a call which is not written down."""

    @functools.wraps(original)
    def serialize_node(node: Any, own_nodes: Any = ()) -> Any:
        masks = keras.tree.flatten(node.arguments.kwargs.get("mask"))
        histories = [mask._keras_history for mask in masks if isinstance(mask, keras.KerasTensor)]
        if own_nodes and any(key(operation, number) not in own_nodes for operation, number, _ in histories):
            kwargs = {name: value for name, value in node.arguments.kwargs.items() if name != "mask"}
            arguments = SimpleNamespace(args=node.arguments.args, kwargs=kwargs)
            node = SimpleNamespace(input_tensors=node.input_tensors, arguments=arguments)
        return original(node, own_nodes=own_nodes)

    return serialize_node


def key(operation: Any, number: int) -> str:
    """Return the name by which a model of Keras knows a call."""
    name: str = functional.make_node_key(operation, number)
    return name
