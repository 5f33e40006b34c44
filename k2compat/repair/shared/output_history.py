"""The repair of predictions that know which layer made them, for either Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.repair.table import Repair


def output_history_repair(model: Any) -> Repair:
    """Make the repair of a Keras.

    Args:
        model: the class that has ``compute_loss``.
    """
    return Repair(
        "output_history",
        "Losses and metrics find the layer that made the predictions, and its inputs, through y_pred._keras_history: "
        "in Keras 2 y_pred was the output of the model itself.",
        [(model, "compute_loss", knowing_layers(model.compute_loss))],
    )


def knowing_layers(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``compute_loss`` that gives predictions the ``_keras_history`` of the model's outputs; metrics are given the
    same predictions afterwards.
    """

    @functools.wraps(original)
    def compute_loss(self: Any, x: Any = None, y: Any = None, y_pred: Any = None, *args: Any, **kwargs: Any) -> Any:
        outputs, predicted = (tf.nest.flatten(one) for one in (getattr(self, "outputs", None) or [], y_pred))
        if len(outputs) == len(predicted):
            for output, tensor in zip(outputs, predicted, strict=True):
                if isinstance(tensor, tf.Tensor) and hasattr(output, "_keras_history"):
                    tensor._keras_history = output._keras_history
        return original(self, x, y, y_pred, *args, **kwargs)

    return compute_loss
