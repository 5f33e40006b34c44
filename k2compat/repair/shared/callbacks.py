"""The repairs of the callbacks that come with Keras: their old arguments, and when they save, stop or turn the rate."""

from __future__ import annotations

import contextlib
import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from k2compat.ops.decay import Decay
from k2compat.ops.variables import get_value, set_value
from k2compat.repair.shared.history import history_repair
from k2compat.repair.table import Around, Repair

# Arguments of TensorBoard in Keras 2.3.1, in their order.
BOARD = (
    "log_dir",
    "histogram_freq",
    "batch_size",
    "write_graph",
    "write_grads",
    "write_images",
    "embeddings_freq",
    "embeddings_layer_names",
    "embeddings_metadata",
    "embeddings_data",
    "update_freq",
)
NOT_WRITTEN = {
    "write_grads": "histograms of gradients are not written",
    "embeddings_layer_names": "the embeddings of all layers are written",
    "embeddings_data": "the tables of embeddings are written, not what they give for data",
}
EXTENSIONS = (".keras", ".h5", ".weights.h5")


def callbacks_repairs(keras: Any) -> list[Repair]:
    """Make the repairs of a Keras's callbacks."""
    package = keras.callbacks
    stopping, schedule, plateau = package.EarlyStopping, package.LearningRateScheduler, package.ReduceLROnPlateau
    return [
        history_repair(keras),
        Repair(
            "callback_arguments",
            "ModelCheckpoint(period=) and files of any name, ReduceLROnPlateau(epsilon=), ProgbarLogger(count_mode=), "
            "TensorBoard(batch_size=, write_grads=, embeddings_data=) are arguments that Keras took away; what "
            "TensorBoard no longer writes is said in a warning. callback.validation_data is there from the start.",
            [
                (package.Callback, "validation_data", None),
                (package.ModelCheckpoint, "__init__", Around(checkpoint_init)),
                (plateau, "__init__", Around(plateau_init)),
                (package.ProgbarLogger, "__init__", Around(bar_init)),
                (package.TensorBoard, "__init__", Around(board_init)),
            ],
        ),
        Repair(
            "callback_rules",
            "ModelCheckpoint saved nothing while its monitored value is missing, and said so in a RuntimeWarning; "
            "EarlyStopping(restore_best_weights=True) put back weights when it stopped a training, not at the end of "
            "each, and measured improvement against its baseline; in mode auto all is minimised that does not have acc "
            'in its name, unless Keras knows better. LearningRateScheduler and ReduceLROnPlateau wrote "lr" into the '
            "logs and turned optimizer.lr, which decay does not change.",
            [
                (package.ModelCheckpoint, "on_epoch_end", Around(checkpoint_epoch_end)),
                (stopping, "on_train_begin", Around(stopping_train_begin)),
                (stopping, "on_epoch_end", Around(stopping_epoch_end)),
                (stopping, "on_train_end", Around(stopping_train_end)),
                (schedule, "on_epoch_begin", Around(scheduled_epoch_begin)),
                (schedule, "on_epoch_end", Around(scheduled_epoch_end)),
                (plateau, "on_epoch_end", Around(plateau_epoch_end)),
            ],
        ),
    ]


def checkpoint_init(original: Callable[..., None]) -> Callable[..., None]:
    """Make the constructor of ``ModelCheckpoint`` with ``period`` and any name of a file."""
    names = list(inspect.signature(original).parameters)[1:]

    @functools.wraps(original)
    def __init__(self: Any, filepath: Any, *args: Any, **kwargs: Any) -> None:
        period = kwargs.pop("period", 1)
        place = names.index("save_freq") - 1 if "save_freq" in names else len(args)
        if len(args) > place and isinstance(args[place], int):  # the last argument by position was the period
            period, args = args[place], args[:place]
        path = str(filepath)
        only = kwargs.get("save_weights_only", args[3] if len(args) > 3 else False)
        accepted = path.endswith(".weights.h5" if only else EXTENSIONS)
        original(self, path if accepted else path + (".weights.h5" if only else ".h5"), *args, **kwargs)
        self.filepath, self.period, self.epochs_since_last_save = path, period, 0

    return __init__


