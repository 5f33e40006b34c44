"""Evidence of which loop the calls of a model's methods went through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from k2compat.attributes import LOOP
from k2compat.training.steps import StepCache


@dataclass
class TrainingStats:
    """What happened to the calls of ``fit``, ``evaluate``, ``predict`` and the ``..._on_batch`` of a model.

    Attributes:
        own: how many calls of each method went through the loop of k2compat.
        keras: how many were left to Keras.
        reasons: why, the last one for each method.
        compiled: how many steps were compiled.
    """

    own: Counter[str] = field(default_factory=Counter)
    keras: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    compiled: int = 0


class LoopState:
    """What the training loop keeps on a model.

    Attributes:
        source: what the steps were made for: the compilation, the optimizer and so on.
        cache: the steps.
        stats: which calls it took.
        is_clean: whether the metrics are known to be as after a reset.
        reset: resets the metrics, once it is compiled.
        facts: what was found out about the model.
    """

    def __init__(self) -> None:
        self.source: tuple[Any, ...] = ()
        self.cache = StepCache()
        self.stats = TrainingStats()
        self.is_clean = False
        self.resets = 0
        self.reset: Any = None
        self.facts: dict[str, Any] = {}

    def renew(self, source: tuple[Any, ...]) -> None:
        """Forget the steps if they were made for something else."""
        old = self.source
        if len(old) != len(source) or any(a is not b for a, b in zip(old, source, strict=True)):
            self.source, self.reset, self.is_clean, self.resets = source, None, False, 0
            self.cache.clear()
            self.facts.clear()

    def fact(self, name: str, find: Callable[[Any], Any], model: Any) -> Any:
        """Return what a function finds out about the model, which it is asked once for."""
        if name not in self.facts:
            self.facts[name] = find(model)
        return self.facts[name]


def state_of(model: Any) -> LoopState:
    """Return what the training loop keeps on a model."""
    own = vars(model)
    found = own.get(LOOP)
    if found is None:
        found = own[LOOP] = LoopState()
    return found


def training_stats(model: Any) -> TrainingStats:
    """Return which loop the calls of a model's ``fit``, ``evaluate``, ``predict`` and so on went through."""
    state = state_of(model)
    state.stats.compiled = state.cache.compiled
    return state.stats
