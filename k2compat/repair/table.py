"""A repair: one named change of Keras or TensorFlow at run time, that can be listed, applied and undone."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_MISSING = object()
_lock = threading.Lock()


@dataclass(frozen=True)
class Elsewhere:
    """What a layer computes where a repair is not applied: in code that has left k2compat.

    Attributes:
        touches: whether it is something else, by the layer and the ``training`` it is called with, None for either.
        difference: in words.
        advice: what to do to keep the numbers.
    """

    touches: Callable[[Any, int | None], bool]
    difference: str
    advice: str


@dataclass(frozen=True)
class Around:
    """A new value that is made of the one it replaces when it is put in place.

    Several repairs can stand around one method this way; each of them can be undone alone.

    Attributes:
        make: returns the new value, by the one that is there.
    """

    make: Callable[[Any], Any]


@dataclass
class Repair:
    """One entry of the table of repairs.

    Attributes:
        name: what it is called.
        reason: what breaks without it.
        patches: what it sets: (object, attribute, new value), the object mostly a class; or (dict, key, new value).
            A new value may be ``Around`` the present one.
        needed: whether K functions stand on it, so that it is applied even if repairs are not wanted.
        elsewhere: what layers compute without it, if that is something else and they do not fail.
        active: whether it is applied now.
    """

    name: str
    reason: str
    patches: Sequence[tuple[Any, str, Any]] = field(repr=False)
    needed: bool = False
    elsewhere: Elsewhere | None = field(default=None, repr=False)
    active: bool = False
    _originals: list[Any] = field(default_factory=list, repr=False)

    def apply(self) -> None:
        """Put the changes in place, below those of later repairs in the same places; a second time does nothing."""
        with _lock, self._later_ones_aside():
            if not self.active:
                self._put()

    def undo(self) -> None:
        """Put back what was there before; the changes of later repairs stay. A second time does nothing."""
        with _lock, self._later_ones_aside():
            if self.active:
                self._put_back()

    def _put(self) -> None:
        self._originals = [found(target, name) for target, name, _ in self.patches]
        for target, name, value in self.patches:
            put(target, name, value.make(getattr(target, name)) if isinstance(value, Around) else value)
        self.active = True

    def _put_back(self) -> None:
        for (target, name, _), original in zip(self.patches, self._originals, strict=True):
            put(target, name, original)
        self.active = False

    @contextmanager
    def _later_ones_aside(self) -> Iterator[None]:
        """While it is open, later repairs that change the same places are not applied."""
        places, later = self._places(), []
        for repair in TABLE[next((number + 1 for number, one in enumerate(TABLE) if one is self), len(TABLE)) :]:
            if repair.active and not places.isdisjoint(repair._places()):
                places |= repair._places()
                later.append(repair)
        for repair in reversed(later):
            repair._put_back()
        try:
            yield
        finally:
            for repair in later:
                repair._put()

    def _places(self) -> set[tuple[int, str]]:
        return {(id(target), name) for target, name, _ in self.patches}


# Everything k2compat changes in Keras and TensorFlow at run time, in the order in which it is applied.
TABLE: list[Repair] = []
_named: dict[str, Repair] = {}


def is_applied(name: str) -> bool:
    """Return whether a repair of a name is applied."""
    if name not in _named:
        _named.update((repair.name, repair) for repair in TABLE)
    return name in _named and _named[name].active


def found(target: Any, name: str) -> Any:
    """Return what an object or a dict has under a name; of a class, what is its own and not inherited."""
    if isinstance(target, dict):
        return target.get(name, _MISSING)
    return vars(target).get(name, _MISSING) if isinstance(target, type) else getattr(target, name, _MISSING)


def put(target: Any, name: str, value: Any) -> None:
    """Give an object or a dict something under a name, or takes it away."""
    if isinstance(target, dict):
        target.pop(name, None) if value is _MISSING else target.__setitem__(name, value)
    elif value is _MISSING:
        delattr(target, name)
    else:
        setattr(target, name, value)


def definer(kind: type, name: str) -> type:
    """Return the class from which a class has an attribute.

    Keras compares a method of a class with that of the class that defines it, to see whether a user replaced it.
    """
    return next(parent for parent in kind.__mro__ if name in vars(parent))


def with_default(function: Any, **defaults: Any) -> tuple[Any, str, Any]:
    """Return the patch that gives a function other default arguments; the function itself stays, Keras looks at its
    parameters.
    """
    names = inspect.getfullargspec(function).args
    values = {**dict(zip(reversed(names), reversed(function.__defaults__), strict=False)), **defaults}
    return function, "__defaults__", tuple(values[name] for name in names if name in values)
