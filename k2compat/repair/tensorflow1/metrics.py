"""``tf.metrics`` of TensorFlow 1: streaming metrics, whose local variables add up over batches."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.errors import NeedsTrace
from k2compat.graph import context
from k2compat.graph.dispatch import present
from k2compat.graph.nested import leaves, rebuild
from k2compat.graph.node import unique
from k2compat.graph.record import record
from k2compat.graph.symbols import is_symbol, is_variable, spec_of
from k2compat.ops import initial_values
from k2compat.ops.once import made_once
from k2compat.repair.table import Repair
from k2compat.repair.tensorflow1.beside import Beside
from k2compat.tables.tensorflow1 import STREAMING
from k2compat.tensorflow_internals import in_function, outside_functions


def metrics_repair() -> Repair:
    """Return the repair of ``tf.metrics``."""
    v1 = tf.compat.v1.metrics
    old = {name: streaming(getattr(v1, name)) for name in STREAMING}
    return Repair(
        "tensorflow1_metrics",
        "tf.metrics.recall, auc, mean_iou and other streaming metrics are gone. They give the pair (value, update) "
        "that TensorFlow 1 gave, with local variables that add up over batches until an initializer runs. Names that "
        "tf.metrics of TensorFlow 2 has mean what they mean there.",
        [
            (
                tf,
                "metrics",
                Beside("metrics", old, "tensorflow1_metrics"),
            )
        ],
    )


def streaming(metric: Callable[..., Any]) -> Callable[..., Any]:
    """Return a streaming metric of ``tf.compat.v1`` that takes symbolic tensors, and may be traced several times."""

    @functools.wraps(metric)
    def measured(*args: Any, **kwargs: Any) -> Any:
        if tf.executing_eagerly():
            if context.evaluating():
                raise NeedsTrace
            return recorded(metric, args, kwargs)
        if not in_function():  # a graph of the program's own
            return metric(*args, **kwargs)
        with tf.variable_creator_scope(creator(local_variables())):
            return metric(*rebuild(args, present), **rebuild(kwargs, present))

    return measured


@made_once
def local_variables() -> list[tf.Variable]:
    """Return the list of the local variables of a metric: at each place that is traced again the same one."""
    return []


def creator(made: list[tf.Variable]) -> Callable[..., tf.Variable]:
    """Return what gives a metric its variables: those it has already, in their order, then new ones."""
    numbers = itertools.count()

    def create(_: Any, **kwargs: Any) -> tf.Variable:
        number = next(numbers)
        if number == len(made):
            with outside_functions():
                first = kwargs["initial_value"]()
                made.append(tf.Variable(first, trainable=False, name=kwargs["name"]))
            initial_values.note(made[-1], first, local=True)
        return made[number]

    return create


def recorded(metric: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """Return the value and the update of a metric as symbolic tensors, to be run by a session."""
    symbols = unique(leaf for leaf in leaves(args, kwargs) if is_symbol(leaf) or is_variable(leaf))
    made: list[tf.Variable] = []

    def body(*tensors: Any) -> Any:
        values = dict(zip(map(id, symbols), tensors, strict=True))
        given, named = rebuild((args, kwargs), lambda leaf: values.get(id(leaf), leaf))
        with tf.variable_creator_scope(creator(made)):
            return metric(*given, **named)

    whole = tf.compat.v1.wrap_function(body, [spec_of(symbol) for symbol in symbols])
    value, update = whole.structured_outputs
    read, step = whole.prune([], value), whole.prune(whole.inputs[: len(symbols)], update)

    def metric_value(_: Any = made) -> Any:  # the functions do not keep the variables
        return read()

    def metric_update(*tensors: Any) -> Any:
        return step(*map(tf.convert_to_tensor, tensors))

    return record(metric_value, (), {}), record(metric_update, tuple(symbols), {})
