"""The repair of models of tf.keras that are called on tensors of another shape than they were made for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.internals import inner
from k2compat.repair.table import Repair

Functional: Any = inner("engine.functional").Functional
input_spec: Any = inner("engine.input_spec")


def repairs() -> list[Repair]:
    """Return the repair."""
    return [
        Repair(
            "model_shapes",
            "A model that is called on a symbolic tensor of another shape than it was made for runs its layers on it, "
            "as a Sequential of Dense layers on the output of an Embedding; tf.keras refuses as soon as the model is "
            "called inside another one.",
            [(Functional, "_infer_output_signature", noting_shapes(Functional._infer_output_signature))],
        )
    ]


def noting_shapes(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_infer_output_signature`` that leaves the shapes to the layers of the model from now on, if they are others."""

    @functools.wraps(original)
    def infer_output_signature(self: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            input_spec.assert_input_compatibility(self.input_spec, inputs, self.name)
        except ValueError:
            if len(tf.nest.flatten(inputs)) == len(self.inputs):
                self.input_spec = None
        return original(self, inputs, *args, **kwargs)

    return infer_output_signature
