"""``keras.metrics``: functions that were beside its classes."""

from __future__ import annotations

from typing import Any

from k2compat.ops.config import floatx
from k2compat.ops.math import cast, equal
from k2compat.ops.variables import constant, dtype, is_tensor


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return 1 where predictions are the labels, 0 elsewhere."""
    y_pred = y_pred if is_tensor(y_pred) else constant(y_pred)
    return cast(equal(cast(y_true, dtype(y_pred)), y_pred), floatx())


def clone_metric(metric: Any) -> Any:
    """Return a new metric with the same configuration; a function stays as it is."""
    return type(metric).from_config(metric.get_config()) if hasattr(metric, "get_config") else metric


def clone_metrics(metrics: Any) -> Any:
    """Return new metrics with the same configurations: a list of them, or a dict."""
    if metrics is None or isinstance(metrics, dict):
        return metrics and {name: clone_metric(metric) for name, metric in metrics.items()}
    return [clone_metric(metric) for metric in metrics]
