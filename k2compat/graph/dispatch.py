"""Decides for each call on tensors whether it is recorded or computed, K's own functions and TensorFlow's alike."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.registry import adapter
from k2compat.errors import K2ValueError, UnfedPlaceholderError, three_parts
from k2compat.graph import context as active
from k2compat.graph.evaluation import evaluate
from k2compat.graph.nested import leaves, rebuild
from k2compat.graph.node import placeholder_like
from k2compat.graph.record import record
from k2compat.graph.symbols import LIVE, Lazy, Variable, is_feedable, is_symbol, is_variable, spec_of, variable_of
from k2compat.naming.callers import caller
from k2compat.naming.graph_code import is_graph_code
from k2compat.naming.programs import Program
from k2compat.tensorflow_internals import GlobalOpDispatcher, eagerly, in_own_graph


def value_now(symbol: Any) -> Any:
    """Return the value of a symbolic tensor where there is one already.

    Inside an evaluation that is its value there; inside a function being traced or a layer being called, variables are
    read and expressions of them computed; while Keras infers shapes, a placeholder of its graph stands for it.

    Returns:
        A tensor, or None at top level, where symbolic tensors have no value.
    """
    evaluation = active.evaluation()
    if evaluation is not None:
        return evaluation.value(symbol)
    if tf.executing_eagerly():
        return None
    if is_feedable(symbol):
        if adapter().inferring_shapes():
            return placeholder_like(spec_of(symbol))
        return in_forward_pass(symbol)
    return compute(symbol)


def in_forward_pass(symbol: Any) -> Any:
    """Return the value a symbolic tensor has in the models called so far in the graph being traced: losses close over
    tensors of the model they train.

    Raises:
        UnfedPlaceholderError: it belongs to none of them.
    """
    try:
        return evaluate([symbol], adapter().forward_values(), adapter().phase() or 0)[0]
    except UnfedPlaceholderError:
        raise UnfedPlaceholderError(
            three_parts(
                f"the symbolic tensor {symbol!r} inside a function that is being traced or a layer that is being "
                f"called",
                "tensors with a value there: those of the model being trained, or what the function is given.",
                "pass it as an input of the function, layer or loss instead of closing over it.",
            )
        ) from None


def compute(symbol: Any) -> Any:
    """Compute an expression of variables in the present graph, or eagerly."""
    if isinstance(symbol, Variable) or not isinstance(symbol, Lazy):
        return tf.convert_to_tensor(variable_of(symbol))
    return evaluate([symbol], {}, adapter().phase() or 0)[0]


def apply(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Record or computes ``fn(*args, **kwargs)``, as the arguments ask for.

    Symbolic arguments that depend on a placeholder: record. Otherwise a tensor with a value among them, a graph being
    traced or a tape recording: compute. Otherwise, variables, constants and expressions of them: record, because
    variables are live. In a program for graph mode a tensor with a value is a constant.
    """
    if not (active.evaluating() or tf.executing_eagerly()) and in_own_graph():
        found = leaves(args, kwargs)
        if any(map(is_symbol, found)) and not any(map(has_value, found)):
            with eagerly():
                return apply(fn, args, kwargs)
    if not active.evaluating() and tf.executing_eagerly():
        found = leaves(args, kwargs)
        valued = active.taped() or (any(map(has_value, found)) and not are_constants(found))
        if not valued or any(is_feedable(leaf) for leaf in found):
            return record(fn, args, kwargs)
    return fn(*rebuild(args, present), **rebuild(kwargs, present))


def are_constants(found: list[Any]) -> bool:
    """Return whether tensors with values stand beside live ones in a call of code for graph mode."""
    if not Program.unmodified or not any(isinstance(leaf, live_kinds()) for leaf in found):
        return False
    return is_graph_code(caller(sys._getframe(2)))


def live_kinds() -> tuple[Any, ...]:
    """Return the classes of what has no value for TensorFlow at top level."""
    return (*LIVE, adapter().symbolic_type, adapter().variable_type)


def present(leaf: Any) -> Any:
    """Return a leaf of the arguments of a call that is computed now."""
    if not (is_symbol(leaf) or is_variable(leaf)):
        return leaf
    value = value_now(leaf)
    return compute(leaf) if value is None else value


def has_value(leaf: Any) -> bool:
    """Return whether a leaf is a tensor with a value. TensorFlow's own question takes long, and comes last."""
    return not is_symbol(leaf) and not is_variable(leaf) and tf.is_tensor(leaf)


def convert(symbol: Any, dtype: Any = None, name: str | None = None) -> tf.Tensor:
    """Return what TensorFlow gets when it asks a symbolic tensor for its value.

    Raises:
        TypeError: at top level; TensorFlow then asks the dispatcher, which records the call.
    """
    value = value_now(symbol)
    if value is None:
        raise TypeError(f"{symbol!r} is symbolic and has no value at top level")
    if dtype is not None and value.dtype != dtype:
        raise K2ValueError(
            three_parts(
                f"{symbol!r} where {tf.as_dtype(dtype).name} is needed",
                f"dtype {tf.as_dtype(dtype).name}",
                "use K.cast(x, dtype)",
            )
        )
    return value


Lazy.__tf_tensor__ = convert  # type: ignore[attr-defined]


class Dispatcher(GlobalOpDispatcher):
    """TensorFlow's own door for foreign types: called when an operation was given something it cannot convert."""

    active = False

    def handle(self, op: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.active and any(isinstance(leaf, live_kinds()) for leaf in leaves(args, kwargs)):
            return apply(op, args, kwargs)
        return self.NOT_SUPPORTED
