"""A program's own ``tf.Variable`` beside symbolic tensors."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from k2compat.graph.context import evaluating
from k2compat.graph.dispatch import apply
from k2compat.graph.symbols import is_symbol
from k2compat.repair.table import Repair

ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
COMPARISON = ("lt", "le", "gt", "ge")


def own_variables_repair() -> Repair:
    """Return the repair of the operators of ``tf.Variable``."""
    return Repair(
        "tensorflow1_own_variables",
        "In v * x with a tf.Variable v and a symbolic tensor x the variable is read once, when the expression is made, "
        "and a later v.assign has no effect on it; the variable stays live, as in x * v.",
        list(patches()),
    )


def patches() -> Iterator[tuple[Any, str, Any]]:
    """Yield the methods of the operators."""
    for name in (*ARITHMETIC, *COMPARISON):
        function = getattr(operator, name)
        method = f"__{name}__"
        yield tf.Variable, method, operating(getattr(tf.Variable, method), function, mirrored=False)
        if name in ARITHMETIC:
            method = f"__r{name}__"
            yield tf.Variable, method, operating(getattr(tf.Variable, method), function, mirrored=True)


def operating(original: Callable[..., Any], function: Callable[..., Any], mirrored: bool) -> Callable[..., Any]:
    """Return the method of an operator, which records where the other operand is symbolic."""

    @functools.wraps(original)
    def operate(self: Any, other: Any) -> Any:
        if is_symbol(other) and tf.executing_eagerly() and not evaluating():
            return apply(function, (other, self) if mirrored else (self, other), {})
        return original(self, other)

    return operate
