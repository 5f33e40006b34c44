"""``tf.train`` of TensorFlow 1: optimizers that make a step when a session runs it, and learning rates that fall."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

from k2compat.graph import context
from k2compat.graph.dispatch import apply
from k2compat.graph.gradients import gradients
from k2compat.graph.record import record
from k2compat.graph.symbols import is_symbol, is_variable, variable_of
from k2compat.graph.toposort import in_order
from k2compat.graph.updates import Step
from k2compat.ops import initial_values
from k2compat.repair.table import Repair
from k2compat.repair.tensorflow1.variables import global_step
from k2compat.tables import words
from k2compat.tables.tensorflow1 import TRAINERS

Optimizer = tf.compat.v1.train.Optimizer
DECAYS = words(
    "exponential_decay inverse_time_decay natural_exp_decay polynomial_decay piecewise_constant "
    "piecewise_constant_decay cosine_decay cosine_decay_restarts linear_cosine_decay noisy_linear_cosine_decay"
)


def train_repair() -> Repair:
    """Return the repair of ``tf.train``."""
    v1 = tf.compat.v1.train
    return Repair(
        "tensorflow1_train",
        "tf.train.AdamOptimizer and its kin are gone, and those of tf.compat.v1.train refuse symbolic losses; minimize "
        "and apply_gradients of such give a step that a session runs, with the numbers of TensorFlow 1.",
        [
            (Optimizer, "compute_gradients", computing(Optimizer.compute_gradients)),
            (Optimizer, "apply_gradients", applying(Optimizer.apply_gradients)),
            *((tf.train, name, getattr(v1, name)) for name in TRAINERS if not hasattr(tf.train, name)),
            *((tf.train, name, decaying(getattr(v1, name))) for name in DECAYS if not hasattr(tf.train, name)),
            *((tf.train, f"{how}_global_step", global_step) for how in ("get", "create", "get_or_create")),
        ],
    )


def computing(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Optimizer.compute_gradients`` of a symbolic loss."""

    @functools.wraps(original)
    def compute_gradients(self: Any, loss: Any, var_list: Any = None, *args: Any, **kwargs: Any) -> Any:
        if not is_symbol(loss):
            return original(self, loss, var_list, *args, **kwargs)
        weight = args[3] if len(args) > 3 else kwargs.get("grad_loss")
        if weight is not None:
            loss = loss * apply(tf.stop_gradient, (weight,), {})
        variables = trained_by(loss) if var_list is None else tf.nest.flatten(list(var_list))
        return list(zip(gradients(loss, variables), variables, strict=True))

    return compute_gradients


def trained_by(loss: Any) -> list[Any]:
    """Return the variables that a loss depends on, in the order in which they were made."""
    calls, inputs = in_order([loss], lambda _: False, lambda call: call.inputs)
    met = [item for item in inputs if is_variable(item)]
    met += [variable for call in calls for variable in (*call.inputs, *call.variables) if is_variable(variable)]
    reached = {id(variable_of(one)): one for one in met if variable_of(one).dtype.is_floating}
    known = [one for one in initial_values.trainable() if id(variable_of(one)) in reached]
    left = set(reached) - {id(variable_of(one)) for one in known}
    noted = {id(variable_of(one)) for one in initial_values.known()}
    return [*known, *(one for key, one in reached.items() if key in left - noted and variable_of(one).trainable)]


def applying(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Optimizer.apply_gradients`` that gives a step for a session to run where the gradients are symbolic."""

    @functools.wraps(original)
    def apply_gradients(self: Any, grads_and_vars: Iterable[Any], global_step: Any = None, name: Any = None) -> Any:
        given = list(grads_and_vars)
        pairs = [(gradient, variable_of(one) if is_variable(one) else one) for gradient, one in given]
        counter = variable_of(global_step) if is_variable(global_step) else global_step
        apply_now = constrained(functools.partial(original, self), given)
        symbolic = any(is_symbol(gradient) for gradient, _ in pairs)
        if not symbolic or context.evaluating() or not tf.executing_eagerly():
            return apply_now(pairs, counter, name)
        return step_of(self, apply_now, pairs, counter)

    return apply_gradients


def constrained(apply_now: Callable[..., Any], given: list[tuple[Any, Any]]) -> Callable[..., Any]:
    """Return a function that applies gradients, and then the constraints that weights of Keras have and the variables
    of TensorFlow inside them do not know.
    """
    moved = [one for gradient, one in given if gradient is not None and getattr(one, "constraint", None) is not None]
    limits = [(variable_of(one), one.constraint) for one in moved if is_variable(one)]
    limits = [(variable, constraint) for variable, constraint in limits if variable.constraint is None]

    def apply(*args: Any) -> Any:
        done = apply_now(*args)
        for variable, constraint in limits:
            variable.assign(constraint(tf.convert_to_tensor(variable)))
        return done

    return apply if limits else apply_now


def step_of(optimizer: Any, apply_now: Callable[..., Any], pairs: list[tuple[Any, Any]], counter: Any) -> Step:
    """Return the step of an optimizer, whose slots are made here."""
    optimizer._create_slots([variable for gradient, variable in pairs if gradient is not None])
    for slot in optimizer.variables():
        initial_values.note(slot, tf.identity(slot), trainable=False)
    settings = {name: value for name, value in vars(optimizer).items() if is_symbol(value)}
    symbols = [gradient for gradient, _ in pairs if is_symbol(gradient)]

    def perform(values: list[Any]) -> Any:
        found = iter(values)
        now = [(next(found) if is_symbol(gradient) else gradient, variable) for gradient, variable in pairs]
        vars(optimizer).update(zip(settings, found, strict=True))
        try:
            return apply_now(now, counter)
        finally:
            vars(optimizer).update(settings)

    return Step([*symbols, *settings.values()], perform)


def decaying(schedule: Callable[..., Any]) -> Callable[..., Any]:
    """Return a learning rate of ``tf.compat.v1.train`` that follows the step counter it is given."""

    @functools.wraps(schedule)
    def rate(*args: Any, **kwargs: Any) -> Any:
        if not tf.executing_eagerly() or context.evaluating():
            return schedule(*args, **kwargs)
        return record(value, args, kwargs)

    def value(*args: Any, **kwargs: Any) -> Any:
        found = schedule(*args, **kwargs)
        return tf.convert_to_tensor(found() if callable(found) else found)

    return rate
