"""The repair of models of Keras 3 that are called on tensors of another shape than they were made for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from k2compat import attributes
from k2compat.repair.table import Repair

Functional = keras.src.models.functional.Functional


def repairs() -> list[Repair]:
    """Return the repair."""
    return [
        Repair(
            "model_shapes",
            "A model that is called on a symbolic tensor of another shape than it was made for runs its layers on it, "
            "as a Sequential of Dense layers on the output of an Embedding; Keras 3 refuses before it asks the layers.",
            [
                (Functional, "_assert_input_compatibility", left_to_layers(Functional._assert_input_compatibility)),
                (Functional, "_adjust_input_rank", as_it_is(Functional._adjust_input_rank)),
            ],
        )
    ]


def left_to_layers(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_assert_input_compatibility`` that leaves the shapes of symbolic tensors to the layers of the model."""

    @functools.wraps(original)
    def assert_input_compatibility(self: Any, *args: Any) -> Any:
        try:
            return original(self, *args)
        except ValueError:
            tensors = keras.tree.flatten(args[0])
            symbolic = all(isinstance(tensor, keras.KerasTensor) for tensor in tensors)
            if len(tensors) != len(self.inputs) or not (symbolic or attributes.ANY_SHAPE in vars(self)):
                raise
            vars(self)[attributes.ANY_SHAPE] = True  # past Keras's attribute tracking
            return None

    return assert_input_compatibility


def as_it_is(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_adjust_input_rank`` that leaves the inputs of such a model alone."""

    @functools.wraps(original)
    def adjust_input_rank(self: Any, flat_inputs: Any) -> Any:
        try:
            return original(self, flat_inputs)
        except ValueError:
            if attributes.ANY_SHAPE not in vars(self):
                raise
            return flat_inputs

    return adjust_input_rank
