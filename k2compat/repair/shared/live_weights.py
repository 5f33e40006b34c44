"""Layers' weights in a script's expressions, for either Keras: what makes them stay live there."""

from __future__ import annotations

import functools
import opcode
import operator
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import tensorflow as tf

from k2compat.graph import dispatch
from k2compat.graph.context import evaluating, taped
from k2compat.graph.dispatch import apply
from k2compat.graph.nested import plain_index, rebuild
from k2compat.graph.symbols import Lazy, is_feedable
from k2compat.graph.updates import Assignment
from k2compat.naming.callers import LIBRARIES, caller_of_tensorflow, package_of

ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
ASSIGNMENTS = ("assign", "assign_add", "assign_sub")
COMPARISON = ("lt", "le", "gt", "ge")
ALL = (*ARITHMETIC, *COMPARISON, "neg", "abs")
# What TensorFlow calls of a variable to read parts of it, and the function that it does so in.
ROWS = {"sparse_read": tf.gather, "gather_nd": tf.gather_nd}
# Instructions of Python behind a call that is a statement: in a file, and at the prompt, which shows the result.
THROWN_AWAY = {opcode.opmap[name] for name in ("POP_TOP", "PRINT_EXPR", "CALL_INTRINSIC_1") if name in opcode.opmap}
CACHE = opcode.opmap.get("CACHE")


def operators(names: Iterable[str] = ALL) -> Iterator[tuple[str, Callable[..., Any], bool]]:
    """Yield the methods of operators: (name, function, whether the operands are swapped)."""
    for name in names:
        yield f"__{name}__", getattr(operator, name), False
        if name in ARITHMETIC:
            yield f"__r{name}__", getattr(operator, name), True


def weight_patches(variable: Any, symbolic: Any, in_layer: Callable[[], bool]) -> list[Any]:
    """Return what makes a Keras's weights record in a script's expressions, and when the other operand is symbolic.

    Args:
        variable: the class of the weights.
        symbolic: the classes of symbolic tensors.
        in_layer: whether a layer is being called in this thread.
    """

    def wrapped(original: Callable[..., Any], function: Callable[..., Any], mirrored: bool) -> Callable[..., Any]:
        def operate(self: Any, *others: Any) -> Any:
            if any(isinstance(other, symbolic) for other in others) or is_written_by_user(in_layer):
                return apply(function, (*others, self) if mirrored else (self, *others), {})
            return original(self, *others)

        return operate

    convert, index = variable.__tf_tensor__, variable.__getitem__

    def getitem(self: Any, key: Any) -> Any:
        if is_written_by_user(in_layer):
            return apply(operator.getitem, (self, rebuild(key, plain_index)), {})
        return index(self, key)

    def to_tensor(self: Any, dtype: Any = None, name: str | None = None) -> Any:
        if is_written_by_user(in_layer):
            raise TypeError("a weight in an expression")  # upon which TensorFlow asks the dispatcher
        return convert(self, dtype, name)

    def row_reader(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        original = getattr(variable, name)

        def read(self: Any, indices: Any, name: str | None = None) -> Any:
            if is_written_by_user(in_layer):
                return apply(function, (self, indices), {})
            return original(self, indices, name=name)

        return read

    return [
        *((variable, name, row_reader(name, function)) for name, function in ROWS.items() if hasattr(variable, name)),
        *(
            (variable, name, wrapped(getattr(variable, name), function, mirrored))
            for name, function, mirrored in operators()
        ),
        (variable, "__getitem__", getitem),
        (variable, "__tf_tensor__", to_tensor),
    ]


def deferring(original: Callable[..., Any], symbolic: Any, in_layer: Callable[[], bool]) -> Any:
    """Return an ``assign`` of weights that gives an update where a session is to run it.

    A value that depends on a placeholder is one for a run. Of weights and expressions of them there is a value at once:
    an assignment that is a statement of its own takes it, as in TensorFlow 2; one whose result is kept is an update.

    Args:
        original: ``assign``, ``assign_add`` or ``assign_sub``.
        symbolic: the classes of Keras's symbolic tensors and weights.
        in_layer: whether a layer is being called in this thread.
    """

    @functools.wraps(original)
    def assign(self: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        expression = isinstance(value, (Lazy, *symbolic)) and is_written_by_user(in_layer)
        if expression and (is_feedable(value) or is_result_kept(sys._getframe(1))):
            return Assignment(self, value, original.__name__)
        return original(self, present(value), *args, **kwargs)

    return assign


def is_result_kept(frame: Any) -> bool:
    """Return whether the result of the call that a frame is at is used, and not thrown away at once."""
    code, place = frame.f_code.co_code, frame.f_lasti + 2
    while place < len(code) and code[place] == CACHE:
        place += 2
    return place < len(code) and code[place] not in THROWN_AWAY


def is_written_by_user(in_layer: Callable[[], bool]) -> bool:
    """Return whether a weight is used by a script at top level, which builds an expression, and not by a library that
    wants a number.
    """
    if not tf.executing_eagerly() or evaluating() or taped() or in_layer():
        return False
    frame = caller_of_tensorflow(sys._getframe(2))
    return frame is None or package_of(frame) not in LIBRARIES


def present(given: Any) -> Any:
    """Return the value of one of the engine's own symbolic tensors, which weights do not take; anything else
    unchanged.
    """
    return dispatch.present(given) if isinstance(given, Lazy) else given
