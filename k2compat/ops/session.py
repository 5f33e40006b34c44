"""Functions and sessions: from symbolic tensors to values."""

from __future__ import annotations

import gc
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.registry import adapter
from k2compat.errors import K2AttributeError, K2KeyError, K2TypeError, three_parts
from k2compat.graph.learning_phase import phase_state
from k2compat.graph.own_graphs import outside
from k2compat.graph.own_variable import OwnVariable
from k2compat.graph.symbols import Lazy, Variable
from k2compat.graph.updates import Group, Step, Update
from k2compat.ops.config import reset_uids
from k2compat.ops.initial_values import Initialization
from k2compat.ops.registry import plain
from k2compat.ops.session_config import configure
from k2compat.runtime.executor import is_target
from k2compat.runtime.function import Function
from k2compat.runtime.plan_cache import forget

REMEMBERED = 8  # functions kept for repeated runs of the same fetches
# What ``K.clear_session`` also clears: what repairs keep, which are above this file.
when_cleared: list[Callable[[], None]] = []


@plain
@outside
def function(inputs: Any, outputs: Any, updates: Any = None, **kwargs: Any) -> Function:
    """Makes a function from placeholders to values.

    The first call runs eagerly, from the second on it is compiled; so is the second function that does the same to the
    same layers and variables, up to the integers of an index. ``f.stats()`` tells what happened.

    Args:
        inputs: placeholders, model inputs, layers (for their outputs) or intermediate tensors; one or a list.
            ``K.learning_phase()`` may be among them.
        outputs: one symbolic tensor or a list of them; variables, constants and updates work too.
        updates: changes of variables, run after the outputs are computed: what ``K.update`` returned, or pairs
            (variable, new value).
        **kwargs: ``fetches``, ``feed_dict`` (read at each call), ``name``, ``options``, ``run_metadata``. New:
            ``tier``, "eager" or "compiled" from the first call on, or "auto", the default unless the environment
            variable K2COMPAT_TIER says otherwise; ``jit_compile=True`` compiles with XLA; ``freeze=True`` folds the
            weights in as constants, for many calls between which they stay as they are.

    Returns:
        A callable that takes a list of values and returns NumPy arrays; its ``map`` takes many items.

    Raises:
        ValueError: an unknown keyword, or None among the outputs.
        TypeError: an input or output that is no tensor.
    """
    return Function(inputs, outputs, updates, **kwargs)


class _Default(threading.local):
    """Attributes: sessions, those entered in this thread."""

    sessions: tuple[Any, ...] = ()


_default = _Default()


def default_session() -> Session | None:
    """Return the innermost session entered in this thread, None where there is none."""
    return _default.sessions[-1] if _default.sessions else None


def enter(session: Session) -> None:
    """Make a session the default one of this thread."""
    _default.sessions = (*_default.sessions, session)


def leave(session: Session) -> None:
    """Make the session that was the default one before another is the default one again."""
    inner = [place for place, one in enumerate(_default.sessions) if one is session][-1:]
    _default.sessions = tuple(one for place, one in enumerate(_default.sessions) if place not in inner)


class SessionGraph:
    """Takes the place of the graph of a session: names gradients of operations, and nothing else."""

    def __init__(self) -> None:
        self._graph = tf.compat.v1.get_default_graph()

    def gradient_override_map(self, op_type_map: Mapping[str, str]) -> AbstractContextManager[None]:
        """Return the operations made while it is open have registered gradients: type of operation -> name of a
        gradient.
        """
        return self._graph.gradient_override_map(op_type_map)

    @contextmanager
    def as_default(self) -> Iterator[SessionGraph]:
        """A context manager without effect."""
        yield self

    def get_tensor_by_name(self, name: Any) -> Any:
        """Refuse to look for a tensor: there is no graph that it could be in.

        Raises:
            KeyError: always, as in TensorFlow 1 for a name that is not there.
        """
        raise absent_from_graph(name, "get_tensor_by_name")

    def get_operation_by_name(self, name: Any) -> Any:
        """Refuse to look for an operation: there is no graph that it could be in.

        Raises:
            KeyError: always, as in TensorFlow 1 for a name that is not there.
        """
        raise absent_from_graph(name, "get_operation_by_name")

    def __getattr__(self, name: str) -> Any:
        raise no_attribute(name, "K.get_session().graph", "gradient_override_map({...}) or as_default()")


