"""Repairs of Keras 3's loss and metric functions, which old code calls on symbolic tensors."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import keras

from k2compat.graph.dispatch import apply
from k2compat.graph.nested import leaves
from k2compat.graph.symbols import Lazy
from k2compat.ops import objectives
from k2compat.repair.keras3.namespaces import namespaces, registered
from k2compat.repair.shared.weighted_losses import as_then
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair of losses under their old names."""
    return [loss_repair()]


@functools.cache
def loss_repair() -> Repair:
    """Return the repair of the functions in ``keras.losses`` and ``keras.metrics``."""

    def recorded(fn: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(fn)
        def call(*args: Any, **kwargs: Any) -> Any:
            symbolic = any(isinstance(leaf, (keras.KerasTensor, Lazy)) for leaf in leaves(args, kwargs))
            function = as_then(fn, objectives.FUNCTIONS, args, kwargs)
            return apply(function, args, kwargs) if symbolic else function(*args, **kwargs)

        return call

    made: dict[Any, Any] = {}  # one for each function, which has several names
    patches = [
        (module, name, made.setdefault(fn, recorded(fn)))
        for kind in ("losses", "metrics")
        for module in namespaces(kind)
        for name, fn in vars(module).items()
        if inspect.isfunction(fn) and {"y_true", "y_pred"} <= arguments_of(fn)
    ]
    olds = {"losses": objectives.OLD_LOSSES, "metrics": objectives.OLD_METRICS}
    patches += [
        (module, name, function)
        for kind, functions in olds.items()
        for module in namespaces(kind)
        for name, function in functions.items()
    ]
    return Repair(
        "symbolic_losses",
        "keras.losses.mean_squared_error(target, model.output) and the like refuse a symbolic tensor whose static "
        "shape is less known than the other's, and arrays beside symbolic tensors; huber_loss and cosine_proximity "
        "are gone.",
        [*patches, *registered(made)],
    )


def arguments_of(function: Callable[..., Any]) -> set[str]:
    """Return the names of a function's arguments; a fifth of the time that its signature takes."""
    code = inspect.unwrap(function).__code__
    return set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
