"""A recording, read back: what one side did, and what it gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from k2compat.parity.worker import storage

TRAININGS = ("model.fit", "model.fit_generator")
WEIGHTS = ("get_weights", "model.save", "model.save_weights", "weights at the end")


@dataclass
class Value:
    """One array of a result.

    Attributes:
        name: its place in the result, such as ``[0]``; empty where the result is one array.
        dtype, shape: what they were on that side.
        load: gives the array, mapped from disk.
        epochs: of what callbacks were given after each batch, the number of batches in each epoch.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    load: Callable[[], np.ndarray] = field(repr=False)
    epochs: list[int] = field(default_factory=list)


@dataclass
class Event:
    """One result that the script pulled out of the backend.

    Attributes:
        number: counted from 1, in the order the results came.
        file, line: where the script called.
        what: the call, such as "K.function".
        which: the number of the function, or the name of the model.
        values: its arrays.
        finished: False for a training that did not come to its end.
        curves: whether it is a training, whose values are curves.
    """

    number: int
    file: str
    line: int
    what: str
    which: Any
    values: list[Value]
    finished: bool = True

    @property
    def curves(self) -> bool:
        return self.what in TRAININGS

    @property
    def together(self) -> str:
        """What its arrays are, where a report shows them as one; empty where it shows each."""
        return "curve" if self.curves else "array" * (self.what in WEIGHTS)


class Recording:
    """What one side recorded.

    Args:
        folder: where it lies.

    Attributes:
        events: the results, in order.
        versions: of Python, TensorFlow, Keras and NumPy.
        weights: a line for each weight: where its initial value came from.
        weights_left: numbers of the reference's weights that this side did not ask for.
        notes: what the user should know.
        random: kinds of random operations in the graph.
        error: the traceback of a script that failed.
        ended: False if the process ended before the script did.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self.events: list[Event] = []
        self.versions: dict[str, str] = {}
        self.weights: list[dict[str, Any]] = []
        self.weights_left: list[int] = []
        self.notes: list[str] = []
        self.random: list[str] = []
        self.error: str | None = None
        self.ended = False
        self._trainings: dict[int, dict[str, Any]] = {}
        for line in storage.lines(str(folder)):
            getattr(self, "_read_" + line.pop("kind"))(line)
        self._add_unfinished()

    def _read_versions(self, line: dict[str, Any]) -> None:
        self.versions = line

    def _read_weight(self, line: dict[str, Any]) -> None:
        self.weights.append(line)

    def _read_weights(self, line: dict[str, Any]) -> None:
        self.weights_left = line["left"]

    def _read_note(self, line: dict[str, Any]) -> None:
        self.notes.append(line["text"])

    def _read_random(self, line: dict[str, Any]) -> None:
        self.random = line["operations"]

    def _read_end(self, line: dict[str, Any]) -> None:
        self.error, self.ended = line["error"], True

    def _read_training(self, line: dict[str, Any]) -> None:
        self._trainings[line["training"]] = {**line, "epochs": []}

    def _read_epoch(self, line: dict[str, Any]) -> None:
        self._trainings[line["training"]]["epochs"].append(line)

    def _read_result(self, line: dict[str, Any]) -> None:
        training = self._trainings.pop(line.pop("training", None), None)
        values = [self._stored(value) for value in line.pop("values")]
        history = line.pop("history", {})
        if training is not None:
            values = [*self._curves(training["epochs"]), *self._history(history)]
        self.events.append(Event(**line, values=values))

    def _stored(self, entry: dict[str, Any], name: str = "") -> Value:
        load = partial(storage.read, str(self.folder), entry)
        return Value(name or entry["name"], entry["dtype"], tuple(entry["shape"]), load)

    def _curves(self, epochs: list[dict[str, Any]]) -> list[Value]:
        """Return what callbacks were given in a training: each number at the end of each epoch, and of each batch."""
        names = dict.fromkeys(name for epoch in epochs for name in epoch["losses"])
        curves = {name: np.array([epoch["losses"].get(name, np.nan) for epoch in epochs]) for name in sorted(names)}
        values = [Value(name, "float64", curve.shape, partial(np.asarray, curve)) for name, curve in curves.items()]
        for name in sorted({name for epoch in epochs for name in epoch["batches"]}):
            parts = [epoch["batches"].get(name) for epoch in epochs]
            read = [np.zeros(0) if part is None else storage.read(str(self.folder), part) for part in parts]
            joined, sizes = np.concatenate(read), [len(part) for part in read]
            values.append(Value(f"{name} by batch", "float64", joined.shape, partial(np.asarray, joined), sizes))
        return values

    def _history(self, history: dict[str, Any]) -> list[Value]:
        """Return the curves of the ``History`` that a training returned."""
        return [self._stored(entry, f"history[{name!r}]") for name, entry in history.items()]

    def _add_unfinished(self) -> None:
        """Trainings that were interrupted are results too, as far as they came."""
        for training in self._trainings.values():
            place = {key: training[key] for key in ("file", "line", "what")}
            number, values = len(self.events) + 1, self._curves(training["epochs"])
            self.events.append(Event(number=number, which=None, values=values, finished=False, **place))
