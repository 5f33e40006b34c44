"""How a K function is made: one decorated ``def``, its body one to five lines of TensorFlow.

``recorded`` gives the function its symbolic behaviour; ``plain`` registers one that handles symbolic tensors itself.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from k2compat.errors import NoGradientError, three_parts
from k2compat.graph.connect import absence_note
from k2compat.graph.dispatch import apply

F = TypeVar("F", bound=Callable[..., Any])

# Name -> function, for everything in the K namespace.
NAMES: dict[str, Callable[..., Any]] = {}


def recorded(fn: F) -> F:
    """Makes a function of tensors record on symbolic tensors and compute on real ones."""

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        if args and args[0] is None:
            raise NoGradientError(no_tensor(fn.__name__))
        return apply(fn, args, kwargs)

    return plain(call)  # type: ignore[arg-type, return-value]


def plain(fn: F) -> F:
    """Registers a function under its name."""
    NAMES[fn.__name__] = fn
    return fn


def no_tensor(name: str) -> str:
    """Message for None where a tensor is needed, with the reason when a gradient was None before."""
    return three_parts(
        f"K.{name}(None)" + absence_note(None),
        "a tensor; None values are not supported.",
        "check that K.gradients(...) gave a tensor: `if grads is None`.",
    )
