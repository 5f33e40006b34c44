"""Layers' weights in a script's expressions, for either Keras: what makes them stay live there."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import tensorflow as tf

ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
COMPARISON = ("lt", "le", "gt", "ge")
ALL = (*ARITHMETIC, *COMPARISON, "neg", "abs")
# Where arithmetic with a layer's weight wants a value at once.
LIBRARIES = {"keras", "tf_keras", "tensorflow", "k2compat"}


def operators(names: Iterable[str] = ALL) -> Iterator[tuple[str, Callable[..., Any], bool]]:
    """The methods of operators: (name, function, whether the operands are swapped)."""
    for name in names:
        yield f"__{name}__", getattr(operator, name), False
        if name in ARITHMETIC:
            yield f"__r{name}__", getattr(operator, name), True


def weight_patches(variable: Any, symbolic: Any, in_layer: Callable[[], bool], engine: Any) -> list[Any]:
    """What makes a Keras's weights record in a script's expressions, and when the other operand is symbolic.

    Args:
        variable: the class of the weights.
        symbolic: the classes of symbolic tensors.
        in_layer: whether a layer is being called in this thread.
        engine: what repairs use of the engine.
    """

    def wrapped(original: Callable[..., Any], function: Callable[..., Any], mirrored: bool) -> Callable[..., Any]:
        def operate(self: Any, *others: Any) -> Any:
            if any(isinstance(other, symbolic) for other in others) or is_written_by_user(engine, in_layer):
                return engine.apply(function, (*others, self) if mirrored else (self, *others), {})
            return original(self, *others)

        return operate

    convert, index = variable.__tf_tensor__, variable.__getitem__

    def getitem(self: Any, key: Any) -> Any:
        if is_written_by_user(engine, in_layer):
            return engine.apply(operator.getitem, (self, engine.rebuild(key, engine.plain_index)), {})
        return index(self, key)

    def to_tensor(self: Any, dtype: Any = None, name: str | None = None) -> Any:
        if is_written_by_user(engine, in_layer):
            raise TypeError("a weight in an expression")  # upon which TensorFlow asks the dispatcher
        return convert(self, dtype, name)

    return [
        *(
            (variable, name, wrapped(getattr(variable, name), function, mirrored))
            for name, function, mirrored in operators()
        ),
        (variable, "__getitem__", getitem),
        (variable, "__tf_tensor__", to_tensor),
    ]


def is_written_by_user(engine: Any, in_layer: Callable[[], bool]) -> bool:
    """Whether a weight is used by a script at top level, which builds an expression, and not by a library that wants a
    number.
    """
    if not tf.executing_eagerly() or engine.evaluating() or engine.taped() or in_layer():
        return False
    frame = sys._getframe(2)
    while package_of(frame) == "tensorflow" and frame.f_back is not None:
        frame = frame.f_back
    return package_of(frame) not in LIBRARIES


def package_of(frame: Any) -> str:
    """The package a frame runs in."""
    return frame.f_globals.get("__name__", "").partition(".")[0]


def present(given: Any, engine: Any) -> Any:
    """The value of one of the engine's own symbolic tensors, which weights do not take; anything else unchanged."""
    return engine.present(given) if isinstance(given, engine.Lazy) else given
