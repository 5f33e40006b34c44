"""What programs read off the nodes of a graph of layers, for either Keras."""

from __future__ import annotations

from typing import Any

from k2compat.repair.table import Repair

REASON = (
    "Programs that walk through a model (to turn it around, to convert it) read node.outbound_layer, "
    "node.inbound_layers, node.node_indices and node.tensor_indices, lists of tensors from node.input_tensors and "
    "node.output_tensors, and model._nodes_by_depth of a Sequential, too."
)


def repair(node: Any, patches: list[tuple[Any, str, Any]]) -> Repair:
    """Return the repair of a Keras.

    Args:
        node: its class of nodes, whose ``input_tensors`` are a list.
        patches: what it needs beside that.
    """
    return Repair(
        "layer_nodes",
        REASON,
        [
            *patches,
            (node, "inbound_layers", property(lambda self: part_of_history(self, 0))),
            (node, "node_indices", property(lambda self: part_of_history(self, 1))),
            (node, "tensor_indices", property(lambda self: part_of_history(self, 2))),
        ],
    )


def part_of_history(node: Any, part: int) -> list[Any]:
    """Return the layers that made a node's inputs, or the indices of their nodes, or of the tensors there.

    Args:
        node: the node; that of an input layer has none.
        part: the place in ``_keras_history``.
    """
    if node.is_input:
        return []
    return [tensor._keras_history[part] for tensor in node.input_tensors if hasattr(tensor, "_keras_history")]
