"""What weights had in TensorFlow 1: an initializer, a value to read, a session to run both in; for either Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.graph.dispatch import apply, present
from k2compat.graph.symbols import variable_of
from k2compat.ops.initial_values import Initialization
from k2compat.ops.session import get_session
from k2compat.ops.variables import set_value
from k2compat.repair.table import Repair


def drawing(initializer: Any, shape: Any, dtype: Any) -> Callable[[], Any]:
    """Return what draws the first value of a weight, other numbers each time."""

    def draw() -> Any:
        value = present(initializer(shape, dtype=dtype))
        getattr(initializer, attributes.USED, int)()
        return value

    return draw


def weight_repair(weight: Any, patches: Any) -> Repair:
    """Return the repair of weights.

    Args:
        weight: the class of weights.
        patches: what keeps their first values.
    """
    old = {
        "initializer": property(initializer),
        "read_value": lambda self: apply(tf.identity, (self,), {}),
        "initialized_value": lambda self: apply(tf.identity, (self,), {}),
        "get_shape": lambda self: tf.TensorShape(self.shape),
        "eval": lambda self, feed_dict=None, session=None: get_session().run(self, feed_dict),
        "load": lambda self, value, session=None: set_value(self, value),
    }
    return Repair(
        "weight_initializers",
        "weight.initializer.run(session=...), which begins the training of a layer again, weight.read_value(), "
        "weight.eval(session=...) and weight.load(value, session) are gone; and tf.global_variables_initializer() "
        "gives weights other first values.",
        [*((weight, name, value) for name, value in old.items()), *patches],
    )


def initializer(weight: Any) -> Any:
    """Return what gives a weight its first value again; in a graph of the program's own, the operation that does."""
    native = None if tf.executing_eagerly() else getattr(variable_of(weight), "initializer", None)
    return Initialization([weight]) if native is None else native


def noted(original: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
    """Return a function that tells what it has made, and of which arguments."""

    @functools.wraps(original)
    def make(*args: Any, **kwargs: Any) -> Any:
        made = original(*args, **kwargs)
        note(made, *args, **kwargs)
        return made

    return make
