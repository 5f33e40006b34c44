"""Repairs of the losses and metrics of compiled models in Keras 2 as it is in TensorFlow 2."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.keras2.internals import inner, keras
from k2compat.graph.dispatch import apply
from k2compat.graph.symbols import is_symbol
from k2compat.ops import objectives
from k2compat.repair.shared import labels, weighted_losses
from k2compat.repair.shared import metrics as measures
from k2compat.repair.table import Repair
from k2compat.tensorflow_internals import autograph

compiling: Any = inner("engine.compile_utils")
adapting: Any = inner("engine.data_adapter")
utilities: Any = inner("utils.losses_utils")


# Names of losses that Keras 2 lost on its way.
OLD_NAMES = {"cosine_proximity": "cosine_similarity", "cosine": "cosine_similarity"}


def repairs() -> list[Repair]:
    """Return the repairs of losses and metrics."""
    return [*objective_repairs(kinds_of())]


class Objective(keras.losses.Loss):
    """The loss of an output by the rules of Keras 2.3.1, around the loss object of Keras."""

    def __init__(self, inner: Any, kinds: weighted_losses.Kinds):
        super().__init__(name=inner.name, reduction=inner.reduction)
        self.inner = inner
        self.kinds = kinds
        self._allow_sum_over_batch_size = True

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return weighted_losses.loss_of(self.inner, y_true, y_pred, sample_weight, self.kinds)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.inner.call(y_true, y_pred)


def kinds_of() -> weighted_losses.Kinds:
    """Return the classes of losses and metrics, and the functions of Keras 2.3.1."""
    wrapper = inner("losses").LossFunctionWrapper
    metric = inner("metrics.base_metric").MeanMetricWrapper
    functions = objectives
    return weighted_losses.Kinds(
        keras, keras.losses.Loss, wrapper, metric, functions.LOSSES, functions.METRICS, converted
    )


def converted(function: Any) -> Any:
    """Return a function of a user as AutoGraph makes it, where a step is compiled."""
    return autograph.tf_convert(function, autograph.control_status_ctx())


def objective_repairs(kinds: weighted_losses.Kinds) -> list[Repair]:
    """Repairs of what ``compile`` makes of losses and metrics, and of the labels they get."""
    losses, metrics = compiling.LossesContainer, compiling.MetricsContainer
    handler = adapting.DataHandler
    return [
        Repair(
            "weighted_losses",
            "A mask multiplied the sample weights and a loss was divided by all steps, padded ones included "
            "(K2COMPAT_MASKED_LOSS=2.2 divides by those that count, as Keras 2.2.4 did). The categorical crossentropy "
            "uses logits behind a softmax of two axes, the binary one those behind a sigmoid; in other cases "
            "probabilities count, also in loss objects that a function calls. Huber took no mean over the last axis.",
            [
                (losses, "_get_loss_object", with_objective(losses._get_loss_object, kinds)),
                (compiling, "losses_utils", unmasked()),
                (keras.losses.Loss, "__call__", weighted_losses.without_mask(keras.losses.Loss.__call__)),
                (kinds.wrapper, "call", weighted_losses.of_objects(kinds.wrapper.call, kinds)),
                *((module, name, called(function)) for module, name, function in places()),
                *old_names(),
            ],
        ),
        Repair(
            "chosen_metrics",
            'The loss decides what "accuracy" and "crossentropy" are, and predictions that are not probabilities are '
            "rounded: 1.7 is 2. Metrics are averaged over samples and steps with the mask as weights. The second one "
            "of a name gets a number: acc_1. SensitivityAtSpecificity and its like look at the threshold where the "
            "other rate is closest.",
            [
                (keras.Model, "compiled_metrics", beside_loss()),
                (metrics, "build", dealt_out(metrics.build, kinds)),
                (metrics, "_set_metric_names", distinct(metrics._set_metric_names)),
                (metrics, "update_state", updating(metrics.update_state, kinds)),
                *measures.at_rates(keras),
            ],
        ),
        Repair(
            "label_arrays",
            labels.REASON,
            [
                (
                    handler,
                    "_configure_dataset_and_inferred_steps",
                    feeding(handler._configure_dataset_and_inferred_steps),
                ),
                *labels.of_one_batch(keras),
            ],
        ),
    ]


def places() -> Iterator[tuple[Any, str, Any]]:
    """Yield where the functions are that a user's own call, and they."""
    for kind in ("losses", "metrics"):
        for module in namespaces(kind):
            for name in objectives.FUNCTIONS:
                if hasattr(module, name):
                    yield module, name, getattr(module, name)


def namespaces(kind: str) -> list[Any]:
    """Return a public module of Keras by its addresses, ``tensorflow.keras.losses`` and ``tf_keras.losses``."""
    public, own = getattr(keras, kind), importlib.import_module(f"{keras.__name__.partition('.')[0]}.{kind}")
    return [public] if public is own else [public, own]


def old_names() -> Iterator[tuple[Any, str, Any]]:
    """Yield the functions whose names are gone."""
    for kind, functions in (("losses", objectives.OLD_LOSSES), ("metrics", objectives.OLD_METRICS)):
        for module in namespaces(kind):
            yield from ((module, name, function) for name, function in functions.items())


