"""The curve of a training: what callbacks are given, written down epoch by epoch, and the history it leaves."""

from __future__ import annotations

import functools
import inspect
import sys
from typing import Any

import numpy as np

from k2compat.parity.worker import random_streams
from k2compat.parity.worker.recorder import Recorder


def recorded_fit(recorder: Recorder, what: str, call: Any, callback: Any) -> Any:
    """Wrap a method that trains, so that its curve is recorded when the script calls it.

    Args:
        recorder: where to.
        what: how the call is named.
        call: ``fit`` or ``fit_generator``.
        callback: the base class of callbacks of that Keras.
    """
    position = list(inspect.signature(call).parameters).index("callbacks")

    @functools.wraps(call)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        place = recorder.place(sys._getframe(1))
        if place is None:
            return call(*args, **kwargs)
        recorder.trains(args[0], place)
        curve = curve_of(callback)(recorder, place, what)
        if len(args) > position:
            args = (*args[:position], with_one_more(args[position], curve), *args[position + 1 :])
        else:
            kwargs["callbacks"] = with_one_more(kwargs.get("callbacks"), curve)
        random_streams.start_training()
        result = call(*args, **kwargs)
        found = history_of(recorder, result)
        recorder.result(place, what, None, [], training=curve.training, history=found)
        return result

    return wrapper


def with_one_more(callbacks: Any, curve: Any) -> list[Any]:
    """Return the user's callbacks and ours; he may have given one that is no list."""
    given = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
    return [*(item for item in given if item is not None), curve]


def history_of(recorder: Recorder, result: Any) -> Any:
    """Return the curves of the ``History`` that a training returned, each written as an array."""
    history = getattr(result, "history", None)
    if not isinstance(history, dict):
        return {}
    return {str(name): recorder.writer.array(numbers(values)) for name, values in history.items()}


def numbers(values: Any) -> Any:
    """Return an array of 64-bit floats of a curve's values, nan for those that are no number."""
    return np.asarray([number(value) for value in values], "float64")


def number(value: Any) -> float:
    return float(np.asarray(value)) if is_number(value) else float("nan")


def is_number(value: Any) -> bool:
    return np.ndim(value) == 0 and np.asarray(value).dtype.kind in "fiub"


@functools.lru_cache(maxsize=None)
def curve_of(callback: Any) -> Any:
    """Return the callback that writes down what callbacks are given at the end of each epoch and of each batch."""

    class Curve(callback):
        def __init__(self, recorder: Recorder, place: Any, what: str):
            super().__init__()
            self.recorder = recorder
            recorder.trainings += 1
            self.training = recorder.trainings
            self.batches: list[dict[str, float]] = []
            self.loss = MeanLoss()
            file, line = place
            recorder.writer.line("training", training=self.training, file=file, line=line, what=what)

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.batches, self.loss = [], MeanLoss()
            random_streams.start_epoch()

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            found = {str(name): number(value) for name, value in (logs or {}).items() if is_number(value)}
            self.batches.append(self.loss.added(found))

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            writer = self.recorder.writer
            found = {str(name): number(value) for name, value in (logs or {}).items() if is_number(value)}
            names = sorted({name for given in self.batches for name in given})
            nan = float("nan")
            batches = {name: writer.array(numbers([given.get(name, nan) for given in self.batches])) for name in names}
            writer.line("epoch", training=self.training, losses=found, batches=batches)

    return Curve


class MeanLoss:
    """The mean loss of an epoch so far, after each batch.

    Keras in graph mode tells the loss of each batch, and how many samples it has; today's Keras tells the mean so far.
    """

    def __init__(self) -> None:
        self.total = self.samples = 0.0

    def added(self, logs: dict[str, float]) -> dict[str, float]:
        """Return what callbacks were given after a batch, with the mean as loss and without the batch's number and
        size.
        """
        found = {name: value for name, value in logs.items() if name not in ("batch", "size")}
        if "loss" in logs and "size" in logs:
            self.total += logs["loss"] * logs["size"]
            self.samples += logs["size"]
            found["loss"] = self.total / max(self.samples, 1)
        return found
