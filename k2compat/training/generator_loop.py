"""The loops of ``fit_generator``, ``evaluate_generator`` and ``predict_generator`` of Keras 2.3.1."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from k2compat.errors import K2ValueError
from k2compat.training.batches import is_validated
from k2compat.training.hooks import Hooks
from k2compat.training.readers import Reader

NO_BATCH = "Output of generator should be a tuple `(x, y, sample_weight)` or `(x, y)`. Found: "
EXHAUSTED = (
    "The generator ran out of data; training is interrupted. It has to yield at least steps_per_epoch * epochs batches."
)


class Steps(Protocol):
    """What trains and evaluates a model on one batch, with running metrics."""

    def train(self, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> Any:
        """Return the loss of the batch, or the list of that and the metrics so far."""

    def test(self, x: Any, y: Any, sample_weight: Any) -> Any:
        """Return the same for an evaluation."""


@dataclass
class GeneratorPlan:
    """The settings of a training from a generator.

    Attributes:
        steps: batches of an epoch.
        epochs, initial_epoch, class_weight, validation_freq: as given to ``fit_generator``.
        counts_steps: whether an epoch has as many steps as the sequence has batches, which may change.
        validation: a reader, or arrays (inputs, targets, weights), or None.
        validation_steps: batches of a validation by a reader.
        params: of the callbacks.
    """

    steps: int
    epochs: int
    initial_epoch: int
    class_weight: Any
    counts_steps: bool
    validation: Any
    validation_steps: int | None
    validation_freq: Any
    params: dict[str, Any]


class Means:
    """The values of an epoch: the loss of each batch weighted by its size, metrics as they stood last.

    Attributes:
        names: of the values of a batch; the first one is the loss.
        values: of the last batch.
    """

    def __init__(self, names: Callable[[], Sequence[str]]):
        self._names = names
        self.names: Sequence[str] = ()
        self.values: list[Any] = []
        self._loss, self._seen = 0.0, 0

    def add(self, values: Any, size: int) -> dict[str, Any]:
        """Take in what a step has returned; return it by name."""
        if not self.names:
            self.names = list(self._names())
        self.values = list(values) if isinstance(values, (list, tuple)) else [values]
        self._loss += float(self.values[0]) * size
        self._seen += size
        return dict(zip(self.names, self.values, strict=False))

    def logs(self) -> dict[str, Any]:
        """Return the values of the epoch by name."""
        if not self.values:
            return {}
        found = dict(zip(self.names, self.values, strict=False))
        found[self.names[0]] = np.float64(self._loss / self._seen)
        return found

    def running(self) -> dict[str, Any]:
        """Return the values so far as numbers of Python."""
        return {name: float(value) if np.ndim(value) == 0 else value for name, value in self.logs().items()}


def train(model: Any, steps: Steps, reader: Reader, plan: GeneratorPlan, hooks: Hooks) -> None:
    """Train a model on batches that a reader takes; ``on_train_begin`` has been called."""
    epoch, logs = plan.initial_epoch, dict[str, Any]()
    means, is_exhausted = Means(lambda: model.metrics_names), False
    while epoch < plan.epochs and not is_exhausted:
        model.reset_metrics()
        hooks.call("on_epoch_begin", epoch, {})
        names, means = means.names, Means(lambda: model.metrics_names)
        means.names = names
        for number in range(plan.steps):
            try:
                batch = reader.take()
            except StopIteration:
                warnings.warn(EXHAUSTED, stacklevel=2)
                is_exhausted = True
                break
            size = train_batch(steps, batch, number, plan.class_weight, means, hooks)
            is_last = number == plan.steps - 1
            if is_last and plan.validation is not None and is_validated(plan.validation_freq, epoch):
                logs.update((f"val_{name}", value) for name, value in validate(model, steps, plan, size, hooks).items())
            if model.stop_training:
                break
        shown = logs or {}  # without validations it is another dict in each epoch
        shown.update(means.logs())
        hooks.call("on_epoch_end", epoch, shown)
        epoch += 1
        if model.stop_training or is_exhausted:
            break
        reader.end_epoch(plan.counts_steps)
        if plan.counts_steps:
            plan.steps = len(reader.source)
            plan.params["steps"] = plan.steps
    hooks.call("on_train_end", None)


def train_batch(steps: Steps, batch: Any, number: int, class_weight: Any, means: Means, hooks: Hooks) -> int:
    """Train a model on one batch; return the number of its samples."""
    x, y, weights = parts_of(batch)
    size = size_of(x)
    logs: dict[str, Any] = {"batch": number, "size": size}
    hooks.batch("on_train_batch_begin", number, logs, dict)
    logs.update(means.add(steps.train(x, y, weights, class_weight), size))
    hooks.batch("on_train_batch_end", number, logs, means.running)
    return size


def validate(model: Any, steps: Steps, plan: GeneratorPlan, size: int, hooks: Hooks) -> dict[str, Any]:
    """Return the values of a validation by name.

    Args:
        model: the model.
        steps: its steps.
        plan: of the training.
        size: of the batches in which arrays are evaluated.
        hooks: of the training.
    """
    if isinstance(plan.validation, Reader):
        assert plan.validation_steps is not None
        return test(model, steps, plan.validation, plan.validation_steps, hooks)
    return test_arrays(model, steps, plan.validation, size, hooks)


def test(model: Any, steps: Steps, reader: Reader, count: int, hooks: Hooks) -> dict[str, Any]:
    """Evaluate a model on batches that a reader takes.

    Returns:
        Values by name: the loss is that of the last batch alone, as Keras 2.3.1 had it; metrics are of all.
    """
    model.reset_metrics()
    model.stop_training = False
    hooks.call("on_test_begin", None)
    means = Means(lambda: model.metrics_names)
    for number in range(count):
        x, y, weights = parts_of(reader.take())
        test_batch(steps, (x, y, weights), number, size_of(x), means, hooks, lambda value: value)
    loss, *rest = means.values
    values = dict(zip(means.names, [float(loss), *map(as_float64, rest)], strict=False))
    hooks.end_test(values)
    return values


def as_float64(value: Any) -> Any:
    return np.float64(value) if np.ndim(value) == 0 else value


def test_arrays(model: Any, steps: Steps, data: tuple[Any, Any, Any], size: int, hooks: Hooks) -> dict[str, Any]:
    """Evaluate a model on arrays; return means over all samples by name, as numbers of Python."""
    model.reset_metrics()
    model.stop_training = False
    hooks.call("on_test_begin", None)
    means, count = Means(lambda: model.metrics_names), size_of(data[0])
    for number, start in enumerate(range(0, count, size)):
        stop = min(count, start + size)
        batch = tuple(cut(part, start, stop) for part in data)
        test_batch(steps, batch, number, stop - start, means, hooks, float)
    values = means.running()
    hooks.end_test(values)
    return values


def cut(part: Any, start: int, stop: int) -> Any:
    """Return some samples of an array, or of a list or dict of arrays."""
    if isinstance(part, dict):
        return {name: cut(one, start, stop) for name, one in part.items()}
    if isinstance(part, (list, tuple)):
        return [cut(one, start, stop) for one in part]
    return None if part is None else part[start:stop]


def test_batch(
    steps: Steps, batch: Any, number: int, size: int, means: Means, hooks: Hooks, kind: Callable[[Any], Any]
) -> None:
    """Evaluate a model on one batch, with logs of values of a kind."""
    x, y, weights = batch
    logs: dict[str, Any] = {"batch": number, "size": size}
    hooks.batch("on_test_batch_begin", number, logs, dict)
    values = means.add(steps.test(x, y, weights), size)
    logs.update((name, kind(value) if np.ndim(value) == 0 else value) for name, value in values.items())
    hooks.batch("on_test_batch_end", number, logs, means.running)


def predict(model: Any, reader: Reader, steps: int, hooks: Hooks) -> Any:
    """Return the outputs of a model for batches that a reader takes, one array or a list of arrays."""
    model.stop_training = False
    hooks.call("on_predict_begin", None)
    parts: list[list[Any]] = []
    for number in range(steps):
        batch = reader.take()
        x = parts_of(batch)[0] if isinstance(batch, tuple) else batch
        logs: dict[str, Any] = {"batch": number, "size": size_of(x)}
        hooks.batch("on_predict_batch_begin", number, logs, dict)
        found = model.predict_on_batch(x)
        outputs = found if isinstance(found, list) else [found]
        parts.append(outputs)
        logs["outputs"] = outputs
        hooks.batch("on_predict_batch_end", number, logs, lambda: {"outputs": found})  # noqa: B023
    hooks.call("on_predict_end", None)
    joined = [each[0] if steps == 1 else np.concatenate(each) for each in zip(*parts, strict=True)]
    return joined[0] if len(joined) == 1 else joined


def parts_of(batch: Any) -> tuple[Any, Any, Any]:
    """Return inputs, targets and weights of a batch.

    Raises:
        ValueError: it is no tuple of them.
    """
    if isinstance(batch, (tuple, list)) and 1 <= len(batch) <= 3:
        x, y, weights = (*batch, None, None)[:3]
        return x, y, weights
    raise K2ValueError(f"{NO_BATCH}{batch}")


def size_of(x: Any) -> int:
    """Return the number of samples in a batch."""
    while isinstance(x, (list, tuple, dict)):
        x = next(iter(x.values())) if isinstance(x, dict) else x[0]
    if x is None:
        return 1
    size = int(x.shape[0])
    if size == 0:
        raise K2ValueError("Received an empty batch. Batches should contain at least one item.")
    return size
