"""The output of a layer that runs inside of another layer's call.

In graph mode a layer of a program's own called the layers in it on symbolic tensors, and each of them had an output in
the graph. Keras today runs such a call on values only. So the output of a layer inside is a symbolic tensor whose value
is caught when the call that it is part of runs: a gradient of what comes out of that call goes through it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from k2compat.errors import K2RuntimeError, K2ValueError, three_parts
from k2compat.graph.node import Call, Placeholders


def inner_output_of(_: Any) -> Any:
    """Name the call; its value is caught while the call around it runs."""
    raise K2RuntimeError("It is the output of a layer inside of another one, caught while that one runs.")


class InnerOutput(Call):
    """The call of a layer inside of another layer's call.

    Attributes:
        outer: the call it is part of.
        layer: the layer inside.
    """

    # What comes out of the call around it does not tell what is inside.
    from_roots = True

    def __init__(self, outer: Any, layer: Any):
        super().__init__(inner_output_of, (list(outer.outputs),), {})
        self.outer = outer
        self.layer = layer
        self.gradient_map = outer.gradient_map

    @property
    def name(self) -> str:
        return str(self.layer.name)

    @property
    def variables(self) -> Sequence[tf.Variable]:
        """The weights of the call around it."""
        return list(self.outer.variables)

    @property
    def structure(self) -> None:
        """It is like no other call."""

    @property
    def inside(self) -> list[Any]:
        """The symbolic tensors of the other layers inside."""
        return [symbol for symbol in self.outer.inside if all(symbol is not own for own in self.outputs)]

    def kept(self, evaluation: Any, result: Any) -> Any:
        """Keep what the layer gave as the value of the symbolic tensors; return what goes on, a value fed for one."""
        symbols = iter(self.outputs)
        return tf.nest.map_structure(
            lambda leaf: evaluation.hold(next(symbols), leaf) if tf.is_tensor(leaf) else leaf, result
        )

    def run(self, evaluation: Any) -> list[Any]:
        """Return what was caught; the call around it has run already unless its own outputs are fed."""
        if any(id(symbol) not in evaluation.values for symbol in self.outputs) or isinstance(evaluation, Placeholders):
            self.outer.run(evaluation)
        try:
            return [evaluation.values[id(symbol)] for symbol in self.outputs]
        except KeyError:
            raise K2ValueError(
                three_parts(
                    f"the output of the layer '{self.name}', which was not called when '{self.outer.name}' was, in the "
                    f"learning phase {evaluation.phase}",
                    "a layer that is called in this learning phase, too.",
                    "call it in either phase, or feed K.learning_phase() with the other one.",
                )
            ) from None