def plateau_init(original: Callable[..., None]) -> Callable[..., None]:
    """Make the constructor of ``ReduceLROnPlateau`` with ``epsilon``."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if "epsilon" in kwargs:
            kwargs["min_delta"] = kwargs.pop("epsilon")
            warnings.warn(
                "`epsilon` argument is deprecated and will be removed, use `min_delta` instead.", stacklevel=2
            )
        original(self, *args, **kwargs)

    return __init__


def bar_init(original: Callable[..., None]) -> Callable[..., None]:
    """Make the constructor of ``ProgbarLogger``, which finds out by itself what it counts."""
    known = set(inspect.signature(original).parameters)

    @functools.wraps(original)
    def __init__(self: Any, count_mode: str = "samples", stateful_metrics: Any = None) -> None:
        given = {"count_mode": count_mode, "stateful_metrics": stateful_metrics}
        original(self, **{name: value for name, value in given.items() if name in known})

    return __init__


def board_init(original: Callable[..., None]) -> Callable[..., None]:
    """Make the constructor of ``TensorBoard`` with the arguments of Keras 2.3.1."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if len(args) > 2 and not isinstance(args[2], bool):  # the third one was the size of batches
            kwargs.update(zip(BOARD, args, strict=False))
            args = ()
        kwargs.pop("batch_size", None)
        for name, consequence in NOT_WRITTEN.items():
            if kwargs.pop(name, None):
                warnings.warn(f"TensorBoard({name}=...) is ignored: {consequence}.", stacklevel=2)
        original(self, *args, **kwargs)

    return __init__


def is_maximized(callback: Any) -> bool:
    """Return whether the monitored value of a callback is better when it is larger."""
    if callback.mode in ("min", "max"):
        return bool(callback.mode == "max")
    name = callback.monitor
    if "acc" in name or name.startswith("fmeasure"):
        return True
    decide = getattr(callback, "_set_monitor_op", None)
    if decide is None:
        return bool(name.endswith("auc"))
    kept = callback.monitor_op, callback.min_delta
    callback.monitor_op = None
    with contextlib.suppress(ValueError):
        decide()
    found = getattr(callback.monitor_op, "__name__", "less")
    callback.monitor_op, callback.min_delta = kept
    return bool(found == "greater")


def decided(callback: Any) -> bool:
    """Return whether a callback maximises: by its mode and name, or as it decided when it was made."""
    if hasattr(callback, "mode"):
        return is_maximized(callback)
    return getattr(callback.monitor_op, "__name__", "") == "greater"


def checkpoint_epoch_end(original: Callable[..., None]) -> Callable[..., None]:
    """Make ``on_epoch_end`` of ``ModelCheckpoint``."""

    @functools.wraps(original)
    def on_epoch_end(self: Any, epoch: int, logs: Any = None) -> None:
        if self.save_freq != "epoch":
            original(self, epoch, logs)
            return
        logs = logs or {}
        self.epochs_since_last_save += 1
        if self.epochs_since_last_save < self.period:
            return
        if self.save_best_only and not self.monitor_op:
            self.monitor_op = np.greater if decided(self) else np.less  # Keras would raise where it does not know
        if self.save_best_only and logs.get(self.monitor) is None:
            self.epochs_since_last_save = 0
            warnings.warn(
                f"Can save best model only with {self.monitor} available, skipping.", RuntimeWarning, stacklevel=2
            )
            return
        original(self, epoch, logs)
        self.epochs_since_last_save = 0

    return on_epoch_end


def stopping_train_begin(original: Callable[..., None]) -> Callable[..., None]:
    """Make ``on_train_begin`` of ``EarlyStopping``."""

    @functools.wraps(original)
    def on_train_begin(self: Any, logs: Any = None) -> None:
        original(self, logs)
        if self.baseline is not None:
            self.best = self.baseline

    return on_train_begin


def stopping_epoch_end(original: Callable[..., None]) -> Callable[..., None]:
    """Make ``on_epoch_end`` of ``EarlyStopping``."""

    @functools.wraps(original)
    def on_epoch_end(self: Any, epoch: int, logs: Any = None) -> None:
        logs = logs or {}
        if epoch < getattr(self, "start_from_epoch", 0):
            return
        current = logs.get(self.monitor)
        if current is None:
            warnings.warn(
                f"Early stopping conditioned on metric `{self.monitor}` which is not available. Available metrics are: "
                f"{','.join(logs)}",
                RuntimeWarning,
                stacklevel=2,
            )
            return
        delta, is_up = abs(self.min_delta), decided(self)
        decide = getattr(self, "_set_monitor_op", None)
        if self.monitor_op is None and decide is not None:
            with contextlib.suppress(ValueError):  # Keras does not know; the name has decided
                decide()
        if self.best is None or (current - delta > self.best if is_up else current + delta < self.best):
            self.best, self.wait, self.best_epoch = current, 0, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            return
        self.wait += 1
        if self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True
            if self.restore_best_weights and self.best_weights is not None:
                if self.verbose > 0:
                    say(original, "Restoring model weights from the end of the best epoch")
                self.model.set_weights(self.best_weights)

    return on_epoch_end