def called(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a loss or metric function as it was in Keras 2.3.1."""

    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        function = weighted_losses.as_then(original, objectives.FUNCTIONS, args, kwargs)
        if any(is_symbol(value) for value in args[:2]):
            return apply(function, args, kwargs)
        values = all(isinstance(value, tf.Tensor) for value in args[:2])
        return (function if values else original)(*args, **kwargs)

    return call


def with_objective(original: Callable[..., Any], kinds: weighted_losses.Kinds) -> Callable[..., Any]:
    """``_get_loss_object`` whose losses follow Keras 2.3.1."""

    @functools.wraps(original)
    def _get_loss_object(self: Any, loss: Any) -> Any:
        found = original(self, by_name(loss))
        return found if found is None or isinstance(found, Objective) else Objective(found, kinds)

    return _get_loss_object


def by_name(identifier: Any) -> Any:
    """Return what Keras knows for the old name of a loss; anything else as it is."""
    return OLD_NAMES.get(identifier, identifier) if isinstance(identifier, str) else identifier


def objective(loss: Any, kinds: weighted_losses.Kinds) -> Objective:
    """Return the loss of an output from what was given to ``compile``."""
    found = keras.losses.get(by_name(loss))
    if not isinstance(found, keras.losses.Loss):
        found = kinds.wrapper(found, name=getattr(found, "__name__", "loss"))
    return Objective(found, kinds)


def unmasked() -> SimpleNamespace:
    """Return the helpers of the containers, of which the losses' leaves masks to the losses: these know them from
    outputs.
    """
    return SimpleNamespace(**{**vars(utilities), "apply_mask": lambda output, weights, mask: weights})


def beside_loss() -> property:
    """``model.compiled_metrics`` that knows the losses and the static shapes of the outputs."""

    def get(self: Any) -> Any:
        return vars(self).get("compiled_metrics")

    def assign(self: Any, metrics: Any) -> None:
        vars(self)["compiled_metrics"] = metrics
        if metrics is not None:
            setattr(metrics, attributes.LOSSES, vars(self).get("compiled_loss"))
            outputs = getattr(self, "outputs", None) if self.built else None
            setattr(metrics, attributes.SHAPES, [tuple(output.shape) for output in outputs or []])

    return property(get, assign)


def dealt_out(original: Callable[..., Any], kinds: weighted_losses.Kinds) -> Callable[..., Any]:
    """``MetricsContainer.build`` that gives outputs their metrics as Keras 2.3.1 did."""

    @functools.wraps(original)
    def build(self: Any, y_pred: Any, y_true: Any) -> None:
        outputs = list(y_pred) if isinstance(y_pred, (list, tuple)) else [y_pred]
        names = self._output_names or compiling.create_pseudo_output_names(y_pred)
        if not any(tf.nest.is_nested(output) for output in outputs) and len(names) == len(outputs):
            losses = measures.of_each(getattr(getattr(self, attributes.LOSSES, None), "_user_losses", None), names)
            for attribute in ("_metrics", "_weighted_metrics"):
                each = measures.by_output(getattr(self, attribute), names, self._copy_object)
                if each is not None and any(each):
                    setattr(self, attribute, chosen_for(each, outputs, losses, kinds))
        original(self, y_pred, y_true)

    return build


def chosen_for(each: list[list[Any]], outputs: list[Any], losses: list[Any], kinds: weighted_losses.Kinds) -> list[Any]:
    """Return the metrics of each output with those chosen for which the loss decides; of one output, a list."""
    made = [
        [measures.chosen(metric, output, loss, kinds) for metric in own] or [None]
        for own, output, loss in zip(each, outputs, losses, strict=True)
    ]
    return made[0] if len(made) == 1 else made


def distinct(original: Callable[..., None]) -> Callable[..., None]:
    """``_set_metric_names`` that numbers the metrics of an output that have the same name, from the second one on."""

    @functools.wraps(original)
    def _set_metric_names(self: Any) -> None:
        for metrics in self._metrics:
            taken: dict[str, Any] = {}
            for metric in metrics:
                base, number = getattr(metric, "_name", None), 1
                while metric is not None and taken.setdefault(metric._name, metric) is not metric:
                    metric._name, number = f"{base}_{number}", number + 1
        original(self)

    return _set_metric_names


def of_output(metrics: list[Any], *given: Any) -> None:
    """Updates the metrics of an output; there may be None among them."""
    for metric in metrics:
        if metric is not None:
            measures.update(metric, *given)


def updating(original: Callable[..., Any], kinds: weighted_losses.Kinds) -> Callable[..., Any]:
    """``MetricsContainer.update_state`` by the rules of Keras 2.3.1."""

    @functools.wraps(original)
    def update_state(self: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true = self._conform_to_outputs(y_pred, y_true)
        sample_weight = self._conform_to_outputs(y_pred, sample_weight)
        if not self.built:
            self.build(y_pred, y_true)
        outputs = tf.nest.flatten(y_pred)
        labels = tf.nest.flatten(y_true) if y_true is not None else []
        shapes = getattr(self, attributes.SHAPES, None) or [None] * len(outputs)
        lists = (labels, outputs, tf.nest.flatten(sample_weight), self._metrics, self._weighted_metrics, shapes)
        for labels_, output, weights, plain, weighted, shape in zip(*lists, strict=False):
            if labels_ is not None:
                given = compiling.match_dtype_and_rank(labels_, output, weights)
                of_output(plain, *given[:2], None, shape, kinds)
                of_output(weighted, *given, shape, kinds)

    return update_state


def feeding(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_configure_dataset_and_inferred_steps`` with labels as Keras 2 fed them, unless a dataset is given."""

    @functools.wraps(original)
    def configure(self: Any, *args: Any, **kwargs: Any) -> None:
        adapter = self._adapter
        if not isinstance(adapter, adapting.DatasetAdapter):
            dataset = adapter.get_dataset
            adapter.get_dataset = lambda: labels.labelled(dataset(), keras)
        original(self, *args, **kwargs)

    return configure
