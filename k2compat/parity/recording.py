"""A recording, read back: what one side did, and what it gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from k2compat.parity.side import store


@dataclass
class Value:
    """One array of a result.

    Attributes:
        name: its place in the result, such as ``[0]``; empty where the result is one array.
        dtype, shape: what they were on that side.
        load: gives the array, mapped from disk.
        epochs: of the losses after each batch, the number of batches in each epoch.
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
    """

    number: int
    file: str
    line: int
    what: str
    which: Any
    values: list[Value]
    finished: bool = True


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
        for line in store.lines(str(folder)):
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
        if training is not None:
            values = self._curve(training["epochs"])
        self.events.append(Event(**line, values=values))

    def _stored(self, entry: dict[str, Any]) -> Value:
        load = partial(store.read, str(self.folder), entry)
        return Value(entry["name"], entry["dtype"], tuple(entry["shape"]), load)

    def _curve(self, epochs: list[dict[str, Any]]) -> list[Value]:
        """The losses of a training: one array for each kind, a value for each epoch; and the loss batch by batch."""
        names = dict.fromkeys(name for epoch in epochs for name in epoch["losses"])
        curves = {name: np.array([epoch["losses"].get(name, np.nan) for epoch in epochs]) for name in sorted(names)}
        values = [Value(name, "float64", curve.shape, partial(np.asarray, curve)) for name, curve in curves.items()]
        batches = [store.read(str(self.folder), epoch["batches"]) for epoch in epochs]
        if sum(map(len, batches)):
            joined = np.concatenate(batches)
            sizes = [len(batch) for batch in batches]
            values.append(Value("loss by batch", "float64", joined.shape, partial(np.asarray, joined), sizes))
        return values

    def _add_unfinished(self) -> None:
        """Trainings that were interrupted are results too, as far as they came."""
        for training in self._trainings.values():
            place = {key: training[key] for key in ("file", "line", "what")}
            number, values = len(self.events) + 1, self._curve(training["epochs"])
            self.events.append(Event(number=number, which=None, values=values, finished=False, **place))
