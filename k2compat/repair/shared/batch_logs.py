"""What callbacks of Keras 2 are given at the end of a batch: the loss of that batch, its number and its size."""

from __future__ import annotations

import contextlib
import functools
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.repair.table import Repair

# A model's mean of losses -> variables with the last loss that was added to it, and the number of samples it is of.
_last: weakref.WeakKeyDictionary[Any, tuple[tf.Variable, tf.Variable]] = weakref.WeakKeyDictionary()


class _Local(threading.local):
    """Attributes: tracker, the mean of losses that a step of the training loop updates; caught, what it gets."""

    tracker: Any = None
    caught: list[Any] | None = None


_local = _Local()


@contextlib.contextmanager
def catching(tracker: Any) -> Iterator[list[Any]]:
    """While it is open, collect the losses that a mean of losses is updated with."""
    before = _local.tracker, _local.caught
    _local.tracker, _local.caught = tracker, []
    try:
        yield _local.caught
    finally:
        _local.tracker, _local.caught = before


def batch_logs_repair(keras: Any) -> Repair:
    """Return the repair of a Keras's callbacks."""
    callback, mean = keras.callbacks.Callback, keras.metrics.Mean
    owner = next(owner for owner in mean.__mro__ if "update_state" in vars(owner))
    return Repair(
        "batch_logs",
        "on_batch_end(batch, logs) of a callback, by which learning rates are found and turned, was given the loss of "
        'that batch as logs["loss"], and "batch" and "size"; now it is the mean since the epoch began. '
        "on_train_batch_end, the newer name, has Keras's own logs.",
        [
            (callback, "on_train_batch_end", handing_on(callback.on_train_batch_end)),
            (owner, "update_state", remembering(owner.update_state)),
        ],
    )


def handing_on(original: Callable[..., None]) -> Callable[..., None]:
    """``on_train_batch_end`` of a callback that has the method of Keras 2 alone: that is given the logs of Keras 2."""

    @functools.wraps(original)
    def on_train_batch_end(self: Any, batch: int, logs: Any = None) -> None:
        if logs and {"batch", "size"} <= set(logs):  # they come from the training loop
            self.on_batch_end(batch, logs)
            return
        given = old_logs(self.model, batch, logs)
        self.on_batch_end(batch, given)  # names of the parameters are up to the script
        if logs is not None:  # the next callbacks see what this one has added
            logs.update((name, value) for name, value in given.items() if name not in (*logs, "batch", "size"))

    return on_train_batch_end


def old_logs(model: Any, batch: int, logs: Any) -> dict[str, Any]:
    """Return the logs of Keras 2, from the current ones; of a model with a training step of its own, these as they
    are.
    """
    known = next((_last[metric] for metric in model.metrics[:1] if metric in _last), None)
    if known is None or "loss" not in (logs or {}):
        return dict(logs or {})
    loss, size = (variable.numpy() for variable in known)
    rest = {name: np.float32(value) if np.ndim(value) == 0 else value for name, value in logs.items()}
    return {"batch": batch, "size": int(size), **rest, "loss": np.float32(loss)}


def last_loss(model: Any) -> Any:
    """Return the loss of the batch that Keras has trained or evaluated a model on last, None if it is not known."""
    known = next((_last[metric] for metric in model.metrics[:1] if metric in _last), None)
    return None if known is None else np.float32(known[0].numpy())


def remembering(original: Callable[..., Any]) -> Callable[..., Any]:
    """``update_state`` of a mean, after which the last loss of a model can be asked for."""

    @functools.wraps(original)
    def update_state(self: Any, values: Any, sample_weight: Any = None) -> Any:
        done = original(self, values, sample_weight=sample_weight)
        if self is _local.tracker and _local.caught is not None:
            _local.caught.append(values)
        elif self.name == "loss" and sample_weight is not None and np.ndim(values) == np.ndim(sample_weight) == 0:
            if self not in _last:
                with tf.init_scope():
                    _last[self] = tf.Variable(0.0), tf.Variable(0.0)
            for variable, value in zip(_last[self], (values, sample_weight), strict=True):
                variable.assign(tf.cast(value, tf.float32))
        return done

    return update_state
