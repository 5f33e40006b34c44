"""Sessions, placeholders and default graphs of TensorFlow 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.graph.dispatch import apply
from k2compat.graph.symbols import is_symbol, is_variable
from k2compat.graph.updates import Update
from k2compat.ops import session
from k2compat.ops.initial_values import Initialization
from k2compat.ops.variables import placeholder as k_placeholder
from k2compat.repair.shared.default_graph import get_default_graph
from k2compat.repair.table import Repair
from k2compat.tables import words
from k2compat.tensorflow_internals import EagerTensor, in_own_graph

v1 = tf.compat.v1
PROTOCOL_BUFFERS = words(
    "ConfigProto GPUOptions GraphOptions OptimizerOptions RunOptions RunMetadata GraphDef NodeDef MetaGraphDef Summary "
    "SessionLog Event AttrValue NameAttrList HistogramProto TensorInfo"
)


def has_operations(graph: Any) -> bool:
    """Return whether a session is to run a graph that a program has put operations in."""
    graph = v1.get_default_graph() if graph is None and in_own_graph() else graph
    return isinstance(graph, tf.Graph) and bool(graph.get_operations())


class Session(session.Session):
    """``tf.Session``: of a graph with operations it is TensorFlow's own, else it runs symbolic tensors."""

    def __new__(cls, target: str = "", graph: Any = None, config: Any = None) -> Any:
        return v1.Session(target, graph, config) if has_operations(graph) else super().__new__(cls)

    def __init__(self, target: str = "", graph: Any = None, config: Any = None):
        super().__init__(target, graph, config)
        self._own_graph = v1.get_default_graph() if graph is None and in_own_graph() else graph
        self._own: Any = None

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """Values of symbolic tensors; those of a graph are run by a session of that graph."""
        first = next(iter(tf.nest.flatten(fetches)), None)
        graph = getattr(first, "graph", None) if isinstance(first, (tf.Tensor, tf.Operation)) else self._own_graph
        known = is_symbol(first) or is_variable(first) or isinstance(first, (Update, Initialization))
        if known or not isinstance(graph, tf.Graph) or not has_operations(graph) or is_eager(first):
            return super().run(fetches, feed_dict, options, run_metadata)
        if self._own is None or self._own.graph is not graph:
            self._own = v1.Session(graph=graph)
        return self._own.run(fetches, feed_dict, options, run_metadata)

    @property
    def graph(self) -> Any:
        """The graph of the session, where a program has put operations in it."""
        return self._own_graph if has_operations(self._own_graph) else super().graph


class InteractiveSession(Session):
    """``tf.InteractiveSession``: the default session from then on, until it is closed."""

    def __new__(cls, target: str = "", graph: Any = None, config: Any = None) -> Any:
        return v1.InteractiveSession(target, graph, config) if has_operations(graph) else object.__new__(cls)

    def __init__(self, target: str = "", graph: Any = None, config: Any = None):
        super().__init__(target, graph, config)
        session.enter(self)

    def close(self) -> None:
        """Is not the default session any more."""
        session.leave(self)


def is_eager(thing: Any) -> bool:
    """Return whether a thing is a tensor with a value."""
    return isinstance(thing, tf.Tensor) and hasattr(thing, "numpy")


def value_of(tensor: Any, feed_dict: Any = None, session: Any = None) -> Any:
    """``t.eval()`` of a tensor that has a value."""
    return tensor.numpy()


def sizes(shape: Any) -> tuple[int | None, ...] | None:
    """Return a shape as a tuple, from a list, a number, a ``TensorShape`` or sizes of TensorFlow 1."""
    if shape is None or isinstance(shape, tf.TensorShape):
        return None if shape is None or shape.rank is None else tuple(shape.as_list())
    whole = [shape] if isinstance(shape, (int, np.integer)) else shape
    found = (getattr(size, "value", size) for size in whole)
    return tuple(None if size is None or size == -1 else int(size) for size in found)


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Any:
    """``tf.placeholder``: a symbolic tensor to be fed."""
    if not tf.executing_eagerly():
        return v1.placeholder(dtype, shape, name)
    return k_placeholder(shape=sizes(shape), dtype=tf.as_dtype(dtype).name, name=name)


def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Any:
    """``tf.sparse_placeholder``."""
    if not tf.executing_eagerly():
        return v1.sparse_placeholder(dtype, shape, name)
    return k_placeholder(shape=sizes(shape), dtype=tf.as_dtype(dtype).name, sparse=True, name=name)


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Any:
    """``tf.placeholder_with_default``: a symbolic tensor that may be fed."""
    if not tf.executing_eagerly():
        return v1.placeholder_with_default(input, shape, name)
    value = input if is_symbol(input) or is_variable(input) else np.asarray(input)
    if isinstance(value, np.ndarray) and value.dtype == np.float64:
        value = value.astype(np.float32)
    elif isinstance(value, np.ndarray) and value.dtype == np.int64 and not isinstance(input, np.ndarray):
        value = value.astype(np.int32)
    found = sizes(shape)

    def default(tensor: Any) -> Any:
        return v1.placeholder_with_default(tensor, found) if not tf.executing_eagerly() else tf.identity(tensor)

    return apply(default, (value,), {})


def reset_default_graph() -> None:
    """``tf.reset_default_graph``: begins without variables, and with new names."""
    if in_own_graph():
        v1.reset_default_graph()
        return
    session.clear_session()


def sessions_repair() -> Repair:
    """Return the repair of sessions."""
    given: dict[str, Callable[..., Any]] = {
        "Session": Session,
        "InteractiveSession": InteractiveSession,
        "get_default_session": session.default_session,
        "get_default_graph": get_default_graph,
        "reset_default_graph": reset_default_graph,
        "placeholder": placeholder,
        "sparse_placeholder": sparse_placeholder,
        "placeholder_with_default": placeholder_with_default,
        **{name: getattr(v1, name) for name in PROTOCOL_BUFFERS},
    }
    return Repair(
        "tensorflow1_sessions",
        "tf.Session, tf.InteractiveSession, tf.ConfigProto, tf.placeholder, tf.get_default_graph and "
        "tf.reset_default_graph are gone, and t.eval(session=...) is refused where t has a value. Such a session runs "
        "symbolic tensors, all sessions share the variables; within `with tf.Graph().as_default():` they are what "
        "TensorFlow 1 had.",
        [
            *((tf, name, value) for name, value in given.items() if not hasattr(tf, name)),
            (EagerTensor, "eval", value_of),
        ],
    )
