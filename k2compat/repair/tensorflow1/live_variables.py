"""A graph-mode program's own ``tf.Variable``, live in expressions."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import tensorflow as tf

from k2compat.adapters.registry import adapter
from k2compat.graph.context import evaluating, taped
from k2compat.graph.dispatch import apply, present
from k2compat.graph.own_variable import OwnVariable
from k2compat.graph.symbols import Lazy, is_feedable, is_symbol
from k2compat.graph.updates import Assignment
from k2compat.naming import scopes
from k2compat.naming.callers import AROUND_TENSORFLOW, is_program
from k2compat.naming.graph_code import is_graph_code
from k2compat.naming.programs import Program
from k2compat.ops import initial_values
from k2compat.ops.variables import set_value
from k2compat.repair.shared.live_weights import ASSIGNMENTS, is_result_kept, is_written_by_user, weight_patches
from k2compat.repair.table import Around, Repair
from k2compat.repair.tensorflow1.variables import GraphKeys, add_to_collection
from k2compat.tensorflow_internals import CONSTRUCTING

READS = ("value", "read_value", "initialized_value")
# Arguments that only TensorFlow 1 had.
OLD_ARGUMENTS = ("collections", "expected_shape")
# The collections in which variables are without being put there.
USUAL = {GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES, GraphKeys.TRAINABLE_VARIABLES}


def live_variables_repair() -> Repair:
    """Return the repair of ``tf.Variable(...)``."""
    return Repair(
        "tensorflow1_live_variables",
        "tf.reshape(v, ...), v * 2 or v.assign_add(1) of a tf.Variable v is computed at once, and never follows v "
        "again: a score that multiplies with it is 0 for good. Under `k2compat run` and `k2compat.auto` a tf.Variable "
        "that is made in a file for graph mode (it imports keras, or calls tf.placeholder, tf.assign, tf.Session and "
        "the like, and has no GradientTape) is live in expressions, as tf.get_variable is; initializers and optimizers "
        "of TensorFlow 1 know it.",
        list(patches()),
    )


def patches() -> Iterator[tuple[Any, str, Any]]:
    """Yield what makes variables live, and what their shell does where a program uses it."""
    for kind in {id(kind): kind for kind in (tf.Variable, tf.compat.v1.Variable)}.values():
        yield kind, "_variable_call", Around(functools.partial(made_live, kind))
    yield from weight_patches(OwnVariable, Lazy, in_layer)
    for name in ASSIGNMENTS:
        yield OwnVariable, name, assigning(name)
    for name in READS:
        yield OwnVariable, name, reading(name)
    yield OwnVariable, "load", lambda self, value, session=None: set_value(self, value)


def in_layer() -> bool:
    """Return whether a layer computes in this thread."""
    return adapter().computing()


def made_live(kind: Any, bound: Any) -> Any:
    """Return the class method behind ``tf.Variable(...)`` around the one that is there."""
    return classmethod(making(kind, bound.__func__))


def making(kind: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function behind ``tf.Variable(...)``, which puts a shell around what graph-mode code makes."""

    @functools.wraps(original)
    def _variable_call(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if cls is not kind or not is_for_graph():
            return original(cls, *args, **kwargs)
        first, *others = args or (kwargs.pop("initial_value", None),)
        collections = [kwargs.pop(name, None) for name in OLD_ARGUMENTS][0] or ()
        with scopes.variable(kwargs.pop("name", None)) as name:
            shown = present(first) if is_symbol(first) else first
            made = OwnVariable(original(cls, shown, *others, **kwargs, name=name))
        note(made, first, collections)
        return made

    return _variable_call


def is_for_graph() -> bool:
    """Return whether a variable is made by graph-mode code, and not in the call of a layer or in a trace."""
    if not Program.unmodified or not tf.executing_eagerly() or evaluating() or taped() or in_layer():
        return False
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").startswith((AROUND_TENSORFLOW, *CONSTRUCTING)):
        frame = frame.f_back
    return not tf.distribute.has_strategy() and is_graph_code(frame)


def note(made: Any, first: Any, collections: Any) -> None:
    """Let initializers, optimizers and collections of TensorFlow 1 know a variable.

    Args:
        made: the variable.
        first: its first value, or what gives it.
        collections: those that it was put in, none for the usual ones.
    """
    if is_symbol(first):
        again = functools.partial(present, first)
    else:
        again = first if callable(first) or tf.is_tensor(first) else tf.identity(made.variable)
    initial_values.note(made, again, local=GraphKeys.LOCAL_VARIABLES in collections, trainable=made.trainable)
    for collection in {*collections} - USUAL:
        add_to_collection(collection, made)


def assigning(name: str) -> Callable[..., Any]:
    """Return a method that assigns: at once in a statement of its own, as in TensorFlow 2; what is kept is an update
    for a session to run.
    """

    def assign(self: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1)
        live = is_program(caller) and is_written_by_user(in_layer)
        if live and (is_fed(value) or is_result_kept(caller)):
            return Assignment(self, value, name)
        getattr(self.variable, name)(present(value), *args, **kwargs)
        return self

    assign.__name__ = name
    return assign


def is_fed(value: Any) -> bool:
    """Return whether a value depends on a placeholder."""
    return is_symbol(value) and is_feedable(value)


def reading(name: str) -> Callable[..., Any]:
    """Return a method that reads: in a program a live expression."""

    def read(self: Any, *args: Any, **kwargs: Any) -> Any:
        if is_written_by_user(in_layer):
            return apply(tf.identity, (self,), {})
        return self.variable.value() if name == "initialized_value" else getattr(self.variable, name)(*args, **kwargs)

    return read
