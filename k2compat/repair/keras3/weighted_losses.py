"""Repairs of the losses and metrics of compiled models in Keras 3."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from k2compat import attributes
from k2compat.ops import objectives
from k2compat.repair.keras3.compiled_h5 import LONG_NAMES
from k2compat.repair.shared import labels, weighted_losses
from k2compat.repair.shared import metrics as measures
from k2compat.repair.table import Repair

compiling = keras.src.trainers.compile_utils
iterating = keras.src.trainers.epoch_iterator
unscaled = keras.src.losses.loss.scale_loss_for_distribution
from_dataset = keras.src.trainers.data_adapters.tf_dataset_adapter.TFDatasetAdapter


def repairs() -> list[Repair]:
    """Return the repairs of losses and metrics."""
    return [*objective_repairs(kinds_of())]


class Objective(keras.losses.Loss):
    """The loss of an output by the rules of Keras 2.3.1, around the loss object of Keras."""

    def __init__(self, inner: Any, kinds: weighted_losses.Kinds):
        super().__init__(name=inner.name, reduction=inner.reduction, dtype=inner.dtype)
        self.inner = inner
        self.kinds = kinds

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        value = weighted_losses.loss_of(self.inner, y_true, y_pred, sample_weight, self.kinds)
        return unscaled(value) if self.reduction in weighted_losses.MEANS else value

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.inner.call(y_true, y_pred)


def kinds_of() -> weighted_losses.Kinds:
    """Return the classes of losses and metrics, and the functions of Keras 2.3.1."""
    wrapper = keras.src.losses.losses.LossFunctionWrapper
    metric = keras.metrics.MeanMetricWrapper
    return weighted_losses.Kinds(keras, keras.losses.Loss, wrapper, metric, objectives.LOSSES, objectives.METRICS)


def objective_repairs(kinds: weighted_losses.Kinds) -> list[Repair]:
    """Repairs of what ``compile`` makes of losses and metrics, and of the labels they get."""
    container, metrics, listed = compiling.CompileLoss, compiling.CompileMetrics, compiling.MetricsList
    return [
        Repair(
            "weighted_losses",
            "A mask multiplied the sample weights and a loss was divided by all steps, padded ones included "
            "(K2COMPAT_MASKED_LOSS=2.2 divides by those that count, as Keras 2.2.4 did). The categorical crossentropy "
            "uses logits behind a softmax of two axes, the binary one those behind a sigmoid; in other cases "
            "probabilities count, also in loss objects that a function calls. Huber took no mean over the last axis. "
            "Losses and weights given by name may leave out outputs.",
            [
                (compiling, "get_loss", with_objective(compiling.get_loss, kinds)),
                (container, "build", for_outputs(container.build)),
                (keras.losses.Loss, "__call__", weighted_losses.without_mask(keras.losses.Loss.__call__)),
                (kinds.wrapper, "call", weighted_losses.of_objects(kinds.wrapper.call, kinds)),
            ],
        ),
        Repair(
            "chosen_metrics",
            "A flat list of metrics is for every output, also if it is as long as there are outputs. The loss decides "
            'what "accuracy" and "crossentropy" are, and predictions that are not probabilities are rounded: 1.7 is 2. '
            "Metrics are averaged over samples and steps with the mask as weights. "
            "SensitivityAtSpecificity and its like look at the threshold where the other rate is closest.",
            [
                (keras.Model, "_compile_metrics", beside_loss()),
                (metrics, "_build_metrics_set", dealt_out(metrics._build_metrics_set, kinds)),
                (listed, "update_state", updating(kinds)),
                (keras.Model, "_flatten_metrics_in_order", in_order(keras.Model._flatten_metrics_in_order)),
                *measures.at_rates(keras),
            ],
        ),
        Repair(
            "label_arrays",
            labels.REASON,
            [
                (iterating.EpochIterator, "__init__", feeding(iterating.EpochIterator.__init__)),
                *labels.of_one_batch(keras),
            ],
        ),
    ]


def with_objective(original: Callable[..., Any], kinds: weighted_losses.Kinds) -> Callable[..., Any]:
    """``get_loss`` whose losses follow Keras 2.3.1, and that knows the old names."""

    def get_loss(identifier: Any, y_true: Any, y_pred: Any) -> Any:
        found = original(by_name(identifier), y_true, y_pred)
        return found if found is None else Objective(found, kinds)

    return get_loss


def by_name(identifier: Any) -> Any:
    """Return what Keras knows for the old name of a loss; anything else as it is."""
    if not isinstance(identifier, str) or identifier in keras.src.losses.ALL_OBJECTS_DICT:
        return identifier
    return LONG_NAMES.get(identifier, identifier)


def objective(loss: Any, kinds: weighted_losses.Kinds) -> Objective:
    """Return the loss of an output from what was given to ``compile``."""
    found = keras.losses.get(by_name(loss))
    if not isinstance(found, keras.losses.Loss):
        found = kinds.wrapper(found, name=getattr(found, "__name__", "loss"))
    return Objective(found, kinds)


def for_outputs(original: Callable[..., Any]) -> Callable[..., Any]:
    """``CompileLoss.build`` for outputs in a list: one loss for all, and dicts that leave out outputs."""

    @functools.wraps(original)
    def build(self: Any, y_true: Any, y_pred: Any) -> None:
        names = self.output_names
        given = self._user_loss, self._user_loss_weights
        if is_flat(y_pred) and names and len(names) == len(y_pred):
            loss, weights = given
            if isinstance(loss, dict) and loss and set(loss) <= set(names):
                loss = [loss.get(name) for name in names]
            elif isinstance(loss, str) or not isinstance(loss, (dict, list, tuple)):
                loss = [loss] * len(names)
            if isinstance(weights, dict) and isinstance(loss, list) and set(weights) <= set(names):
                weights = [weights.get(name, 1.0) for name in names]
            self._user_loss, self._user_loss_weights = loss, weights
        try:
            original(self, y_true, y_pred)
        finally:
            self._user_loss, self._user_loss_weights = given

    return build


def is_flat(outputs: Any) -> bool:
    """Return whether the outputs of a model are a list of tensors, more than one."""
    return (
        isinstance(outputs, (list, tuple))
        and len(outputs) > 1
        and not any(isinstance(output, (list, tuple, dict)) for output in outputs)
    )


def beside_loss() -> property:
    """``model._compile_metrics`` that knows the losses and the static shapes of the outputs."""

    def get(self: Any) -> Any:
        return vars(self).get("_compile_metrics")

    def assign(self: Any, metrics: Any) -> None:
        vars(self)["_compile_metrics"] = metrics
        if metrics is not None:
            vars(metrics)[attributes.LOSSES] = getattr(self, "_compile_loss", None)
            outputs = getattr(self, "outputs", None) if self.built else None
            vars(metrics)[attributes.SHAPES] = [tuple(output.shape) for output in outputs or []]

    return property(get, assign)


def dealt_out(original: Callable[..., Any], kinds: weighted_losses.Kinds) -> Callable[..., Any]:
    """``CompileMetrics._build_metrics_set`` that gives outputs their metrics as Keras 2.3.1 did."""

    @functools.wraps(original)
    def _build_metrics_set(
        self: Any,
        metrics: Any,
        num_outputs: int,
        output_names: Any,
        y_true: Any,
        y_pred: Any,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        single, flat = num_outputs == 1, is_flat(y_pred)
        names = list(output_names or range(num_outputs))
        each = None
        if metrics and (flat or single) and len(names) == num_outputs:
            each = measures.by_output(list(metrics) if isinstance(metrics, list) else metrics, names, copied)
        if each is not None:
            outputs = keras.tree.flatten(y_pred)
            losses = measures.of_each(getattr(vars(self).get(attributes.LOSSES), "_user_loss", None), names)
            metrics = [
                [measures.chosen(metric, output, loss, kinds) for metric in own]
                for own, output, loss in zip(each, outputs, losses, strict=True)
            ]
        found = original(self, metrics, num_outputs, output_names, y_true, y_pred, *args, **kwargs)
        shapes = vars(self).get(attributes.SHAPES) or []
        for one, shape in zip(found, shapes, strict=False):
            if one is not None:
                vars(one)[attributes.SHAPE] = shape
        return found

    return _build_metrics_set


def copied(metric: Any) -> Any:
    """Return a metric for another output: one of its own of a metric object."""
    return metric.__class__.from_config(metric.get_config()) if isinstance(metric, keras.metrics.Metric) else metric


def updating(kinds: weighted_losses.Kinds) -> Callable[..., Any]:
    """``MetricsList.update_state`` by the rules of Keras 2.3.1."""

    def update_state(self: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        for metric in self.metrics:
            measures.update(metric, y_true, y_pred, sample_weight, vars(self).get(attributes.SHAPE), kinds)

    return update_state


def in_order(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_flatten_metrics_in_order`` that gives the metrics of each output in the order of ``compile``; Keras 3 sorts
    the names of several outputs.
    """

    @functools.wraps(original)
    def flatten(self: Any, logs: Any) -> Any:
        names = names_in_order(self._compile_metrics)
        if not isinstance(logs, dict) or len(names) < 2:
            return original(self, logs)
        losses = [metric.name for metric in (self._compile_loss.metrics if self._compile_loss else ())]
        first = [name for name in ("loss", *losses, *names) if name in logs]
        values = [logs[name] for name in first]
        return values + [logs[name] for name in sorted(logs) if name not in first]

    return flatten


def names_in_order(metrics: Any) -> list[str]:
    """Return the names under which the metrics of several outputs, or several of one name, are reported, output by
    output.
    """
    if metrics is None or not metrics.built:
        return []
    if len(metrics._flat_metrics) < 2 and len({one.name for one in metrics.metrics}) == len(metrics.metrics):
        return []
    known = vars(metrics).get(attributes.NAMES)
    if known is None:
        names = iter(metrics.result())
        kinds = (metrics._flat_metrics, metrics._flat_weighted_metrics)
        plain, weighted = ([[next(names) for _ in one.metrics] if one else [] for one in each] for each in kinds)
        known = [name for both in zip(plain, weighted, strict=True) for each in both for name in each]
        vars(metrics)[attributes.NAMES] = known
    return known


def feeding(original: Callable[..., Any]) -> Callable[..., Any]:
    """``EpochIterator.__init__`` whose datasets have labels as Keras 2 fed them, unless a dataset is given."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        adapter = self.data_adapter
        if not isinstance(adapter, from_dataset):
            dataset = adapter.get_tf_dataset
            adapter.get_tf_dataset = lambda: labels.labelled(dataset(), keras)

    return __init__
