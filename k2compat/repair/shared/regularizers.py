"""The repair of regularizers that a program calls on weights, for either Keras."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.graph.context import evaluating, taped
from k2compat.graph.dispatch import apply
from k2compat.graph.symbols import is_symbol, is_variable
from k2compat.naming.callers import is_program
from k2compat.repair.table import Repair


def regularizers_repair(keras: Any) -> Repair:
    """Return the repair of a Keras's own regularizers."""
    kinds = [getattr(keras.regularizers, name) for name in ("L1", "L2", "L1L2", "OrthogonalRegularizer")]
    return Repair(
        "regularizer_calls",
        "l2(0.01)(layer.kernel) in a program was a penalty that follows the weight, for model.add_loss and K "
        "functions; now it is a number, by which nothing is trained.",
        [(kind, "__call__", recorded(kind.__call__)) for kind in kinds],
    )


def recorded(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a regularizer that is recorded where a program calls it on a weight or an expression."""

    @functools.wraps(original)
    def __call__(self: Any, x: Any) -> Any:
        kept = tf.executing_eagerly() and not evaluating() and not taped() and (is_symbol(x) or is_variable(x))
        if kept and is_program(sys._getframe(1)):
            return apply(functools.partial(original, self), (x,), {})
        return original(self, x)

    return __call__
