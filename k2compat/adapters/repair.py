"""A repair: one named change of Keras or TensorFlow at run time, that can be listed, applied and undone."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Sequence
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


@dataclass
class Repair:
    """One entry of the table of repairs.

    Attributes:
        name: what it is called.
        reason: what breaks without it.
        patches: what it sets: (object, attribute, new value), the object mostly a class; or (dict, key, new value).
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
        """Puts the changes in place; a second time does nothing."""
        with _lock:
            if not self.active:
                self._originals = [found(target, name) for target, name, _ in self.patches]
                for target, name, value in self.patches:
                    put(target, name, value)
                self.active = True

    def undo(self) -> None:
        """Puts back what was there before; a second time does nothing."""
        with _lock:
            if self.active:
                for (target, name, _), original in zip(self.patches, self._originals, strict=True):
                    put(target, name, original)
                self.active = False


# Everything k2compat changes in Keras and TensorFlow at run time, in the order in which it is applied.
TABLE: list[Repair] = []


def found(target: Any, name: str) -> Any:
    """What an object or a dict has under a name; of a class, what is its own and not inherited."""
    if isinstance(target, dict):
        return target.get(name, _MISSING)
    return vars(target).get(name, _MISSING) if isinstance(target, type) else getattr(target, name, _MISSING)


def put(target: Any, name: str, value: Any) -> None:
    """Gives an object or a dict something under a name, or takes it away."""
    if isinstance(target, dict):
        target.pop(name, None) if value is _MISSING else target.__setitem__(name, value)
    elif value is _MISSING:
        delattr(target, name)
    else:
        setattr(target, name, value)


def with_default(function: Any, **defaults: Any) -> tuple[Any, str, Any]:
    """The patch that gives a function other default arguments; the function itself stays, Keras looks at its
    parameters.
    """
    names = inspect.getfullargspec(function).args
    values = {**dict(zip(reversed(names), reversed(function.__defaults__), strict=False)), **defaults}
    return function, "__defaults__", tuple(values[name] for name in names if name in values)
