"""How Keras 2.3.1 weighted and averaged losses and metrics, for either Keras.

A mask multiplied the sample weights, and a loss was divided by all elements, padded steps included. Keras 2.2.4 divided
by the steps that count; ``K2COMPAT_MASKED_LOSS=2.2`` in the environment asks for that.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.errors import K2ValueError, three_parts
from k2compat.graph.dispatch import apply
from k2compat.graph.symbols import is_symbol

MEANS = ("sum_over_batch_size", "auto")
_state = threading.local()


def mask_of(tensor: Any) -> Any:
    """Return the mask of a tensor, or None."""
    return getattr(tensor, "_keras_mask", None)


def of_same_rank(values: Any, weights: Any) -> tuple[Any, Any]:
    """Return values and weights whose ranks differ by one brought together, as Keras 2.3 did."""
    rank, weight_rank = values.shape.rank, weights.shape.rank
    if weight_rank == 1 and rank == 0:
        return tf.expand_dims(values, -1), weights
    if weight_rank and weight_rank == rank + 1:
        return values, tf.squeeze(weights, -1)
    if weight_rank and weight_rank == rank - 1:
        return values, tf.expand_dims(weights, -1)
    return values, weights


def masked(weights: Any, mask: Any, dtype: Any) -> Any:
    """Return sample weights times a mask, each of them None where there is none."""
    weights = None if weights is None else tf.cast(weights, dtype)
    if mask is None:
        return weights
    mask = tf.cast(mask, dtype)
    if weights is None:
        return mask
    if weights.shape.rank == 2 and weights.shape[-1] == 1 and mask.shape.rank == 1:
        mask = tf.expand_dims(mask, -1)
    mask, weights = of_same_rank(mask, weights)
    return weights * mask


def weighted(values: Any, weights: Any, sizes: Any = None) -> tuple[Any, Any]:
    """Return values times their weights, and these as they are counted.

    Args:
        values: a loss or metric of each sample, or step, or element.
        weights: a tensor of at most their rank.
        sizes: static sizes of the output of a model that the values are for. Weights are only repeated along an axis
            whose size is known: those of samples count once for all steps of a sequence of any length.

    Raises:
        ValueError: there are weights of more axes than values.
    """
    values, weights = of_same_rank(values, tf.cast(weights, values.dtype))
    rank, given = values.shape.rank, weights.shape.rank
    if given > rank:
        if rank == 0:
            return values * tf.ones_like(weights), weights
        raise K2ValueError(
            three_parts(
                f"Incompatible shapes: values {tuple(values.shape)} vs sample_weight {tuple(weights.shape)}",
                "a weight or mask of at most as many axes as the values of a loss or metric have.",
                "compute a value for each step in the function, or leave out the mask.",
            )
        )
    for axis in range(given, rank):
        weights = tf.expand_dims(weights, axis)
    for axis in range(given):
        known = sizes is None or axis >= len(sizes) or sizes[axis] is not None
        if known and weights.shape[axis] == 1 and values.shape[axis] not in (None, 1):
            weights = tf.repeat(weights, values.shape[axis], axis=axis)
    return values * weights, weights


def loss_value(values: Any, weights: Any, mask: Any, reduction: Any, floatx: str) -> Any:
    """Return the loss of an output: a scalar.

    Args:
        values: the loss of each sample, step or element.
        weights: sample weights, or None.
        mask: of the output, or None.
        reduction: "sum", "none", None, or a mean.
        floatx: the default float type.
    """
    dtype = values.dtype
    if reduction in MEANS and os.environ.get("K2COMPAT_MASKED_LOSS", "").startswith("2.2"):
        return tf.cast(counted_mean(tf.cast(values, floatx), weights, mask), dtype)
    values, weights = tf.cast(values, floatx), masked(weights, mask, floatx)
    if weights is not None:
        values, _ = weighted(values, weights)
    total = tf.reduce_sum(values) if reduction == "sum" else tf.reduce_mean(values)
    return tf.cast(total, dtype)


def counted_mean(values: Any, weights: Any, mask: Any) -> Any:
    """Return the mean that Keras 2.2.4 took: over the steps and samples that count."""
    if mask is not None:
        mask = tf.cast(mask, values.dtype)
        values = values * mask / (tf.reduce_mean(mask) + 1e-7)
    if weights is not None:
        weights = tf.cast(weights, values.dtype)
        values = tf.reduce_mean(values, axis=list(range(weights.shape.rank, values.shape.rank)))
        values = values * weights / tf.reduce_mean(tf.cast(tf.not_equal(weights, 0), values.dtype))
    return tf.reduce_mean(values)


@dataclass
class Kinds:
    """The classes of a Keras that are losses and metrics of models.

    Attributes:
        keras: its package.
        loss: ``Loss``.
        wrapper: the loss around a function, ``fn``.
        metric_wrapper: the metric around a function, ``_fn``.
        losses: functions of Keras 2.3.1 by name.
        metrics: the same for metrics.
        convert: prepares a function of a user.
    """

    keras: Any
    loss: Any
    wrapper: Any
    metric_wrapper: Any
    losses: dict[str, Callable[..., Any]]
    metrics: dict[str, Callable[..., Any]]
    convert: Callable[[Any], Any] = lambda function: function

    @property
    def floatx(self) -> str:
        return str(self.keras.backend.floatx())


def loss_of(inner: Any, y_true: Any, y_pred: Any, weights: Any, kinds: Kinds) -> Any:
    """Return what a loss object gives for an output, by the rules of Keras 2.3.1.

    Args:
        inner: the loss object.
        y_true: labels.
        y_pred: the output.
        weights: sample weights, or None.
        kinds: the classes of the Keras.
    """
    plain = type(inner).__call__ is kinds.loss.__call__ and inner.reduction in (*MEANS, "sum", "none", None)
    if not (plain and is_dense(y_pred)):
        return inner(y_true, y_pred, sample_weight=weights)
    mask = mask_of(y_pred)
    if y_pred.dtype in (tf.float16, tf.bfloat16):
        y_pred = tf.cast(y_pred, kinds.floatx)
    y_true = like(y_true, y_pred)
    function = None
    if isinstance(inner, kinds.wrapper) and type(inner).call is kinds.wrapper.call:
        function = old(inner.fn, inner._fn_kwargs, kinds.losses)
    with within_loss():
        values = tf.convert_to_tensor((function or inner.call)(y_true, y_pred))
    return loss_value(values, weights, mask, inner.reduction, kinds.floatx)


@contextlib.contextmanager
def within_loss() -> Iterator[None]:
    """While the loss of an output is computed, whose mask counts afterwards."""
    before = getattr(_state, "within", False)
    _state.within = True
    try:
        yield
    finally:
        _state.within = before


def without_mask(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Loss.__call__`` that leaves the mask of predictions to the loss of the output if a function of a user calls it
    in there.
    """

    @functools.wraps(original)
    def __call__(self: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        sample_weight = beside(self, y_pred, sample_weight)
        mask = mask_of(y_pred) if getattr(_state, "within", False) and isinstance(y_pred, tf.Tensor) else None
        if mask is None:
            return original(self, y_true, y_pred, sample_weight)
        del y_pred._keras_mask
        try:
            return original(self, y_true, y_pred, sample_weight)
        finally:
            y_pred._keras_mask = mask

    return __call__


def beside(loss: Any, y_pred: Any, weights: Any) -> Any:
    """Return weights of samples for a loss that has a value for each element of them: Huber's."""
    function = getattr(loss, "fn", None)
    if weights is None or not inspect.isfunction(function) or inspect.unwrap(function).__name__ != "huber":
        return weights
    rank, given = (len(getattr(one, "shape", ())) for one in (y_pred, weights))
    return apply(tf.expand_dims, (weights, -1), {}) if given and given == rank - 1 else weights


def of_objects(original: Callable[..., Any], kinds: Kinds) -> Callable[..., Any]:
    """``call`` of the losses around functions, by the function of Keras 2.3.1 where there is another one now."""

    @functools.wraps(original)
    def call(self: Any, y_true: Any, y_pred: Any) -> Any:
        function = old(self.fn, self._fn_kwargs, kinds.losses)
        if function is None:
            return original(self, y_true, y_pred)
        if any(is_symbol(leaf) for leaf in (y_true, y_pred)):
            return apply(lambda a, b: function(like(a, b), b), (y_true, y_pred), {})
        if isinstance(y_pred, (np.ndarray, list)) and isinstance(y_true, (np.ndarray, list, tf.Tensor)):
            y_pred = tf.convert_to_tensor(y_pred)
        if not is_dense(y_pred) or not y_pred.dtype.is_floating:
            return original(self, y_true, y_pred)
        y_true = tf.convert_to_tensor(y_true) if isinstance(y_true, (np.ndarray, list)) else y_true
        if not is_dense(y_true):
            return original(self, y_true, y_pred)
        labels = like(y_true, y_pred)
        alike = labels.shape.rank == y_pred.shape.rank or getattr(self.fn, "__name__", "").startswith("sparse")
        return function(labels, y_pred) if alike else original(self, y_true, y_pred)

    return call


def is_dense(tensor: Any) -> bool:
    """Return whether something is a tensor of known rank that is neither ragged nor sparse."""
    return isinstance(tensor, tf.Tensor) and tensor.shape.rank is not None


def like(y_true: Any, y_pred: Any) -> Any:
    """Return labels in the dtype of an output, those of one axis beside a column as a column."""
    y_true = tf.convert_to_tensor(y_true) if not tf.is_tensor(y_true) else y_true
    if not is_dense(y_true):
        return y_true
    if y_true.dtype not in (y_pred.dtype, tf.string):
        y_true = tf.cast(y_true, y_pred.dtype)
    return tf.expand_dims(y_true, -1) if y_true.shape.rank == 1 and y_pred.shape[1:] == (1,) else y_true


def old(function: Any, arguments: dict[str, Any], functions: dict[str, Any]) -> Callable[..., Any] | None:
    """Return the function of Keras 2.3.1 for one of Keras's own with arguments; None if there is none, or it did not
    take them.
    """
    function = inspect.unwrap(function) if callable(function) else function
    found = functions.get(getattr(function, "__name__", ""))
    if found is None or not str(getattr(function, "__module__", "")).startswith(("keras.src.", "tf_keras.src.")):
        return None
    known = inspect.signature(found).parameters
    defaults = {name: value.default for name, value in inspect.signature(function).parameters.items()}
    given = {name: value for name, value in arguments.items() if name in known or value != defaults.get(name)}
    return (lambda y_true, y_pred: found(y_true, y_pred, **given)) if set(given) <= set(known) else None


def as_then(function: Any, functions: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the function of Keras 2.3.1 for one of Keras's own that is called, or that itself if it has other
    arguments now.
    """
    found = functions.get(function.__name__)
    if found is None:
        return function
    parameters = inspect.signature(found).parameters
    return found if len(args) <= min(3, len(parameters)) and set(kwargs) <= set(parameters) else function
