"""The recorded call of a gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from k2compat.errors import K2RuntimeError, K2ValueError, three_parts
from k2compat.graph.node import Call, Placeholders


def gradients_of(losses: Sequence[Any], sources: Sequence[Any]) -> Any:
    """Names the call; its values come from the evaluation's tapes."""
    raise K2RuntimeError(
        "A recorded gradient was called by itself. Expected an evaluation of it, whose tapes have its value.\n"
        "  Evaluate the symbolic tensors that K.gradients returned, with K.function or K.eval."
    )


class GradientCall(Call):
    """A recorded gradient: of the sum of the losses with respect to each source.

    Attributes:
        looped: whether a loop or a condition is between them; of what these use TensorFlow says only when they run
            whether a gradient passes, and it is zero where none does.
        taken: whether the gradient was taken once, so that it is known to exist.
    """

    from_roots = True

    def __init__(self, losses: Sequence[Any], sources: Sequence[Any], looped: bool = False, taken: bool = False):
        super().__init__(gradients_of, (list(losses), list(sources)), {})
        self.losses = list(losses)
        self.sources = list(sources)
        self.looped = looped
        self.taken = taken

    def run(self, evaluation: Any) -> list[Any]:
        if isinstance(evaluation, Placeholders):
            return [evaluation.value(symbol) for symbol in self.outputs]
        found = evaluation.gradient(self)
        missing = [source for source, gradient in zip(self.sources, found, strict=True) if gradient is None]
        if missing and not self.looped:
            raise K2ValueError(
                three_parts(
                    f"K.gradients of {self.losses[0]!r} with respect to {missing[0]!r}",
                    "a differentiable path between them; the path known to exist stops inside a layer.",
                    "look for K.stop_gradient, K.argmax, a cast to an integer or a NumPy computation in the layers "
                    "between.",
                )
            )
        pairs = zip(self.sources, found, strict=True)
        return [
            tf.zeros_like(evaluation.value(source)) if g is None else tf.convert_to_tensor(g) for source, g in pairs
        ]
