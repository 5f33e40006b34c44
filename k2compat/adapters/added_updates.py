"""What layers give to ``add_update`` while a call runs in an evaluation: the updates, in their order."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Added:
    """An update that a layer has given to ``add_update``.

    Attributes:
        layer: the layer.
        update: an update with a value, or a pair (variable, value).
        inputs: the tensors that it is conditional on, None for none.
        calls: the calls of layers that went on, outermost first, each with the tensors of its first argument.
        counts: whether it moves anything: batch normalization outside of the training phase does not.
    """

    layer: Any
    update: Any
    inputs: list[Any] | None
    calls: tuple[tuple[Any, list[Any]], ...]
    counts: bool = True


class Catching(threading.local):
    """What is caught in this thread.

    Attributes:
        found: the updates caught so far, None where none are.
        calls: the calls of layers that go on; see ``Added``.
        without_phase: whether layers of a program's own are told no learning phase: Keras 2 gave their ``call`` None.
        assigned: tensors that assignments gave, each with its update.
    """

    found: list[Added] | None = None
    calls: tuple[tuple[Any, list[Any]], ...] = ()
    without_phase: bool = False
    assigned: list[tuple[Any, Any]] | None = None

    def assign(self, result: Any, update: Any) -> Any:
        """Note the update that gives a tensor, if any are caught; return the tensor."""
        if self.assigned is not None:
            self.assigned.append((result, update))
        return result

    def assignment(self, result: Any) -> Any:
        """Return the update that gives a tensor, the tensor itself where there is none."""
        return next((update for one, update in self.assigned or () if one is result), result)

    def add(self, layer: Any, update: Any, inputs: list[Any] | None, counts: bool = True) -> None:
        """Catch an update, if any are."""
        if self.found is not None:
            self.found.append(Added(layer, update, inputs, self.calls, counts))


catching = Catching()


@contextlib.contextmanager
def caught(without_phase: bool = False) -> Iterator[list[Added]]:
    """While it is open, updates are caught in a list."""
    before = dict(vars(catching))
    found: list[Added] = []
    vars(catching).update(found=found, calls=(), without_phase=without_phase, assigned=[])
    try:
        yield found
    finally:
        vars(catching).clear()
        vars(catching).update(before)


@contextlib.contextmanager
def calling(layer: Any, tensors: list[Any]) -> Iterator[None]:
    """While it is open, the call of a layer goes on."""
    before = catching.calls
    catching.calls = (*before, (layer, tensors))
    try:
        yield
    finally:
        catching.calls = before
