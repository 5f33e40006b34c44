"""How a K function is made: one decorated ``def``, its body one to five lines of TensorFlow.

``recorded`` gives the function its symbolic behaviour; ``plain`` registers one that handles symbolic tensors itself.
"""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf

from k2compat.errors import K2AttributeError, NoGradientError, sentence_parts, three_parts
from k2compat.graph.dispatch import apply
from k2compat.graph.none_gradients import absence_note
from k2compat.tensorflow_internals import EagerTensor

F = TypeVar("F", bound=Callable[..., Any])

# What stands for a tensor without being one.
NUMERIC = (np.ndarray, np.generic, int, float)

# The class of tensors with a value, and of what else is nothing but itself.
SETTLED = {EagerTensor, int, float, bool, str, type(None)}

# Name -> function, for everything in the K namespace.
NAMES: dict[str, Callable[..., Any]] = {}
# Where programs find them, and put functions of their own for a while: the globals of ``k2compat.backend``.
_namespace: dict[str, Any] = NAMES


def recorded(fn: F) -> F:
    """Make a K function of a function of tensors: registered, it records on symbolic tensors and computes on others."""
    return plain(recording(fn))


def recording(fn: F) -> F:
    """Make a function of tensors record on symbolic tensors and compute on real ones."""

    @functools.wraps(fn)
    def compute(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], NUMERIC):
            args = (tf.convert_to_tensor(args[0]), *args[1:])
        return fn(*args, **kwargs)

    name = next(iter(inspect.signature(fn).parameters))

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        if args and type(args[0]) is EagerTensor and is_settled(args) and (not kwargs or is_settled(kwargs.values())):
            return fn(*args, **kwargs)
        if not args and name in kwargs:
            args = (kwargs.pop(name),)
        if args and args[0] is None:
            raise NoGradientError(no_tensor(fn.__name__))
        return apply(compute, args, kwargs)

    return call  # type: ignore[return-value]


def is_settled(arguments: Iterable[Any]) -> bool:
    """Return whether arguments surely are no symbolic tensors; a quick answer, True only for the common kinds."""
    for argument in arguments:
        kind = type(argument)
        if kind not in SETTLED and not (kind in (list, tuple) and all(type(part) in SETTLED for part in argument)):
            return False
    return True


def plain(fn: F) -> F:
    """Register a function under its name."""
    NAMES[fn.__name__] = fn
    return fn


def assemble(namespace: dict[str, Any]) -> None:
    """Put all K functions into a namespace, in which ``current`` finds them from now on."""
    global _namespace  # noqa: PLW0603
    namespace.update(NAMES)
    _namespace = namespace


def current(name: str) -> Callable[..., Any]:
    """Return the K function of a name, or what a program has put in its place."""
    return _namespace[name]


def missing(name: str) -> K2AttributeError:
    """Return the error for a name the K namespace does not have, with the nearest ones it has."""
    near = difflib.get_close_matches(name, NAMES, 3)
    advice = f"did you mean {', '.join(near)}? " if near else ""
    return K2AttributeError(
        sentence_parts(
            f"k2compat.backend has no attribute {name!r}",
            "a name of the Keras 2 backend that is supported; dir(K) lists them.",
            f"{advice}TensorFlow's own functions work on symbolic tensors too.",
        )
    )


def no_tensor(name: str) -> str:
    """Message for None where a tensor is needed, with the reason when a gradient was None before."""
    return three_parts(
        f"K.{name}(None)" + absence_note(None),
        "a tensor; None values are not supported.",
        "check that K.gradients(...) gave a tensor: `if grads is None`.",
    )
