"""The weights of classes in a training that keeps a part of its samples for validation, for either Keras."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from k2compat.repair.table import Around, Repair, definer
from k2compat.training.input_checks import weights_of_classes


def split_repair(model: Any) -> Repair:
    """Return the repair of ``fit`` of a Keras's class of models."""
    return Repair(
        "split_class_weights",
        "fit(class_weight=..., validation_split=...) weighed the samples before they were split, so that val_loss is "
        "weighed as loss is; Keras weighs those of the training alone.",
        [(definer(model, "fit"), "fit", Around(weighing))],
    )


def weighing(original: Callable[..., Any]) -> Callable[..., Any]:
    """``fit`` that gives each sample the weight of its class before some are split off."""
    signature = inspect.signature(original)

    @functools.wraps(original)
    def fit(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        given = bound.arguments
        y = alone(given.get("y"))
        is_split = given.get("validation_split") and given.get("validation_data") is None
        if not (is_split and given.get("class_weight") and y is not None):
            return original(*args, **kwargs)
        found = weights_of_classes(y, given.pop("class_weight"))
        if given.get("sample_weight") is not None:
            found = found * np.asarray(given["sample_weight"])
        given["sample_weight"] = found
        return original(*bound.args, **bound.kwargs)

    return fit


def alone(y: Any) -> Any:
    """Return the targets of a model's only output, or None."""
    if isinstance(y, list) and len(y) == 1 and np.ndim(y[0]):
        y = y[0]
    return y if isinstance(y, np.ndarray) and y.ndim in (1, 2) else None
