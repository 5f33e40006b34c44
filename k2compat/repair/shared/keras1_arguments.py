"""The repair by which layers take the arguments of Keras 1, as Keras 2 did with a warning."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from k2compat.errors import K2TypeError
from k2compat.naming.callers import LIBRARIES, package_of
from k2compat.repair.table import Around, Repair
from k2compat.tables.keras1_arguments import ARGUMENTS, DATA_FORMATS, KERNEL_NUMBERS, WITHOUT_EFFECT

REASON = (
    'Convolution2D(32, 3, 3, border_mode="same", W_regularizer=l2(0.1)), LSTM(output_dim=4) and Dropout(p=0.5) were '
    "turned into the arguments of Keras 2 with a warning; now names are refused, and the third number of a "
    "convolution is taken for its strides."
)
RECURRENT = ("layers.LSTM", "layers.GRU", "layers.SimpleRNN")
LONGEST = 10  # of a sequence in a warning


def argument_repair(keras: Any) -> Repair:
    """Make the repair of a Keras."""
    return Repair(
        "keras1_arguments",
        REASON,
        [
            (kind, "__init__", Around(functools.partial(patched_init, called)))
            for called, kind in classes_in(keras).items()
        ],
    )


def classes_in(keras: Any) -> dict[str, Any]:
    """Return the classes of a Keras that had other arguments in Keras 1, each under one of its names."""
    found: dict[Any, str] = {}
    for called in ARGUMENTS:
        module, _, name = called.rpartition(".")
        kind = getattr(getattr(keras, module, None), name, None) if module == "layers" else None
        if isinstance(kind, type):
            found.setdefault(kind, called)
    return {called: kind for kind, called in found.items()}


def patched_init(called: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the ``__init__`` of a class that takes the arguments of Keras 1 from programs."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if package_of(sys._getframe(1)) not in LIBRARIES:
            args, kwargs = converted(called, type(self).__name__, args, kwargs)
        original(self, *args, **kwargs)

    vars(__init__)["__signature__"] = inspect.signature(original)  # Keras reads it
    return __init__


def converted(
    called: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a call as Keras 2 has them, and warn if they were others.

    Args:
        called: what the table calls the class.
        name: of the class.
        args, kwargs: as they were given.

    Raises:
        TypeError: an argument is given by both names.
    """
    made, given = list(args), dict(kwargs)
    for old in [old for old in given if (called, old) in WITHOUT_EFFECT]:
        del given[old]
    join_kernel(made, given, KERNEL_NUMBERS.get(called, ()))
    if called in RECURRENT and "input_dim" in given:
        given["input_shape"] = (given.pop("input_length", None), given.pop("input_dim"))
    for old, new in ARGUMENTS[called].items():
        if old in given:
            if new in given:
                raise K2TypeError(
                    f"For the `{new}` argument, the layer received both the legacy keyword argument `{old}` and the "
                    f"Keras 2 keyword argument `{new}`. Stick to the latter!"
                )
            value = given.pop(old)
            if old != "dim_ordering":
                given[new] = value
            elif value != "default":
                given[new] = DATA_FORMATS.get(value, value)
    if made != list(args) or given.keys() != kwargs.keys():
        shown = ", ".join([*map(written, made), *(f"{key}={written(value)}" for key, value in given.items())])
        warnings.warn(f"Update your `{name}` call to the Keras 2 API: `{name}({shown})`", stacklevel=3)
        return tuple(made), given
    return args, kwargs


def join_kernel(args: list[Any], kwargs: dict[str, Any], names: Sequence[str]) -> None:
    """Make one size of a kernel of numbers that stand one after the other, or are given by these names."""
    numbers = args[1 : 1 + len(names)]
    by_name = names[len(numbers) :]
    if not names or not all(isinstance(number, (int, np.integer)) for number in numbers):
        return
    if all(name in kwargs for name in by_name) and (numbers or by_name):
        kernel = (*numbers, *(kwargs.pop(name) for name in by_name))
        del args[1 : 1 + len(names)]
        if args:
            args.insert(1, kernel)
        else:
            kwargs["kernel_size"] = kernel


def written(value: Any) -> str:
    """Return a value as the warning shows it."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, np.ndarray) or (isinstance(value, (list, tuple)) and len(value) > LONGEST):
        return "[...]"
    return str(value)
