"""The repair by which symbolic tensors are metrics of a model, for either Keras."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.graph.dispatch import apply
from k2compat.graph.symbols import is_symbol
from k2compat.repair.shared import metrics as measures
from k2compat.repair.shared.compiled_model import compiled
from k2compat.repair.shared.model_functions import Added, functions_of
from k2compat.repair.table import Around, Repair, definer


def metrics_repair(kit: Any) -> Repair:
    """Make the repair of a Keras's models."""
    model = kit.keras.Model
    return Repair(
        "added_metrics",
        "model.add_metric(symbolic tensor, name) reports the mean of a tensor over batches; programs of Keras 2.2 "
        "appended to model.metrics_tensors and model.metrics_names. Keras 3 takes neither, and Keras 2 in TensorFlow 2 "
        "not all tensors.",
        [
            (model, "add_metric", adding(getattr(model, "add_metric", None))),
            (model, "metrics_tensors", property(functools.partial(metrics_tensors, kit=kit), set_metrics_tensors)),
            (definer(model, "metrics_names"), "metrics_names", Around(named)),
        ],
    )


def added_to(model: Any) -> Added:
    """Return the tensors that a program made metrics of a model."""
    own = vars(model)
    if attributes.TENSORS not in own:
        own[attributes.TENSORS] = Added()  # past Keras's attribute tracking
    found: Added = own[attributes.TENSORS]
    return found


def adding(original: Callable[..., None] | None) -> Callable[..., None]:
    """Return ``add_metric`` that takes symbolic tensors."""

    def add_metric(
        self: Any, value: Any, name: str | None = None, aggregation: str | None = None, **kwargs: Any
    ) -> None:
        if not is_symbol(value):
            if original is None:
                raise TypeError(f"add_metric takes a symbolic tensor. Received: {value}")
            original(self, value, *([aggregation] if aggregation is not None else []), name=name, **kwargs)
            return
        added = added_to(self)
        name = name or f"metric_{len(added.metrics) + 1}"
        if name not in added.metrics:
            added.metrics[name] = value
            functions_of(self).symbolic.clear()

    return functools.wraps(original)(add_metric) if original is not None else add_metric


class Appendable(list[Any]):
    """A list of a model that a program may append to; what it appends is kept on the model.

    Args:
        items: what is in it.
        kept: gets what is appended.
    """

    def __init__(self, items: list[Any], kept: list[Any]):
        super().__init__(items)
        self._kept = kept

    def append(self, item: Any) -> None:
        super().append(item)
        self._kept.append(item)

    def extend(self, items: Any) -> None:
        for item in items:
            self.append(item)

    def __iadd__(self, items: Any) -> Any:  # type: ignore[misc]
        self.extend(items)
        return self


def named(original: property) -> property:
    """Make ``metrics_names`` that has the names of added tensors."""

    def metrics_names(self: Any) -> Any:
        found = original.fget(self)  # type: ignore[misc]
        added = vars(self).get(attributes.TENSORS)
        if not isinstance(found, list):
            return found
        if added is None:
            return Appendable(found, NamesOf(self))
        own = [*added.metrics, *added.names]
        return Appendable([*found, *(name for name in own if name not in found)], added.names)

    def put(self: Any, names: Any) -> None:
        """Take what ``model.metrics_names += [...]`` sets: it is there already."""

    return property(metrics_names, put)


class NamesOf(list[Any]):
    """The names appended to a model's metrics, before there is one."""

    def __init__(self, model: Any):
        super().__init__()
        self._model = model

    def append(self, name: Any) -> None:
        added_to(self._model).names.append(name)


def metrics_tensors(model: Any, kit: Any) -> list[Any]:
    """Return the symbolic values of a compiled model's metrics, in the order of ``metrics_names`` behind the loss."""
    added = added_to(model)
    own = [*kit.output_losses(model).values(), *of_compile(model, kit), *added.metrics.values()]
    return Appendable([*own, *added.tensors], added.tensors)


def set_metrics_tensors(model: Any, tensors: Any) -> None:
    """Take what ``model.metrics_tensors += [...]`` sets: it is there already."""


def of_compile(model: Any, kit: Any) -> list[Any]:
    """Return the metrics that ``compile`` was given as symbolic tensors: those of one batch."""
    made = compiled(model, kit.keras, kit.symbols)
    kinds = kit.symbols.kinds()
    each = measures.by_output(kit.symbols.metrics(model), made.names, lambda metric: metric) or []
    losses = measures.of_each(model.loss, made.names)
    found = []
    for metrics, target, output, loss in zip(each, made.targets, model.outputs, losses, strict=False):
        for metric in metrics if target is not None else []:
            one = measures.chosen(metric, output, loss, kinds)
            one = kit.keras.metrics.get(one) if isinstance(one, str) else one
            found.append(apply(functools.partial(value_of, one, kinds), (target, output), {}))
    return found


def value_of(metric: Any, kinds: Any, target: Any, output: Any) -> Any:
    """Return the value of a metric for one batch."""
    if inspect.isclass(metric) or not callable(metric):
        metric = metric()
    if isinstance(metric, kinds.metric_wrapper):
        function, arguments = metric._fn, metric._fn_kwargs
        return tf.reduce_mean(function(target, output, **arguments))
    return tf.reduce_mean(metric(target, output))
