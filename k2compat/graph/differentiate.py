"""The recorded call of a gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from k2compat.errors import K2ValueError, three_parts
from k2compat.graph.record import Call, Placeholders


class GradientCall(Call):
    """A recorded gradient: of the sum of the losses with respect to each source."""

    def __init__(self, losses: Sequence[Any], sources: Sequence[Any]):
        super().__init__(None, (list(losses), list(sources)), {})
        self.losses = list(losses)
        self.sources = list(sources)

    def run(self, evaluation: Any) -> list[Any]:
        if isinstance(evaluation, Placeholders):
            return [evaluation.value(symbol) for symbol in self.outputs]
        found = evaluation.gradient(self)
        for source, gradient in zip(self.sources, found, strict=True):
            if gradient is None:
                raise K2ValueError(
                    three_parts(
                        f"K.gradients of {self.losses[0]!r} with respect to {source!r}",
                        "a differentiable path between them; the path known to exist stops inside a layer.",
                        "look for K.stop_gradient, K.argmax, a cast to an integer or a NumPy computation in the layers between.",
                    )
                )
        return [tf.convert_to_tensor(gradient) for gradient in found]
