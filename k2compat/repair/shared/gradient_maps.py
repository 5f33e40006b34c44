"""The repairs that honour `gradient_override_map`."""

from __future__ import annotations

from typing import Any

from k2compat.adapters.gradient_maps import Graph, marked, override_map, record_gradient
from k2compat.repair.table import Repair
from k2compat.tensorflow_internals import COMPLETES_OPERATION, eager_execution


def gradient_map_repair() -> Repair:
    """Return the repair of TensorFlow."""
    return Repair(
        "gradient_override_map",
        "The gradients that graph.gradient_override_map names (guided backpropagation, gradient reversal) are ignored "
        "by tf.GradientTape and by functions that are traced later; operations made under it keep them.",
        [
            (Graph, "gradient_override_map", override_map),
            (Graph, COMPLETES_OPERATION, marked),
            (eager_execution, "record_gradient", record_gradient),
        ],
    )


def node_repair(patches: list[tuple[Any, str, Any]]) -> Repair:
    """Return the repair of a Keras.

    Args:
        patches: of nodes, of functional models and of losses.
    """
    return Repair(
        "layer_gradients",
        "A layer that was called under gradient_override_map has the registered gradients in each model that contains "
        "this call, and no other one has; Keras runs the layer again, outside of the map. So has a loss the map of "
        "compile.",
        patches,
    )
