"""The new values of what layers give to ``add_update``.

In graph mode a layer's call added its updates once, with symbolic new values. Keras today runs such a call on values
only. So the new values are symbolic tensors whose values are caught when the call runs that adds them.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from k2compat.adapters.added_updates import Added
from k2compat.errors import K2RuntimeError, three_parts
from k2compat.graph.node import Call, Placeholders
from k2compat.graph.updates import Update


def added_by(_: Any) -> Any:
    """Name the call; its values are caught while the call runs that adds the updates."""
    raise K2RuntimeError("It is what layers give to add_update, caught while they run.")


class AddedUpdates(Call):
    """What the layers that run in a call give to ``add_update``.

    Args:
        outer: the call.
        found: the updates that its trace has caught.

    Attributes:
        found: the same.
        places: of their new values among all that the call computes for updates: those that are tensors.
    """

    # What comes out of the call around it does not tell what is inside.
    from_roots = True

    def __init__(self, outer: Any, found: Sequence[Added]):
        super().__init__(added_by, (list(outer.outputs),), {})
        self.outer = outer
        self.found = list(found)
        self.gradient_map = outer.gradient_map
        self.places = [place for place, value in enumerate(values_of(found)) if tf.is_tensor(value)]
        self._layers = [id(one.layer) for one in found]

    @property
    def name(self) -> str:
        return f"add_update of {self.outer.name}"

    @property
    def variables(self) -> Sequence[tf.Variable]:
        """The weights of the call around it."""
        return list(self.outer.variables)

    @property
    def structure(self) -> None:
        """It is like no other call."""

    def updates(self) -> list[Any]:
        """Return the updates as the layers gave them, with symbolic tensors for new values that are computed."""
        values = list(values_of(self.found))
        for place, symbol in zip(self.places, self.outputs, strict=True):
            values[place] = symbol
        rest = iter(values)
        return [with_values(one.update, [next(rest) for _ in values_in(one.update)]) for one in self.found]

    def keep(self, evaluation: Any, found: Sequence[Added]) -> None:
        """Keep the new values that a run of the call around it has made, if it has added the same updates."""
        if [id(one.layer) for one in found] == self._layers:
            values = list(values_of(found))
            for place, symbol in zip(self.places, self.outputs, strict=True):
                evaluation.hold(symbol, values[place])

    def run(self, evaluation: Any) -> list[Any]:
        """Return what was caught; the call around it has run already unless its own outputs are fed.

        A layer that adds its updates unless it is told ``training=False`` runs again, and is told nothing.
        """
        if self._lacks(evaluation) or isinstance(evaluation, Placeholders):
            self.outer.run(evaluation)
        if self._lacks(evaluation):
            self.outer.run(evaluation, without_phase=True)
        if self._lacks(evaluation):
            raise K2RuntimeError(
                three_parts(
                    f"updates of '{self.outer.name}', whose layers give others to add_update in the learning phase "
                    f"{evaluation.phase}",
                    "the same updates each time that it is called.",
                    "call add_update in either phase, and leave the choice to K.in_train_phase or K.switch.",
                )
            )
        return [evaluation.values[id(symbol)] for symbol in self.outputs]

    def _lacks(self, evaluation: Any) -> bool:
        return any(id(symbol) not in evaluation.values for symbol in self.outputs)


def values_in(update: Any) -> list[Any]:
    """Return the new value of an update or a pair (variable, value); several for a change of parts of a variable."""
    value = update.value if isinstance(update, Update) else update[1]
    return list(value) if isinstance(value, list) else [value]


def values_of(found: Sequence[Added]) -> list[Any]:
    """Return the new values of all updates."""
    return [value for one in found for value in values_in(one.update)]


def with_values(update: Any, values: list[Any]) -> Any:
    """Return the same update or pair with other values."""
    if not isinstance(update, Update):
        return update[0], values[0]
    made = copy.copy(update)
    made.value = values if isinstance(update.value, list) else values[0]
    return made
