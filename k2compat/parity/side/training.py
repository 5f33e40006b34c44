"""The curve of a training: its losses, written down epoch by epoch while it goes on."""

from __future__ import annotations

import functools
import inspect
import sys
from typing import Any

import numpy as np

from k2compat.parity.side import streams
from k2compat.parity.side.recorder import Recorder

# A metric's name differs between versions of Keras; the second one is kept.
SAME = {"acc": "accuracy", "val_acc": "val_accuracy", "learning_rate": "lr"}


def recorded_fit(recorder: Recorder, what: str, call: Any, callback: Any) -> Any:
    """Wraps a method that trains, so that its curve is recorded when the script calls it.

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
        curve = curve_of(callback)(recorder, place, what)
        if len(args) > position:
            args = (*args[:position], with_one_more(args[position], curve), *args[position + 1 :])
        else:
            kwargs["callbacks"] = with_one_more(kwargs.get("callbacks"), curve)
        streams.start_training()
        result = call(*args, **kwargs)
        recorder.result(place, what, None, [], training=curve.training)
        return result

    return wrapper


def with_one_more(callbacks: Any, curve: Any) -> list[Any]:
    """The user's callbacks and ours; he may have given one that is no list."""
    given = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
    return [*(item for item in given if item is not None), curve]


@functools.lru_cache(maxsize=None)
def curve_of(callback: Any) -> Any:
    """The callback that writes down the losses of each epoch, and the loss after each batch."""

    class Curve(callback):
        def __init__(self, recorder: Recorder, place: Any, what: str):
            super().__init__()
            self.recorder = recorder
            recorder.trainings += 1
            self.training = recorder.trainings
            self.epoch = Epoch()
            file, line = place
            recorder.writer.line("training", training=self.training, file=file, line=line, what=what)

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.epoch = Epoch()
            streams.start_epoch()

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            self.epoch.add(logs or {})

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            writer = self.recorder.writer
            found = {SAME.get(name, name): float(value) for name, value in (logs or {}).items() if np.ndim(value) == 0}
            batches = writer.array(np.asarray(self.epoch.means, "float64"))
            writer.line("epoch", training=self.training, losses=found, batches=batches)

    return Curve


class Epoch:
    """The mean loss of an epoch so far, after each batch.

    Keras in graph mode tells the loss of each batch, and how many samples it has; today's Keras tells the mean so far.
    """

    def __init__(self) -> None:
        self.means: list[float] = []
        self.total = self.samples = 0.0

    def add(self, logs: Any) -> None:
        loss = logs.get("loss")
        if loss is None:
            return
        if "size" in logs:
            self.total += float(loss) * logs["size"]
            self.samples += logs["size"]
            loss = self.total / max(self.samples, 1)
        self.means.append(float(loss))
