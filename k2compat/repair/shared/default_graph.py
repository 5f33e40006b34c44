"""The default graph of TensorFlow 1, in which old code was: web servers enter it in the threads that predict."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.errors import K2RuntimeError, three_parts
from k2compat.graph.own_graphs import outside
from k2compat.repair.table import Around, Repair, definer, is_applied

Graph = tf.Graph
_tf_default_graph = tf.compat.v1.get_default_graph
_tf_as_default = Graph.as_default


def get_default_graph() -> Any:
    """``tf.compat.v1.get_default_graph``, which marks the graph that stands for eager execution; no function's does."""
    graph = _tf_default_graph()
    if tf.executing_eagerly() and not graph.building_function:
        setattr(graph, attributes.EAGER, True)
    return graph


def as_default(self: Any) -> AbstractContextManager[Any]:
    """``Graph.as_default``: where execution is eager, it stays so in the graph that was the default one then.

    TensorFlow itself, as in ``tf.compat.v1.Session``, enters it.
    """
    marked = getattr(self, attributes.EAGER, False) and tf.executing_eagerly()
    if marked and not sys._getframe(1).f_globals.get("__name__", "").startswith("tensorflow."):
        return nullcontext(self)
    return _tf_as_default(self)


def refuse_graph() -> None:
    """Refuse to make a layer's node in a graph of TensorFlow 1.

    Raises:
        RuntimeError: a graph that is no function's is the default one.
    """
    if not tf.executing_eagerly() and not is_applied("own_graphs") and not _tf_default_graph().building_function:
        raise K2RuntimeError(
            three_parts(
                "a Keras layer called in `with tf.Graph().as_default():`, or with eager execution disabled",
                "eager execution: Keras 3 makes its models outside of graphs.",
                "take out the `with`; models do not share anything that a graph would keep apart.",
            )
        )


def contexts_repair(places: Iterable[tuple[Any, str]]) -> Repair:
    """Return the repair of a Keras.

    Args:
        places: its classes and their methods that run eagerly.
    """
    return Repair(
        "own_graphs",
        "Web applications make a tf.Graph and a session for each model, and enter both to load it and to predict; "
        "Keras fails there, or computes nothing. Such contexts do nothing, with a warning once.",
        [(definer(kind, name) if isinstance(kind, type) else kind, name, Around(outside)) for kind, name in places],
    )


def default_graph_repair() -> Repair:
    """Return the repair of TensorFlow."""
    return Repair(
        "default_graph",
        "with tf.compat.v1.get_default_graph().as_default(): model.predict(x), which threads of web servers do, turns "
        "eager execution off, without which Keras fails.",
        [(Graph, "as_default", as_default), (tf.compat.v1, "get_default_graph", get_default_graph)],
    )
