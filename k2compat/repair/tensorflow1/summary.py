"""``tf.summary`` of TensorFlow 1: summaries that a session computes, and the file writer that takes them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.graph import context
from k2compat.graph.dispatch import apply
from k2compat.graph.nested import leaves
from k2compat.graph.symbols import is_symbol, is_variable
from k2compat.naming.scopes import unique
from k2compat.repair.table import Repair
from k2compat.repair.tensorflow1.variables import GraphKeys, add_to_collection, get_collection

v1 = tf.compat.v1.summary


def summary_repair() -> Repair:
    """Return the repair of ``tf.summary``."""
    kinds: dict[str, Callable[..., Any]] = {
        "scalar": scalar,
        "histogram": histogram,
        "image": image,
        "audio": audio,
        "text": text,
    }
    given = {
        "merge": merge,
        "merge_all": merge_all,
        "FileWriter": FileWriter,
        **{name: getattr(v1, name) for name in ("Summary", "SummaryDescription", "Event", "SessionLog")},
    }
    return Repair(
        "tensorflow1_summary",
        "tf.summary.FileWriter, merge_all and merge are gone, and tf.summary.scalar writes at once. Of a symbolic "
        "tensor, without a step, tf.summary.scalar and others give a summary that a session computes.",
        [
            *((place, name, either(getattr(place, name), old)) for name, old in kinds.items() for place in places()),
            *((tf.summary, name, value) for name, value in given.items() if not hasattr(tf.summary, name)),
            *((v1, name, given[name]) for name in ("merge", "merge_all", "FileWriter")),
            (tf.train, "summary_iterator", tf.compat.v1.train.summary_iterator),
        ],
    )


def places() -> tuple[Any, Any]:
    return tf.summary, v1


def either(new: Callable[..., Any], old: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is the old one for symbolic tensors, where no step is given."""

    @functools.wraps(new)
    def summarize(*args: Any, **kwargs: Any) -> Any:
        symbolic = any(is_symbol(leaf) or is_variable(leaf) for leaf in leaves(args[1:], kwargs))
        if not symbolic or "step" in kwargs or context.evaluating() or not tf.executing_eagerly():
            return new(*args, **kwargs)
        return old(*args, **kwargs)

    return summarize


def collected(name: str, family: str | None, collections: Any, compute: Callable[..., Any], *args: Any) -> Any:
    """Return the summary of a tensor, which ``merge_all`` finds; its tag is a name that no other one has."""
    tag = unique(f"{family}/{name}" if family else name).replace(" ", "_")
    summary = apply(compute, (tag, *args), {})
    for collection in [GraphKeys.SUMMARIES] if collections is None else collections:
        add_to_collection(collection, summary)
    return summary


def scalar(name: str, tensor: Any, collections: Any = None, family: str | None = None) -> Any:
    """``tf.summary.scalar``."""
    return collected(name, family, collections, lambda tag, x: tf.raw_ops.ScalarSummary(tags=tag, values=x), tensor)


def histogram(name: str, values: Any, collections: Any = None, family: str | None = None) -> Any:
    """``tf.summary.histogram``."""
    return collected(name, family, collections, lambda tag, x: tf.raw_ops.HistogramSummary(tag=tag, values=x), values)


def image(name: str, tensor: Any, max_outputs: int = 3, collections: Any = None, family: str | None = None) -> Any:
    """``tf.summary.image``."""

    def compute(tag: str, x: Any) -> Any:
        return tf.raw_ops.ImageSummary(tag=tag, tensor=x, max_images=max_outputs)

    return collected(name, family, collections, compute, tensor)


def audio(
    name: str,
    tensor: Any,
    sample_rate: Any,
    max_outputs: int = 3,
    collections: Any = None,
    family: str | None = None,
) -> Any:
    """``tf.summary.audio``."""

    def compute(tag: str, x: Any) -> Any:
        return tf.raw_ops.AudioSummaryV2(tag=tag, tensor=x, sample_rate=sample_rate, max_outputs=max_outputs)

    return collected(name, family, collections, compute, tensor)


def text(name: str, tensor: Any, collections: Any = None) -> Any:
    """``tf.summary.text``."""
    kind = tf.compat.v1.SummaryMetadata(plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="text"))
    described = kind.SerializeToString()

    def compute(tag: str, x: Any) -> Any:
        return tf.raw_ops.TensorSummaryV2(tag=tag, tensor=x, serialized_summary_metadata=described)

    return collected(name, None, collections, compute, tensor)


def merge(inputs: Any, collections: Any = None, name: str | None = None) -> Any:
    """``tf.summary.merge``."""
    merged = apply(lambda *parts: tf.raw_ops.MergeSummary(inputs=list(parts)), tuple(inputs), {})
    for collection in collections or ():
        add_to_collection(collection, merged)
    return merged


def merge_all(key: str = GraphKeys.SUMMARIES, scope: str | None = None, name: str | None = None) -> Any:
    """``tf.summary.merge_all``: None where there is no summary."""
    found = get_collection(key)
    return merge(found) if found else None


class FileWriter(v1.FileWriter):  # type: ignore[name-defined]
    """``tf.summary.FileWriter``, which takes summaries that a session has computed."""

    def __init__(self, logdir: str, graph: Any = None, *args: Any, **kwargs: Any):
        own = graph if isinstance(graph, tf.Graph) and graph.get_operations() else None
        with tf.Graph().as_default():  # TensorFlow's own asks for graph mode
            super().__init__(logdir, own, *args, **kwargs)

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        """Write a graph that a program has put operations in; of what is recorded here there is none."""
        if isinstance(graph, tf.Graph) and graph.get_operations():
            super().add_graph(graph, global_step, graph_def)

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Write a summary.

        Args:
            summary: the bytes that a session has computed, or a ``tf.Summary``.
            global_step: the number of the step.
        """
        summary = summary.item() if hasattr(summary, "item") else summary
        super().add_summary(summary, None if global_step is None else int(global_step))
