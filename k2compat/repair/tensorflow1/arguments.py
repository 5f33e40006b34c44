"""Arguments of TensorFlow functions by the names that they had in TensorFlow 1."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tensorflow as tf

from k2compat.repair.table import Around, Repair
from k2compat.tables.tensorflow1 import DROPPED_ARGUMENTS, OLD_ARGUMENTS


def arguments_repair() -> Repair:
    """Return the repair of old arguments."""
    return Repair(
        "tensorflow1_arguments",
        "keep_dims=, reduction_indices=, dim=, dimension=, squeeze_dims=, keep_prob= and other arguments of TensorFlow "
        "1 have another name, and functions refuse the old one. Calls without an old name are not changed: "
        "tf.nn.dropout(x, 0.8) drops 0.8.",
        list(patches()),
    )


def patches() -> Iterator[tuple[Any, str, Any]]:
    """Yield what is to be set: (module, name, function that knows the old names)."""
    for dotted, names in OLD_ARGUMENTS.items():
        where, _, name = dotted.rpartition(".")
        place = operator.attrgetter(where)(tf) if where else tf
        if hasattr(place, name):
            yield place, name, Around(functools.partial(knowing, names=names))


def knowing(function: Callable[..., Any], names: Mapping[str, str]) -> Callable[..., Any]:
    """Return a function that takes arguments by their old names, too."""
    old = names.keys() | DROPPED_ARGUMENTS

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs and not old.isdisjoint(kwargs):
            for name in [name for name in kwargs if name in old]:
                translate(function, name, names.get(name), kwargs)
        return function(*args, **kwargs)

    return call


def translate(function: Callable[..., Any], old: str, new: str | None, kwargs: dict[str, Any]) -> None:
    """Give an argument its new name; one that is None is left out, as in TensorFlow 1.

    Raises:
        ValueError: it is given by both names.
    """
    value = kwargs.pop(old)
    if new is None or value is None:
        return
    if kwargs.get(new) is not None:
        raise ValueError(f"Cannot specify both {new!r} and {old!r} of {function.__name__}.")
    kwargs[new] = 1.0 - value if (old, new) == ("keep_prob", "rate") else value
