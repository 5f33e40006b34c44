"""The learning phase of the program, and choices by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from k2compat.graph.node import Call, Placeholders
from k2compat.graph.record import attach
from k2compat.graph.symbols import Phase, is_symbol, is_variable


class PhaseState:
    """Attributes: symbol, the symbolic phase; fixed, the number it was set to, or None."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """A new symbolic phase, not fixed."""
        self.symbol = Phase()
        self.fixed: int | None = None


phase_state = PhaseState()


class PhaseCall(Call):
    """A choice by the learning phase: only the chosen side is computed."""

    def __init__(self, training: Any, test: Any):
        super().__init__(lambda value: value, (training, test, phase_state.symbol), {})
        self.trusted = True  # connected to both sides, whichever will be chosen

    def side(self, phase: int) -> Any:
        return self.args[0 if phase else 1]

    def needs(self, phase: int | None) -> Sequence[Any]:
        if phase is None:  # an argument of the code that is written
            return self.inputs
        chosen = self.side(phase)
        return [chosen] if is_symbol(chosen) or is_variable(chosen) else []

    def run(self, evaluation: Any) -> list[Any]:
        return [tf.cast(evaluation.resolve(self.side(evaluation.phase)), self.outputs[0].dtype)]


def in_phase(training: Any, test: Any) -> Any:
    """Return a symbolic tensor that is ``training`` in phase 1 and ``test`` in phase 0."""
    call = PhaseCall(training, test)
    trace = Placeholders("phase")
    with trace.tracing():
        sides = [tf.convert_to_tensor(trace.resolve(side)) for side in (training, test)]
    return attach(call, [tf.TensorSpec(common_shape(*(side.shape for side in sides)), sides[0].dtype)])[0]


def common_shape(first: tf.TensorShape, second: tf.TensorShape) -> tf.TensorShape:
    """Return the most that is known of a tensor that has one of two shapes."""
    if first.rank is None or first.rank != second.rank:
        return tf.TensorShape(None)
    return tf.TensorShape([a if a == b else None for a, b in zip(first, second, strict=True)])
