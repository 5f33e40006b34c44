"""The learning phase, conditions and loops over elements."""

from __future__ import annotations

import sys
from typing import Any

import tensorflow as tf

from k2compat.adapters.registry import adapter
from k2compat.errors import K2ValueError, three_parts
from k2compat.graph import context
from k2compat.graph.dispatch import apply, present
from k2compat.graph.gradients import gradients
from k2compat.graph.learning_phase import in_phase, phase_state
from k2compat.graph.nested import rebuild
from k2compat.graph.symbols import Phase, is_symbol, is_variable
from k2compat.graph.updates import Update, Waiting
from k2compat.ops.registry import plain, recorded
from k2compat.tensorflow_internals import in_own_graph

plain(gradients)


@plain
def learning_phase() -> Any:
    """The learning phase: a symbolic scalar to be fed with 0 or 1 (0 if it is not fed), or the number it was set to.

    Inside a layer that is being called it is that call's phase, as a number.
    """
    if phase_state.fixed is not None:
        return phase_state.fixed
    running = context.evaluation()
    if running is not None:
        return running.phase
    called = adapter().phase()
    if called is not None:
        return called
    return phase_state.symbol if tf.executing_eagerly() or in_own_graph() else 0


@plain
def set_learning_phase(value: Any) -> None:
    """Fixes the learning phase for all that is built afterwards.

    Args:
        value: 0 (test) or 1 (training).

    Raises:
        ValueError: another value.
    """
    if getattr(value, "ndim", 0) or value not in (0, 1):
        raise K2ValueError(
            three_parts(f"K.set_learning_phase({value!r})", "0 (test) or 1 (training).", "give one of them.")
        )
    phase_state.fixed = int(value)


@plain
def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """``x`` in the training phase, ``alt`` otherwise; either may be a function that returns a tensor."""
    training = learning_phase() if training is None else training
    if isinstance(training, Phase) and context.evaluation() is None:
        return in_phase(called(x), called(alt))
    if isinstance(training, (bool, int, float)):
        return called(x if training else alt)
    return switch(training, x, alt)


@plain
def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """``x`` in the test phase, ``alt`` otherwise."""
    return in_train_phase(alt, x, training)


def called(thing: Any) -> Any:
    return thing() if callable(thing) and not (is_symbol(thing) or is_variable(thing)) else thing


@plain
def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One of two expressions, by a scalar condition, or element by element.

    Args:
        condition: scalar, or a tensor whose leading axes are those of the expressions.
        then_expression, else_expression: tensors of the same shape, or functions that return such.
    """
    return apply(choose, (condition, then_expression, else_expression), {})


def choose(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    condition = tf.cast(condition, tf.bool)
    if condition.shape.rank == 0:
        return tf.cond(condition, lambda: value_of(then_expression), lambda: value_of(else_expression))
    then, other = value_of(then_expression), value_of(else_expression)
    missing = then.shape.rank - condition.shape.rank
    if missing < 0:
        raise K2ValueError(
            three_parts(
                f"K.switch with a condition of {condition.shape.rank} axes and expressions of {then.shape.rank}",
                "a condition with at most as many axes as the expressions.",
                "reduce the condition with K.any or K.all.",
            )
        )
    if missing:
        condition = tf.reshape(condition, tf.concat([tf.shape(condition), [1] * missing], 0))
    return tf.where(condition, then, other)


def value_of(thing: Any) -> Any:
    """Return the tensor of an expression, or of what a function returns."""
    return rebuild(called(thing), tf.convert_to_tensor)


@plain
def control_dependencies(control_inputs: Any) -> Any:
    """A context manager: what is recorded in it by K and TensorFlow functions is computed after these.

    Args:
        control_inputs: updates, symbolic tensors and variables; one or a list.

    Differs from Keras 2: layers that are called in it do not wait.
    """
    things = control_inputs if isinstance(control_inputs, (list, tuple)) else [control_inputs]
    if context.evaluating() or not tf.executing_eagerly():
        ran = [tf.convert_to_tensor(thing) if isinstance(thing, Waiting) else thing for thing in things]
        return tf.control_dependencies([present(thing) for thing in ran if not isinstance(thing, Update)])
    return context.after([apply(item.run, (item.value,), {}) if isinstance(item, Update) else item for item in things])


@plain
def symbolic(func: Any) -> Any:
    """The function as it is: a decorator that mattered where expressions were not recorded anyway."""
    return func


@plain
def eager(func: Any) -> Any:
    """The function as it is, as under TensorFlow 1."""
    return func


@plain
def map_fn(fn: Any, elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """A function mapped over the first axis; ``fn`` may use symbolic tensors from outside."""
    return apply(mapped, (fn, elems, dtype), {})


def mapped(fn: Any, elems: Any, dtype: Any) -> Any:
    return tf.map_fn(fn, elems, fn_output_signature=dtype) if dtype is not None else tf.map_fn(fn, elems)


@plain
def foldl(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Elements of the first axis combined from the first on."""
    return apply(tf.foldl, (fn, elems, initializer), {})


@plain
def foldr(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Elements of the first axis combined from the last on."""
    return apply(tf.foldr, (fn, elems, initializer), {})


@recorded
def print_tensor(x: Any, message: str = "") -> Any:
    """The tensor itself; prints the message and its values to stderr each time it is computed."""
    tf.print(message, x, output_stream=sys.stderr)
    return tf.identity(x)
