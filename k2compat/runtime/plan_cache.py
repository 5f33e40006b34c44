"""Finds or makes the executor for what a function is fed: the only file that knows the key and the cache."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from k2compat.attributes import SHARED_RUNS
from k2compat.graph.evaluation import Plan
from k2compat.runtime.executor import Executor, Options, Run, Work
from k2compat.runtime.structural_key import StructuralKey

KEPT = 16  # structures for which runs are kept in one place

_lock = threading.RLock()


class PlanCache:
    """The executors of one function, by what is fed.

    Args:
        work: what the function does.
        options: how it is to be run.

    Attributes:
        hits: how often a run was there already, made for a function of the same structure.
    """

    def __init__(self, work: Work, options: Options):
        self._work, self._options = work, options
        self._executors: dict[tuple[Any, ...], Executor] = {}
        self.hits = 0

    def prepare(self, fed: Sequence[Any], phase: int) -> Executor:
        """Return what computes the function.

        Args:
            fed: the symbolic tensors that are fed, in order.
            phase: the learning phase.

        Raises:
            UnfedPlaceholderError: a placeholder that the function needs is not fed.
        """
        key = (phase, *map(id, fed))
        executor = self._executors.get(key)
        if executor is None:
            with _lock:
                executor = self._executors.get(key)
                if executor is None:
                    executor = self._executors[key] = self._made(fed, phase)
        return executor

    def _made(self, fed: Sequence[Any], phase: int) -> Executor:
        plan = Plan(self._work.targets, map(id, fed), phase)
        structure = StructuralKey(plan, fed)
        key = (*structure.key, self._work.outline(structure), self._options.key)
        kept = kept_with(structure.named)
        runs = kept.pop(key, None)
        self.hits += runs is not None
        kept[key] = runs = runs or SharedRuns(Run(self._work, fed, plan, self._options), structure)
        while len(kept) > KEPT:
            del kept[next(iter(kept))]  # the least recently used
        return Executor(*runs.run_for(structure, fed))


class SharedRuns:
    """The runs of functions of one structure: one for the values of the first function, and one for any values."""

    def __init__(self, run: Run, structure: StructuralKey):
        self._first = run
        self._values = structure.fingerprint()
        self._structure = structure
        self._general: Run | None = None

    def run_for(self, structure: StructuralKey, fed: Sequence[Any]) -> tuple[Run, Sequence[Any], Sequence[Any]]:
        """Return the run for a function of this structure, its fed symbols, and the values to hand over to it."""
        if structure.fingerprint() == self._values:
            return self._first, fed, []
        if self._general is None:
            first = self._first
            self._general = Run(first.work, first.fed, first.plan, first.options, self._structure)
        return self._general, fed, structure.values


class RunsByKey(dict[Any, SharedRuns]):
    """The runs that are kept with a layer's call or a variable; a copy of that starts without."""

    def __deepcopy__(self, memo: Any) -> RunsByKey:
        return RunsByKey()

    def __reduce__(self) -> Any:
        return RunsByKey, ()


_of_no_object = RunsByKey()


def kept_with(named: Sequence[Any]) -> RunsByKey:
    """Return the runs stored on an object that the function depends on, so that both are freed together."""
    holder = next((vars(thing) for thing in named if hasattr(thing, "__dict__")), None)
    return _of_no_object if holder is None else holder.setdefault(SHARED_RUNS, RunsByKey())


def forget() -> None:
    """Drop the runs that depend on no layer and no variable."""
    with _lock:
        _of_no_object.clear()
