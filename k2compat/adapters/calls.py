"""What the calls between the symbolic tensors of either Keras have in common."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import tensorflow as tf


class SourceCall:
    """An input layer that has its value from an expression (``Input(tensor=...)``) instead of a feed."""

    name = "source"
    structure = None
    trusted = True
    seeded = False
    variables: Sequence[tf.Variable] = ()

    def __init__(self, source: Any, output: Any):
        self.inputs = [source]
        self.outputs = [output]

    def needs(self, phase: int) -> Sequence[Any]:
        return self.inputs

    def run(self, evaluation: Any) -> list[Any]:
        return [evaluation.value(self.inputs[0])]


def closed_over(operation: Any, kind: Any) -> list[Any]:
    """What the function of a layer of a kind, ``Lambda``, uses from outside."""
    function = getattr(operation, "function", None) if isinstance(operation, kind) else None
    cells = []
    for cell in getattr(function, "__closure__", None) or ():
        with contextlib.suppress(ValueError):  # a cell not filled yet
            cells.append(cell.cell_contents)
    return tf.nest.flatten((cells, getattr(function, "__defaults__", None)))


def forward_passes() -> list[tuple[dict[int, Any], list[Any]]]:
    """The calls of functional models in the graph being traced: values by the identity of their symbols, and what keeps
    the symbols alive.
    """
    graph = tf.compat.v1.get_default_graph()
    if not hasattr(graph, "_k2compat_forward_passes"):
        graph._k2compat_forward_passes = []
    return graph._k2compat_forward_passes
