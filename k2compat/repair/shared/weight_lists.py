"""The lists of a layer's weights, which layers written for Keras 1 and 2 set, and add to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

CHANGES = ("append", "extend", "insert", "remove", "pop", "clear", "__iadd__", "__setitem__", "__delitem__")


class WeightList(list[Any]):
    """Weights of one kind; what is changed in the list is changed in the layer.

    Args:
        weights: what there is.
        assign: what tells the layer of the new content.
    """

    def __init__(self, weights: Iterable[Any] = (), assign: Callable[[list[Any]], None] | None = None):
        super().__init__(map(held, weights))
        self.assign = assign


def changing(name: str) -> Callable[..., Any]:
    """Return a method of lists that keeps what K.variables hold, and tells the layer."""
    original = getattr(list, name)

    def method(self: Any, *args: Any) -> Any:
        found = original(self, *args)
        list.__setitem__(self, slice(None), [held(weight) for weight in self])
        if self.assign is not None:
            self.assign(list(self))
        return self if name == "__iadd__" else found

    return method


def held(variable: Any) -> Any:
    """Return the variable of the Keras in use that a K.variable holds; another one as it is."""
    return getattr(variable, "holder", variable)


for _name in CHANGES:
    setattr(WeightList, _name, changing(_name))
