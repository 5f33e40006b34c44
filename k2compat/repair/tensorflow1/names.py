"""The names of TensorFlow 1 that have a function in TensorFlow 2, under their old address."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from k2compat.errors import K2AttributeError, sentence_parts
from k2compat.graph.dispatch import apply
from k2compat.graph.nested import leaves
from k2compat.graph.symbols import is_symbol
from k2compat.repair.table import Repair
from k2compat.repair.tensorflow1.beside import Beside
from k2compat.repair.tensorflow1.variables import regularization_loss, regularization_losses
from k2compat.tables.tensorflow1 import DRAWS, GONE, KEPT_IN_COMPAT, RENAMED, advice

# The modules of TensorFlow that say what to write for a name that is gone.
EXPLAINED = ("train", "nn", "summary", "saved_model", "graph_util", "data")


def recording(fn):  # type: ignore[no-untyped-def]
    """Return a TensorFlow function that records when it is given symbolic tensors, without asking the dispatcher."""

    @functools.wraps(fn)
    def call(*args, **kwargs):  # type: ignore[no-untyped-def]
        symbolic = any(is_symbol(leaf) for leaf in leaves(args, kwargs))
        return apply(fn, args, kwargs) if symbolic else fn(*args, **kwargs)

    return call


def drawing(fn):  # type: ignore[no-untyped-def]
    """Return a function of random numbers that draws again at each run, as the operations of a graph did."""

    @functools.wraps(fn)
    def call(*args, **kwargs):  # type: ignore[no-untyped-def]
        return apply(fn, args, kwargs)

    return call


def names_repair() -> Repair:
    """Return the repair that gives TensorFlow its old names back."""
    return Repair(
        "tensorflow1_names",
        "tf.log, tf.floordiv, tf.to_float, tf.div, tf.matrix_inverse, tf.random_normal, tf.image.resize_bilinear and "
        "other names of TensorFlow 1 are gone; they are what TensorFlow 2 has in their place.",
        list(missing_names()),
    )


def missing_names() -> Iterator[tuple[Any, str, Any]]:
    """Yield what is to be set: (module, name, value), of the names that TensorFlow has not."""
    for name in (*RENAMED, *sorted(KEPT_IN_COMPAT)):
        where, _, last = name.rpartition(".")
        if where == "losses":
            continue
        try:
            place = operator.attrgetter(where)(tf) if where else tf
            value = operator.attrgetter(RENAMED.get(name, f"compat.v1.{name}"))(tf)
        except AttributeError:  # another TensorFlow
            continue
        if not hasattr(place, last):
            yield place, last, called(name, value)
    names = [name.partition(".")[2] for name in KEPT_IN_COMPAT if name.startswith("losses.")]
    losses: dict[str, Any] = {name: recording(getattr(tf.compat.v1.losses, name)) for name in names}
    losses |= {"get_regularization_losses": regularization_losses, "get_regularization_loss": regularization_loss}
    yield tf, "losses", Beside("losses", losses, "tensorflow1_names")
    for where in ("", *EXPLAINED):
        place = getattr(tf, where) if where else tf
        if "__getattr__" not in vars(place):
            yield place, "__getattr__", explaining(where)


def explaining(where: str) -> Callable[[str], Any]:
    """Return what a module of TensorFlow answers to a name that it has not: what to write, where it had one."""

    def __getattr__(name: str) -> Any:
        dotted = f"{where}.{name}" if where else name
        if dotted not in GONE:
            raise AttributeError(f"module {place_of(where)!r} has no attribute {name!r}")
        raise K2AttributeError(
            sentence_parts(
                f"module 'tensorflow' has no attribute {dotted!r}", "a name that TensorFlow 2 has.", advice(dotted)
            )
        )

    return __getattr__


def place_of(where: str) -> str:
    """Return the name of a module of TensorFlow as its own errors give it."""
    return f"tensorflow._api.v2.{where}" if where else "tensorflow"


def called(name: str, value: Any) -> Any:
    """Return what a name is to be: a function of ``tf.compat.v1`` may refuse symbolic tensors before it asks
    anybody.
    """
    if name in DRAWS:
        return drawing(value)
    unasked = name in KEPT_IN_COMPAT or name.startswith("sparse_")
    return recording(value) if unasked and inspect.isfunction(value) else value