def stopping_train_end(original: Callable[..., None]) -> Callable[..., None]:
    """Make ``on_train_end`` of ``EarlyStopping``, where weights are not put back again."""

    @functools.wraps(original)
    def on_train_end(self: Any, logs: Any = None) -> None:
        kept, self.restore_best_weights = self.restore_best_weights, False
        try:
            original(self, logs)
        finally:
            self.restore_best_weights = kept

    return on_train_end


def has_rate(model: Any) -> bool:
    """Return whether the learning rate of a model's optimizer is a number that can be set."""
    optimizer = model.optimizer
    rate = getattr(optimizer, "_learning_rate", None)
    return hasattr(optimizer, "lr") and (isinstance(rate, Decay) or not callable(rate))


def scheduled_epoch_begin(original: Callable[..., None]) -> Callable[..., None]:
    """Make ``on_epoch_begin`` of ``LearningRateScheduler``."""

    @functools.wraps(original)
    def on_epoch_begin(self: Any, epoch: int, logs: Any = None) -> None:
        if not has_rate(self.model):
            original(self, epoch, logs)
            return
        rate = float(get_value(self.model.optimizer.lr))
        try:
            rate = self.schedule(epoch, rate)
        except TypeError:  # a function of the epoch alone
            rate = self.schedule(epoch)
        if not isinstance(rate, (float, np.float32, np.float64)):
            raise ValueError(f'The output of the "schedule" function should be float. Got: {rate}')
        set_value(self.model.optimizer.lr, rate)
        if self.verbose > 0:
            say(original, f"\nEpoch {epoch + 1:05d}: LearningRateScheduler setting learning rate to {rate}.")

    return on_epoch_begin


def scheduled_epoch_end(original: Callable[..., None]) -> Callable[..., None]:
    """Make ``on_epoch_end`` of ``LearningRateScheduler``."""

    @functools.wraps(original)
    def on_epoch_end(self: Any, epoch: int, logs: Any = None) -> None:
        if not has_rate(self.model):
            original(self, epoch, logs)
        elif logs is not None:
            logs["lr"] = get_value(self.model.optimizer.lr)

    return on_epoch_end


def plateau_epoch_end(original: Callable[..., None]) -> Callable[..., None]:
    """Make ``on_epoch_end`` of ``ReduceLROnPlateau``."""

    @functools.wraps(original)
    def on_epoch_end(self: Any, epoch: int, logs: Any = None) -> None:
        if not has_rate(self.model):
            original(self, epoch, logs)
            return
        logs = {} if logs is None else logs
        logs["lr"] = get_value(self.model.optimizer.lr)
        current = logs.get(self.monitor)
        if current is None:
            warnings.warn(
                f"Reduce LR on plateau conditioned on metric `{self.monitor}` which is not available. "
                f"Available metrics are: {','.join(logs)}",
                RuntimeWarning,
                stacklevel=2,
            )
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        best, delta = self.best, abs(self.min_delta)
        if best is None or (current > best + delta if decided(self) else current < best - delta):
            self.best, self.wait = current, 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                reduce(self, epoch, original)

    return on_epoch_end


def say(original: Callable[..., None], text: str) -> None:
    """Print a line where a method of Keras would have printed it."""
    inspect.unwrap(original).__globals__["io_utils"].print_msg(text)


def reduce(callback: Any, epoch: int, original: Callable[..., None]) -> None:
    """Turn the learning rate down, but not below the least one."""
    optimizer = callback.model.optimizer
    old = float(get_value(optimizer.lr))
    if old > callback.min_lr:
        new = max(old * callback.factor, callback.min_lr)
        set_value(optimizer.lr, new)
        if callback.verbose > 0:
            say(original, f"\nEpoch {epoch + 1:05d}: ReduceLROnPlateau reducing learning rate to {new}.")
        callback.cooldown_counter, callback.wait = callback.cooldown, 0
