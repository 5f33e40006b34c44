"""The order of the layers of Keras 3's models, for which masks did not count in Keras 2."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras


def ordering(original: Callable[..., Any]) -> Callable[..., Any]:
    """``map_graph``, which says in which order a model has its layers, as if masks were no part of the graph."""

    @functools.wraps(original)
    def map_graph(inputs: Any, outputs: Any) -> Any:
        nodes, nodes_by_depth, operations, operations_by_depth = original(inputs, outputs)
        if any(masks_of(node) for same in nodes_by_depth.values() for node in same):
            operations = reordered(operations, inputs, outputs)
        return nodes, nodes_by_depth, operations, operations_by_depth

    return map_graph


def masks_of(node: Any) -> set[int]:
    """Return the identities of the symbolic tensors that a call gets as masks."""
    found = keras.tree.flatten(node.arguments.kwargs.get("mask"))
    return {id(tensor) for tensor in found if isinstance(tensor, keras.KerasTensor)}


def reordered(operations: list[Any], inputs: Any, outputs: Any) -> list[Any]:
    """Return the operations of a model in the order of Keras 2, those that only compute masks behind."""
    within, ends = {id(tensor) for tensor in inputs}, [node_of(tensor) for tensor in outputs]
    depths, numbers = depths_of(*visited(ends, within))
    main = sorted(depths, key=lambda operation: (-depths[operation], numbers[operation]))
    rest = [operation for operation in operations if operation not in depths]
    if len(main) + len(rest) != len(operations) or any(isinstance(operation, keras.Layer) for operation in rest):
        return operations  # layers that compute a mask which was given by hand, or inputs that are not used
    return [*main, *rest]


def node_of(tensor: Any) -> Any:
    """Return the call that made a symbolic tensor."""
    operation, number, _ = tensor._keras_history
    return operation._inbound_nodes[number]


def parents(node: Any, within: set[int]) -> list[Any]:
    """Return the calls whose results a call gets other than as masks."""
    if node.is_input or any(id(tensor) in within for tensor in node.output_tensors):
        return []
    masks = masks_of(node)
    return [node_of(tensor) for tensor in node.input_tensors if id(tensor) not in masks]


def visited(ends: list[Any], within: set[int]) -> tuple[list[tuple[Any, list[Any]]], dict[Any, int]]:
    """Return the calls, with those before each, in the order in which they are left, and the numbers of their
    operations.
    """
    left: list[tuple[Any, list[Any]]] = []
    numbers: dict[Any, int] = {}
    seen: set[int] = set()
    for end in ends:
        waiting: list[tuple[Any, Any]] = [(end, None)]
        while waiting:
            node, before = waiting.pop()
            if before is not None:
                left.append((node, before))
            elif id(node) not in seen:
                seen.add(id(node))
                numbers.setdefault(node.operation, len(numbers))
                before = parents(node, within)
                waiting += [(node, before), *((parent, None) for parent in reversed(before))]
    return left, numbers


def depths_of(left: list[tuple[Any, list[Any]]], numbers: dict[Any, int]) -> tuple[dict[Any, int], dict[Any, int]]:
    """Return how far each operation is from the outputs at most, and the numbers of the operations."""
    of_nodes: dict[int, int] = {}
    depths: dict[Any, int] = {}
    for node, before in reversed(left):
        depth = depths[node.operation] = max(of_nodes.get(id(node), 0), depths.get(node.operation, 0))
        for parent in before:
            of_nodes[id(parent)] = max(depth + 1, of_nodes.get(id(parent), 0))
    return depths, numbers
