"""The loops of ``fit``, ``evaluate`` and ``predict`` of Keras 2.3.1 over arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from k2compat.training.batches import bounds, is_validated, shuffled
from k2compat.training.hooks import Hooks
from k2compat.training.samples import Samples


@dataclass
class Report:
    """What a step of training or evaluation says.

    Attributes:
        names: of the values, in the order of ``metrics_names``.
        values: one for each name; the loss is that of the batch alone if ``is_own``; behind them the running loss.
        is_own: whether the loss is that of the batch alone.
    """

    names: Sequence[str]
    values: Any
    is_own: bool

    def logs(self) -> dict[str, Any]:
        """Return the values by name, as Keras 2 had them."""
        return dict(zip(self.names, self.values, strict=False))

    def listed(self) -> list[Any]:
        """Return the values in the order of their names."""
        return list(self.values[: len(self.names)])

    def running(self) -> dict[str, Any]:
        """Return the values by name, the loss that of all batches so far."""
        found = {name: as_number(value) for name, value in zip(self.names, self.values, strict=False)}
        if self.is_own:
            found["loss"] = as_number(self.values[len(self.names)])
        return found


class Runner(Protocol):
    """What runs the steps of a model."""

    model: Any

    def report(self, mode: str, samples: Samples, arrays: Sequence[np.ndarray], fresh: bool) -> Report:
        """Run a step of "train" or "test" for arrays of some samples; ``fresh`` if nobody else has them."""

    def predicted(self, samples: Samples, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Run a step of "predict"."""

    def predicted_of_none(self, samples: Samples) -> list[np.ndarray]:
        """Return the outputs for samples of which there are none."""

    def reset_metrics(self) -> None:
        """Begin to count again."""

    def begin(self) -> None:
        """Note that nothing has stopped the loop yet; also a validation or prediction within a training does that."""


@dataclass
class Plan:
    """The settings of a training.

    Attributes:
        batch_size, epochs, shuffle, validation_freq: as given to ``fit``.
        first_epoch: tells the number of the first epoch, once the training has begun.
        validation: the samples of the validations, None for none.
        validation_batch_size: of their batches.
    """

    batch_size: int
    epochs: int = 1
    first_epoch: Callable[[], int] = field(default=lambda: 0)
    shuffle: Any = True
    validation: Samples | None = None
    validation_freq: Any = 1
    validation_batch_size: int = 32
    has_stopped: Callable[[], bool] = field(default=lambda: False)


class Sums:
    """The means over the batches of an epoch: the loss weighted by sizes, metrics as they stood last."""

    def __init__(self) -> None:
        self.last: Report | None = None
        self._loss, self._seen = 0.0, 0

    def add(self, report: Report, size: int) -> None:
        """Take in a batch."""
        self.last = report
        if report.is_own:
            self._loss += float(report.values[0]) * size
            self._seen += size

    def logs(self) -> dict[str, Any]:
        """Return the values of the epoch by name."""
        if self.last is None:
            return {}
        found = self.last.logs()
        if self.last.is_own:
            found["loss"] = np.float64(self._loss / self._seen)
        return found


def train(runner: Runner, samples: Samples, plan: Plan, hooks: Hooks) -> None:
    """Train a model."""
    order = np.arange(samples.count)
    batches = bounds(samples.count, plan.batch_size)
    hooks.call("on_train_begin", None)
    runner.begin()
    for epoch in range(plan.first_epoch(), plan.epochs):
        runner.reset_metrics()
        hooks.call("on_epoch_begin", epoch, {})
        order = shuffled(order, plan.shuffle, plan.batch_size)
        sums, number = Sums(), -1
        for number, (start, stop) in enumerate(batches):
            train_batch(runner, samples, order[start:stop] if plan.shuffle else (start, stop), number, sums, hooks)
            if plan.has_stopped():
                break
        logs: dict[str, Any] = {}
        due = plan.validation is not None and is_validated(plan.validation_freq, epoch)
        if due and number == len(batches) - 1:
            assert plan.validation is not None
            found = test(runner, plan.validation, plan.validation_batch_size, hooks)
            logs.update((f"val_{name}", value) for name, value in found.items())
        logs.update(sums.logs())
        hooks.call("on_epoch_end", epoch, logs)
        if plan.has_stopped():
            break
    hooks.call("on_train_end", None)


