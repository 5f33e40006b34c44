"""The first values of variables, which initializers of TensorFlow 1 give them again."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.graph.dispatch import present
from k2compat.graph.symbols import Lazy, variable_of


@dataclass
class Kept:
    """What is known of a variable.

    Attributes:
        variable: a weak reference to it.
        first: its first value, or a function that draws it.
        local: whether it is one of TensorFlow 1's local variables.
        trainable: whether optimizers train it unless they are told which variables to train.
    """

    variable: weakref.ref[Any]
    first: Any
    local: bool
    trainable: bool


_numbers = itertools.count()
_kept: dict[int, Kept] = {}  # in the order in which they were made
_places: dict[int, int] = {}  # identity of a variable -> its number


class _Graph:
    """What stands for the default graph of TensorFlow 1.

    Attributes:
        first: the number of its first variable; those made before are of graphs that are gone.
    """

    first = 0


def start_again() -> None:
    """List no variable that was made before, as in a new graph; each keeps its first value."""
    _Graph.first = next(_numbers)


def note(variable: Any, first: Any | Callable[[], Any], *, local: bool = False, trainable: bool = True) -> None:
    """Keep the first value of a variable, or a function that draws it, as long as the variable lives.

    What was noted of it before is forgotten.
    """
    _kept.pop(_places.get(id(variable), -1), None)
    number, key = next(_numbers), id(variable)

    def forget(_: Any) -> None:
        _kept.pop(number, None)
        if _places.get(key) == number:
            del _places[key]

    _kept[number] = Kept(weakref.ref(variable, forget), first, local, trainable)
    _places[key] = number


def drop(variable: Any) -> None:
    """Forget a variable: another object stands for it."""
    _kept.pop(_places.pop(id(variable), -1), None)


def name_of(variable: Any) -> str:
    """Return the name of a variable in TensorFlow 1."""
    if isinstance(variable, Lazy):
        return variable.old_name
    return getattr(variable, attributes.NAME, None) or variable.name


def known(local: bool = False) -> list[Any]:
    """Return the variables that live, in the order in which they were made: TensorFlow 1's global or local ones."""
    return living(kept for kept in listed() if kept.local == local)


def trainable() -> list[Any]:
    """Return the global variables that optimizers train."""
    return living(kept for kept in listed() if kept.trainable and not kept.local)


def living(listed: Iterable[Kept]) -> list[Any]:
    """Return the variables that live, once each: a program's own may be a layer's weight as well."""
    found: dict[int, Any] = {}
    for variable in (kept.variable() for kept in listed):
        if variable is not None:
            found.setdefault(id(variable_of(variable)), variable)
    return list(found.values())


def listed() -> list[Kept]:
    """Return what is kept of the variables of the current graph."""
    return [kept for number, kept in list(_kept.items()) if number >= _Graph.first]


class Initialization:
    """What ``tf.global_variables_initializer()`` and ``weight.initializer`` are: gives variables their first values.

    Args:
        variables: which, or a function that says which when it is run.
    """

    def __init__(self, variables: Iterable[Any] | Callable[[], Iterable[Any]]):
        self._variables = variables if callable(variables) else list(variables)

    def perform(self) -> None:
        """Give the variables their first values; in a function being traced they have them."""
        if not tf.executing_eagerly():
            return
        for variable in self._variables() if callable(self._variables) else self._variables:
            kept = _kept.get(_places.get(id(variable), -1))
            target = variable_of(variable)
            if kept is not None and target is not None:
                value = kept.first() if callable(kept.first) else kept.first
                target.assign(tf.cast(present(value), target.dtype))

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Perform the initialization: ``weight.initializer.run(session=session)``."""
        self.perform()
