"""What programs read off the graph of a model: the layers, tensors and shapes of nodes, for either Keras."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from k2compat import attributes
from k2compat.naming.callers import LIBRARIES, package_of
from k2compat.naming.static_shape import shape_of
from k2compat.repair.shared.layer_protocol import noted
from k2compat.repair.table import Repair

# Lists of what a node has, one thing for each tensor.
Lists = Callable[[Any], list[Any]]


def graph_repair(
    node: Any, layer: Any, tensor: Any, inputs: Lists, outputs: Lists, follows_phase: Callable[[Any], bool]
) -> Repair:
    """Make the repair of a Keras.

    Args:
        node, layer, tensor: its classes of nodes, layers and symbolic tensors.
        inputs, outputs: the tensors of a node.
        follows_phase: whether a layer computes otherwise in the training phase.
    """

    def histories(self: Any, number: int) -> list[Any]:
        return [history(one)[number] for one in inputs(self) if history(one)[0] is not owner(self)]

    found: dict[str, Lists] = {
        "inbound_layers": lambda self: histories(self, 0),
        "node_indices": lambda self: histories(self, 1),
        "tensor_indices": lambda self: histories(self, 2),
        "input_tensors": inputs,
        "output_tensors": outputs,
        "input_shapes": lambda self: shape_of(inputs(self)),
        "output_shapes": lambda self: shape_of(outputs(self)),
        "input_masks": lambda self: masks_of(inputs(self)),
        "output_masks": lambda self: masks_of(outputs(self)),
    }
    return Repair(
        "layer_graph",
        "Code that walks a model reads lists off its nodes, node.inbound_layers, node.input_shapes, node.input_masks "
        "and others, node.outbound_layer, layer.get_input_mask_at(0), layer.batch_input_shape and "
        "tensor._uses_learning_phase; some are gone, and of one tensor tf_keras gives no list.",
        [
            *((node, name, for_programs(vars(node).get(name), get)) for name, get in found.items()),
            (node, "outbound_layer", property(owner)),
            (layer, "get_input_mask_at", lambda self, index: mask_of(inputs(self._inbound_nodes[index]))),
            (layer, "get_output_mask_at", lambda self, index: mask_of(outputs(self._inbound_nodes[index]))),
            (layer, "batch_input_shape", noted("batch_input_shape", batch_shape)),
            (
                tensor,
                "_uses_learning_phase",
                noted("_uses_learning_phase", lambda self: any(map(follows_phase, above(self, inputs)))),
            ),
        ],
    )


def for_programs(known: Any, found: Lists) -> property:
    """A property that gives programs a list, and Keras itself what it has under the name."""
    read = known.fget if isinstance(known, property) else None

    def get(self: Any) -> Any:
        if read is not None and package_of(sys._getframe(1)) in LIBRARIES:
            return read(self)
        return found(self)

    return property(get)


def owner(node: Any) -> Any:
    """Return the layer that a node is a call of."""
    return node.operation if hasattr(node, "operation") else node.layer


def history(tensor: Any) -> tuple[Any, Any, Any]:
    """Return which layer made a tensor, in which of its calls, and at which place."""
    found = getattr(tensor, "_keras_history", None)
    return (None, None, None) if found is None else tuple(found)


def above(tensor: Any, inputs: Lists) -> Iterator[Any]:
    """Yield the layers that a symbolic tensor is computed by."""
    waiting, seen = [tensor], set()
    while waiting:
        layer, number, _ = history(waiting.pop())
        if layer is None or (id(layer), number) in seen:
            continue
        seen.add((id(layer), number))
        yield layer
        nodes = getattr(layer, "_inbound_nodes", ())
        waiting += inputs(nodes[number]) if number < len(nodes) else []


def mask_of(tensors: list[Any]) -> Any:
    """Return the mask of a tensor, a list of them for several."""
    masks = masks_of(tensors)
    return masks[0] if len(masks) == 1 else masks


def masks_of(tensors: list[Any]) -> list[Any]:
    """Return the masks of symbolic tensors, None for those that have none."""
    return [getattr(one, "_keras_mask", None) for one in tensors]


def batch_shape(layer: Any) -> Any:
    """Return the shape a layer was made with, None for the batch size.

    Raises:
        AttributeError: it was made without one.
    """
    for name in (attributes.BATCH_SHAPE, "_batch_shape", "_batch_input_shape"):
        if vars(layer).get(name) is not None:
            return tuple(vars(layer)[name])
    shape = vars(layer).get("_input_shape_arg")
    if shape is None:
        raise AttributeError(f"'{type(layer).__name__}' object has no attribute 'batch_input_shape'")
    return (None, *shape)