def train_batch(runner: Runner, samples: Samples, ids: Any, number: int, sums: Sums, hooks: Hooks) -> None:
    """Train a model on one batch.

    Args:
        runner, samples, hooks: those of the training.
        ids: the numbers of the samples, or a pair of the first one and that behind the last.
        number: of the batch.
        sums: takes in what is reported.
    """
    size = ids[1] - ids[0] if isinstance(ids, tuple) else len(ids)
    if not hooks.has_batches("train"):
        sums.add(train_on(runner, samples, ids), size)
        return
    logs: dict[str, Any] = {"batch": number, "size": size}
    hooks.batch("on_train_batch_begin", number, logs, dict)
    report = train_on(runner, samples, ids)
    logs.update(report.logs())
    hooks.batch("on_train_batch_end", number, logs, report.running)
    sums.add(report, size)


def train_on(runner: Runner, samples: Samples, ids: Any) -> Report:
    """Run the step of training for some samples."""
    if isinstance(ids, tuple):
        return runner.report("train", samples, samples.part(*ids), False)
    return runner.report("train", samples, samples.take(ids), True)


def test(runner: Runner, samples: Samples, batch_size: int, hooks: Hooks) -> dict[str, Any]:
    """Evaluate a model; return its losses and metrics by name, as numbers of Python."""
    runner.reset_metrics()
    runner.begin()
    hooks.call("on_test_begin", None)
    has_hooks, sums = hooks.has_batches("test"), Sums()
    for number, (start, stop) in enumerate(bounds(samples.count, batch_size)):
        logs: dict[str, Any] = {"batch": number, "size": stop - start}
        if has_hooks:
            hooks.batch("on_test_batch_begin", number, logs, dict)
        report = runner.report("test", samples, samples.part(start, stop), False)
        sums.add(report, stop - start)
        if has_hooks:
            logs.update((name, as_number(value)) for name, value in report.logs().items())
            hooks.batch("on_test_batch_end", number, logs, report.running)
    values = {name: as_number(value) for name, value in sums.logs().items()}
    hooks.end_test(values)
    return values


def predict(runner: Runner, samples: Samples, batch_size: int, hooks: Hooks) -> list[np.ndarray]:
    """Return the outputs of a model, each for all samples; of none, they are empty."""
    runner.begin()
    hooks.call("on_predict_begin", None)
    has_hooks = hooks.has_batches("predict")
    parts: list[list[np.ndarray]] = []
    for number, (start, stop) in enumerate(bounds(samples.count, batch_size)):
        logs: dict[str, Any] = {"batch": number, "size": stop - start}
        if has_hooks:
            hooks.batch("on_predict_batch_begin", number, logs, dict)
        outputs = runner.predicted(samples, samples.part(start, stop))
        parts.append([for_all(output, stop - start) for output in outputs])
        if has_hooks:
            logs["outputs"] = outputs
            hooks.batch("on_predict_batch_end", number, logs, lambda: {"outputs": outputs})  # noqa: B023
    hooks.call("on_predict_end", None)
    if not parts:
        return runner.predicted_of_none(samples)
    if len(parts) == 1:
        return parts[0]
    return [np.concatenate(each) for each in zip(*parts, strict=True)]


def for_all(output: np.ndarray, count: int) -> np.ndarray:
    """Return an output with a row for each sample: one number for a batch, as a loss is, stands for all of them."""
    if count == 1 and output.ndim or output.shape[:1] not in ((), (1,)):
        return output
    return np.repeat(output.reshape(1, *output.shape[1:]), count, axis=0)


def as_number(value: Any) -> Any:
    """Return a scalar as a number of Python, anything else as it is."""
    return float(value) if np.ndim(value) == 0 else value
