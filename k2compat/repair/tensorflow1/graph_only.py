"""What of TensorFlow 1 has no meaning without a graph, each with a sentence that says what to write; and Hessians."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import tensorflow as tf

from k2compat import attributes
from k2compat.errors import K2AttributeError, K2RuntimeError, K2TypeError, K2ValueError, three_parts
from k2compat.graph.context import evaluating
from k2compat.graph.dispatch import apply
from k2compat.graph.gradients import as_list, gradients
from k2compat.graph.nested import leaves
from k2compat.graph.symbols import is_symbol
from k2compat.ops.session import absent_from_graph
from k2compat.repair.table import Repair
from k2compat.tables.tensorflow1 import ADVICE

_tf_hessians = tf.hessians
ITERATORS = ("make_one_shot_iterator", "make_initializable_iterator")
FINDING = ("get_tensor_by_name", "get_operation_by_name")
LISTING = ("get_operations", "as_graph_def")
OWN_CALLERS = ("tensorflow.", "k2compat.", "keras.", "tf_keras.")
FILLING = ("__init__", "write", "unstack", "scatter", "split")


def graph_only_repair() -> Repair:
    """Return the repair."""
    return Repair(
        "tensorflow1_graph_only",
        "graph.get_tensor_by_name, dataset.make_one_shot_iterator() and tf.TensorArray.write of symbolic tensors fail "
        "with words about something else, and the default graph lists no operations at all; they say what to write. "
        "tf.hessians of symbolic tensors raises, too, and gives what it gave.",
        [
            *((tf.data.Dataset, name, property(functools.partial(no_iterator, name))) for name in ITERATORS),
            *((tf.Graph, name, looking(getattr(tf.Graph, name))) for name in FINDING),
            *((tf.Graph, name, listing(name, getattr(tf.Graph, name))) for name in LISTING),
            *((tf.TensorArray, name, filling(getattr(tf.TensorArray, name))) for name in FILLING),
            (tf, "hessians", hessians),
            (tf.compat.v1, "hessians", hessians),
        ],
    )


def no_iterator(name: str, dataset: Any) -> NoReturn:
    """Refuse the method of a dataset that gave tensors of a graph.

    Raises:
        AttributeError: always.
    """
    received = f"the attribute {name!r} of the {type(dataset).__name__}"
    expected = "a dataset that is iterated: there is no graph whose tensors could be its next batch."
    raise K2AttributeError(three_parts(received, expected, ADVICE[f"data.{name}"]))


def looking(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that finds a thing in a graph, which says that the graph of eager execution has none."""

    @functools.wraps(original)
    def find(self: Any, name: Any) -> Any:
        if getattr(self, attributes.EAGER, False) and tf.executing_eagerly():
            raise absent_from_graph(name, original.__name__)
        return original(self, name)

    return find


def listing(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that lists what is in a graph, which refuses a program the empty graph of eager execution."""

    @functools.wraps(original)
    def listed(self: Any, *args: Any, **kwargs: Any) -> Any:
        is_eager = getattr(self, attributes.EAGER, False) and tf.executing_eagerly()
        if is_eager and not sys._getframe(1).f_globals.get("__name__", "").startswith(OWN_CALLERS):
            raise K2RuntimeError(
                three_parts(
                    f"{name}() of the default graph",
                    "layers and tensors themselves: under eager execution no operation is in that graph.",
                    "read model.layers and their outputs, or the operations of a traced function: "
                    "tf.function(model).get_concrete_function(spec).graph.",
                )
            )
        return original(self, *args, **kwargs)

    return listed


def filling(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of ``tf.TensorArray`` that refuses symbolic tensors in words."""

    @functools.wraps(original)
    def fill(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not evaluating() and tf.executing_eagerly():
            found = next(filter(is_symbol, leaves(args, kwargs)), None)
            if found is not None:
                call = "tf.TensorArray" + ("" if original.__name__ == "__init__" else f".{original.__name__}")
                raise K2TypeError(
                    three_parts(
                        f"{call} of the symbolic tensor {found!r}",
                        "a tensor with a value: an array of tensors is filled at once, and not recorded.",
                        "write tf.stack([...]), tf.map_fn, tf.scan or K.rnn, or fill the array in the function of a "
                        "Lambda layer.",
                    )
                )
        return original(self, *args, **kwargs)

    return fill


def hessians(ys: Any, xs: Any, *args: Any, **kwargs: Any) -> Any:
    """``tf.hessians`` of symbolic tensors: for each x the second derivatives of the sum of ys, of the shape of x twice.

    Raises:
        ValueError: the size of an x is not known, or ys do not depend on it.
    """
    if not any(map(is_symbol, leaves(ys, xs))):
        return _tf_hessians(ys, xs, *args, **kwargs)
    return [hessian(ys, x) for x in as_list(xs)]


def hessian(ys: Any, x: Any) -> Any:
    """Return the second derivatives of ys by x."""
    shape = tuple(x.shape)
    if None in shape:
        raise K2ValueError(
            three_parts(
                f"tf.hessians by the symbolic tensor {x!r}",
                "a tensor whose sizes are all known: one gradient is recorded for each of its elements.",
                "make the placeholder with a batch size, as in K.placeholder((1, 3)).",
            )
        )
    (first,) = gradients(ys, [x])
    if first is None:
        raise K2ValueError(
            three_parts(
                f"tf.hessians of {ys!r}, which does not depend on {x!r}",
                "a tensor that depends differentiably on it.",
                "take the x that the tensor was made of.",
            )
        )
    flat = apply(tf.reshape, (first, [-1]), {})
    rows = [gradients(flat[number], [x])[0] for number in range(tf.TensorShape(shape).num_elements())]
    whole = [apply(tf.zeros_like, (x,), {}) if row is None else row for row in rows]
    return apply(tf.reshape, (apply(tf.stack, (whole,), {}), [*shape, *shape]), {})
