"""The repairs of the states of Keras 3's layers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from k2compat.errors import K2ValueError, three_parts
from k2compat.repair.shared.stacked import flattened, is_nested, packed, stacked_repair
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repairs of the states of recurrent layers."""
    return [states_repair(), stacked_states()]


def states_repair() -> Repair:
    """Return the repair of what resets states, and tells that there are some."""
    return Repair(
        "reset_states",
        "model.reset_states() empties the states of all stateful layers, and layer.reset_states(states) sets them; "
        "model.stateful tells whether there are any.",
        [
            (keras.Model, "reset_states", reset_model),
            (keras.Model, "stateful", property(is_stateful, lambda self, value: None)),
            (keras.layers.RNN, "reset_states", reset_layer),
        ],
    )


def stacked_states() -> Repair:
    """Return the repair of the states of several cells."""
    layer, cells = keras.layers.RNN, keras.layers.StackedRNNCells
    return stacked_repair(
        [
            (cells, "call", nesting(cells.call)),
            (layer, "call", calling(layer.call)),
            (layer, "compute_output_shape", flattened(layer.compute_output_shape)),
            (layer, "compute_mask", masking(layer.compute_mask)),
        ]
    )


def calling(original: Callable[..., Any]) -> Callable[..., Any]:
    """``RNN.call`` with a flat list of states."""
    call = flattened(original)

    @functools.wraps(original)
    def with_states(
        self: Any, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = False
    ) -> Any:
        states = packed(self, initial_state) if is_nested(self) else initial_state
        return call(self, sequences, initial_state=states, mask=mask, training=training)

    return with_states


def nesting(original: Callable[..., Any]) -> Callable[..., Any]:
    """``StackedRNNCells.call`` that gives the states as it takes them, of a single cell, too."""

    @functools.wraps(original)
    def call(self: Any, inputs: Any, states: Any, training: Any = False, **kwargs: Any) -> Any:
        output, found = original(self, inputs, states, training=training, **kwargs)
        single = len(self.cells) == 1 and keras.tree.is_nested(states[0])
        return output, [found] if single else found

    return call


def masking(original: Callable[..., Any]) -> Callable[..., Any]:
    """``RNN.compute_mask`` with a mask for each state."""

    @functools.wraps(original)
    def compute_mask(self: Any, inputs: Any, mask: Any) -> Any:
        found = original(self, inputs, mask)
        if not (self.return_state and is_nested(self)):
            return found
        return [found[0], *(None for _ in keras.tree.flatten(self.state_size))]

    return compute_mask


def is_stateful(model: Any) -> bool:
    """Return whether a layer of a model keeps its state from batch to batch."""
    return any(bool(getattr(layer, "stateful", False)) for layer in model.layers)


def reset_model(self: Any) -> None:
    """Empty the states of all stateful layers."""
    for layer in self.layers:
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
            layer.reset_states()


def reset_layer(self: Any, states: Any = None) -> None:
    """Empty the states of a layer, or sets them.

    Args:
        states: an array for each state, (batch, units), or that of the only one.

    Raises:
        AttributeError: the layer is not stateful.
        ValueError: as many arrays, or arrays of such shapes, are not what the layer keeps.
    """
    if not self.stateful:
        raise AttributeError("Layer must be stateful.")
    variables = keras.tree.flatten(self.states or [])
    if states is None:
        for variable in variables:
            variable.assign(keras.ops.zeros_like(variable.value))
        return
    given = [np.asarray(state) for state in (states if isinstance(states, (list, tuple)) else [states])]
    if [state.shape for state in given] != [tuple(variable.shape) for variable in variables]:
        raise K2ValueError(
            three_parts(
                f"reset_states of the layer '{self.name}' with arrays of shapes {[state.shape for state in given]}",
                f"shapes {[tuple(variable.shape) for variable in variables]}.",
                "give one array for each state.",
            )
        )
    for variable, state in zip(variables, given, strict=True):
        variable.assign(state)
