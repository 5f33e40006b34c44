"""Which metrics the outputs of a model have, and how Keras 2.3.1 averaged them, for either Keras."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat.repair.shared.weighted_losses import Kinds, is_dense, mask_of, masked, old, weighted

CHOSEN = {"accuracy": "Accuracy", "acc": "Accuracy", "crossentropy": "Crossentropy", "ce": "Crossentropy"}
# Names of metrics in Keras 2 -> the class there is now.
CLASSES = {
    "kullback_leibler_divergence": "KLDivergence",
    "cosine_proximity": "CosineSimilarity",
    "cosine_similarity": "CosineSimilarity",
    "cosine": "CosineSimilarity",
    "logcosh": "LogCoshError",
}


def by_output(metrics: Any, names: Sequence[str], copy: Callable[[Any], Any]) -> list[list[Any]] | None:
    """Return the metrics of each output as Keras 2.3.1 dealt them out; None for what it did not know.

    Args:
        metrics: as given to ``compile``: a list for every output, a list with a list for each, or a dict by name.
        names: of the outputs.
        copy: copies a metric for another output.
    """
    if isinstance(metrics, dict):
        known = set(metrics) <= set(names)
        return [as_list(metrics.get(name, [])) for name in names] if known else None
    if not isinstance(metrics, list) or any(item is None or isinstance(item, (tuple, dict)) for item in metrics):
        return None
    if any(isinstance(item, list) for item in metrics):
        return [as_list(item) for item in metrics] if len(metrics) == len(names) else None
    return [metrics] if len(names) == 1 else [[copy(item) for item in metrics] for _ in names]


def of_each(given: Any, names: Sequence[Any]) -> list[Any]:
    """Return the loss of each output as given to ``compile``; None where it is not known."""
    if isinstance(given, dict):
        return [given.get(name) for name in names]
    if isinstance(given, (list, tuple)):
        return list(given) if len(given) == len(names) else [None] * len(names)
    return [given] * len(names)


def as_list(given: Any) -> list[Any]:
    return list(given) if isinstance(given, (list, tuple)) else [given]


def chosen(metric: Any, output: Any, loss: Any, kinds: Kinds) -> Any:
    """Return a metric object where a name is short for one, or an old one; other metrics as they are.

    Args:
        metric: an item of ``metrics=``.
        output: of the model.
        loss: of the output, as given to ``compile`` or resolved; None if unknown.
        kinds: the classes of the Keras.
    """
    if not isinstance(metric, str):
        return metric
    if metric in CLASSES:
        return getattr(kinds.keras.metrics, CLASSES[metric])(name=metric)
    if metric not in CHOSEN or loss is None:
        return metric
    name = loss_name(loss)
    if output.shape[-1] == 1 or name == "binary_crossentropy":
        kind = "Binary"
    else:
        kind = "SparseCategorical" if name == "sparse_categorical_crossentropy" else "Categorical"
    return getattr(kinds.keras.metrics, kind + CHOSEN[metric])(name=metric)


def loss_name(loss: Any) -> str:
    """Return the name of the function of one of Keras's own losses, "" for others."""
    loss = getattr(loss, "inner", loss)
    function = inspect.unwrap(loss) if inspect.isfunction(loss) else getattr(loss, "fn", loss)
    if isinstance(function, str):
        return {"BinaryCrossentropy": "binary_crossentropy", "bce": "binary_crossentropy"}.get(function, function)
    function = inspect.unwrap(function) if inspect.isfunction(function) else function
    own = str(getattr(function, "__module__", "")).startswith(("keras.src.", "tf_keras.src."))
    return getattr(function, "__name__", "") if own else ""


def update(metric: Any, y_true: Any, y_pred: Any, weights: Any, sizes: Any, kinds: Kinds) -> None:
    """Add the values of a batch to a metric, as Keras 2.3.1 averaged them; the mask of the output counts.

    Args:
        metric: the metric object.
        y_true: labels.
        y_pred: the output.
        weights: sample weights, or None.
        sizes: the static shape of the output in the model, or None.
        kinds: the classes of the Keras.
    """
    mask = mask_of(y_pred)
    plain = type(metric).update_state is kinds.metric_wrapper.update_state
    if not plain or not is_dense(y_pred) or not is_dense(y_true):
        combined = masked(weights, mask, kinds.floatx)
        metric.update_state(y_true, y_pred, sample_weight=combined)
        return
    dtype = metric.dtype or kinds.floatx
    weights = masked(weights, mask, dtype)
    function = old(metric._fn, metric._fn_kwargs, kinds.metrics)
    y_pred = tf.cast(y_pred, dtype)
    y_true = tf.cast(y_true, dtype) if y_true.dtype.is_floating or function else y_true
    y_true, y_pred = of_one_rank(y_true, y_pred)
    if function is None:
        function = with_arguments(kinds.convert(metric._fn), metric._fn_kwargs)
    values = tf.cast(function(y_true, y_pred), dtype)
    if weights is None:
        count = tf.cast(tf.size(values), dtype)
    else:
        values, weights = weighted(values, weights, sizes)
        count = tf.reduce_sum(weights)
    metric.total.assign(metric.total + tf.reduce_sum(values))
    metric.count.assign(metric.count + count)


def at_rates(keras: Any) -> list[tuple[Any, str, Any]]:
    """Return the patches of the metrics that give one rate where the other is closest to a given one."""
    return [
        (keras.metrics.SensitivityAtSpecificity, "result", at_rate("negatives", "positives")),
        (keras.metrics.SpecificityAtSensitivity, "result", at_rate("positives", "negatives")),
    ]


def at_rate(given: str, asked: str) -> Callable[..., Any]:
    """``result``: the rate of one kind at the threshold where that of the other is closest to what was given."""

    def rate(metric: Any, kind: str) -> Any:
        other = {"positives": "false_negatives", "negatives": "false_positives"}[kind]
        hits = tf.convert_to_tensor(getattr(metric, f"true_{kind}"))
        return tf.math.divide_no_nan(hits, hits + tf.convert_to_tensor(getattr(metric, other)))

    def result(self: Any) -> Any:
        nearest = tf.argmin(tf.abs(rate(self, given) - self.value), axis=0)
        return rate(self, asked)[nearest]

    return result


def with_arguments(function: Any, arguments: dict[str, Any]) -> Callable[..., Any]:
    return lambda y_true, y_pred: function(y_true, y_pred, **arguments)


def of_one_rank(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Return labels and predictions with the last axis of the one removed that has one more, if its size is 1."""
    more = y_pred.shape.rank - y_true.shape.rank
    if more == 1 and y_pred.shape[-1] == 1:
        return y_true, tf.squeeze(y_pred, -1)
    if more == -1 and y_true.shape[-1] == 1:
        return tf.squeeze(y_true, -1), y_pred
    return y_true, y_pred
