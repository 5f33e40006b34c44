"""Repairs of Keras 3's loss and metric functions, which old code calls on symbolic tensors."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import keras

from k2compat.adapters.keras3_addresses import namespaces
from k2compat.adapters.repair import Repair


def loss_repair(engine: Any) -> Repair:
    """The repair of the functions in ``keras.losses`` and ``keras.metrics``."""

    def recorded(fn: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(fn)
        def call(*args: Any, **kwargs: Any) -> Any:
            symbolic = any(isinstance(leaf, (keras.KerasTensor, engine.Lazy)) for leaf in engine.leaves(args, kwargs))
            return engine.apply(fn, args, kwargs) if symbolic else fn(*args, **kwargs)

        return call

    made: dict[Any, Any] = {}  # one for each function, which has several names
    patches = [
        (module, name, made.setdefault(fn, recorded(fn)))
        for kind in ("losses", "metrics")
        for module in namespaces(kind)
        for name, fn in vars(module).items()
        if inspect.isfunction(fn) and {"y_true", "y_pred"} <= set(inspect.signature(fn).parameters)
    ]
    return Repair(
        "symbolic_losses",
        "keras.losses.mean_squared_error(target, model.output) and the like refuse a symbolic tensor whose static "
        "shape is less known than the other's, and arrays beside symbolic tensors.",
        patches,
    )