class Session:
    """What ``K.get_session`` returns: runs symbolic tensors as a TensorFlow 1 session did.

    Args:
        target: accepted, without effect.
        graph: the default graph, or one without operations.
        config: a ``ConfigProto``, whose settings are passed to ``tf.config``.
    """

    def __init__(self, target: str = "", graph: Any = None, config: Any = None):
        for complaint in configure(config) if config is not None else ():
            warnings.warn(f"tf.Session: {complaint}", stacklevel=3)

    @outside
    def run(
        self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None, options: Any = None, run_metadata: Any = None
    ) -> Any:
        """Values of symbolic tensors.

        Args:
            fetches: one symbolic tensor, variable or update, or nested lists, tuples and dicts of them. Initializers
                give variables their first values again.
            feed_dict: symbolic tensor -> value.
            options, run_metadata: accepted, without effect.

        Returns:
            NumPy arrays in the structure of the fetches; None for initializers.

        Raises:
            UnfedPlaceholderError: a placeholder is needed and not fed.
            TypeError: a fetch is no tensor, or only the name of one.
        """
        flat = tf.nest.flatten(fetches)
        for item in flat:
            if isinstance(item, (str, bytes)):
                raise K2TypeError(by_name(item))
        wanted = [item for item in flat if not does_nothing(item)]
        for item in flat:
            if isinstance(item, Initialization):
                item.perform()
        values = iter(function_for(wanted, feed_dict or {})(list((feed_dict or {}).values())) if wanted else ())
        found = [None if does_nothing(item) else next(values) for item in flat]
        gives_nothing = [isinstance(item, Step) and item.target is None for item in flat]
        results = [None if nothing else value for nothing, value in zip(gives_nothing, found, strict=True)]
        if not isinstance(fetches, (list, tuple, dict)):
            return results[0]
        packed = tf.nest.pack_sequence_as(fetches, results)
        if isinstance(fetches, Group):
            return None
        if type(fetches) is list:
            return [None if isinstance(item, Group) else value for item, value in zip(fetches, packed, strict=True)]
        return packed

    def make_callable(self, fetches: Any, feed_list: Any = None, accept_options: bool = False) -> Callable[..., Any]:
        """Return a function that takes a value for each of ``feed_list`` and returns those of the fetches."""
        run = Function(list(feed_list or []), fetches)
        return lambda *values: run(list(values))

    def close(self) -> None:
        """Does nothing: there is no session to close."""

    @contextmanager
    def as_default(self) -> Iterator[Session]:
        """A context in which ``tf.get_default_session()`` is this session."""
        with self:
            yield self

    def __enter__(self) -> Session:
        enter(self)
        return self

    def __exit__(self, *_: Any) -> None:
        leave(self)

    @property
    def graph(self) -> SessionGraph:
        """What takes the place of the session's graph."""
        return SessionGraph()

    def __getattr__(self, name: str) -> Any:
        raise no_attribute(name, "K.get_session()", "run(fetches, feed_dict), graph, close() or a with statement")


def no_attribute(name: str, owner: str, offered: str) -> K2AttributeError:
    """Return the error for what a session or its graph had in TensorFlow 1."""
    return K2AttributeError(
        three_parts(
            f"the attribute {name!r} of {owner}",
            f"{offered}; under TensorFlow 2 there is no session and no default graph.",
            "run tensors with run(...) or K.function; for graph surgery use tf.compat.v1 in a process of its own.",
        )
    )


def absent_from_graph(name: Any, method: str) -> K2KeyError:
    """Return the error for what a program looks for in the default graph."""
    layer = str(name).partition("/")[0].partition(":")[0]
    return K2KeyError(
        three_parts(
            f"the name {name!r} in graph.{method}",
            "tensors themselves: under eager execution there is no graph in which one could be found by its name.",
            f"write model.get_layer({layer!r}).output or .kernel, model.input or model.output.",
        )
    )


def by_name(name: Any) -> str:
    """Message for a fetch that is a name."""
    return three_parts(
        f"K.get_session().run of the name {name!r}",
        "tensors; there is no graph in which one could be found by its name.",
        "pass the tensor itself, such as model.output or model.get_layer(name).output.",
    )


def does_nothing(fetch: Any) -> bool:
    """Return whether a fetch has no value to compute: an initializer, which eager TensorFlow gives as None or as an
    operation.
    """
    return fetch is None or isinstance(fetch, (tf.Operation, Initialization))


def function_for(fetches: list[Any], feed_dict: Mapping[Any, Any]) -> Function:
    """Return the function that runs these fetches; kept on the first one, so that it goes when that goes."""
    home = next((item for item in fetches if is_target(item) and hasattr(item, "__dict__")), None)
    if home is None or any(isinstance(item, Update) for item in fetches):
        return Function(list(feed_dict), fetches)
    runs = home.__dict__.setdefault(attributes.RUNS, {})
    key = (*map(id, fetches), None, *map(id, feed_dict))
    if key not in runs:
        while len(runs) >= REMEMBERED:
            runs.pop(next(iter(runs)))
        runs[key] = Function(list(feed_dict), fetches)
    return runs[key]


_session = Session()


def evaluated(tensor: Any, feed_dict: Mapping[Any, Any] | None = None, session: Any = None) -> Any:
    """``t.eval(feed_dict, session)`` of our own symbolic tensors."""
    return _session.run(tensor, feed_dict)


for _kind in (Variable, OwnVariable):
    setattr(_kind, "initializer", property(lambda self: Initialization([self])))  # noqa: B010
setattr(OwnVariable, "eval", lambda self, session=None: _session.run(self))  # noqa: B010
setattr(Lazy, "eval", evaluated)  # noqa: B010
setattr(Lazy, "numpy", evaluated)  # noqa: B010  (what was an expression of weights for TensorFlow 2 code, too)


@plain
def get_session() -> Session:
    """The session: an object whose ``run(fetches, feed_dict)`` gives values."""
    return _session


@plain
def set_session(session: Any) -> None:
    """Takes over the device settings of a TensorFlow 1 session; the session itself is not used.

    Args:
        session: ``tf.compat.v1.Session(config=...)``. Of its ``ConfigProto``, memory growth, visible devices, the
            number of devices, thread counts, soft placement and logging of placement are passed to ``tf.config``.

    Warns:
        UserWarning: for a setting that TensorFlow no longer takes, because it has started already or because there is
            no counterpart (a fraction of the memory).
    """
    config = None if isinstance(session, Session) else getattr(session, "_config", None)
    if config is not None:
        for complaint in configure(config):
            warnings.warn(f"K.set_session: {complaint}", stacklevel=2)


@plain
@outside
def clear_session() -> None:
    """Drops the global state of Keras, the fixed learning phase, name counters and the collections of TensorFlow 1.

    Models and variables that the program does not hold any more are freed.
    """
    adapter().clear_session()
    phase_state.reset()
    reset_uids()
    forget()
    for start_again in when_cleared:
        start_again()
    gc.collect()
