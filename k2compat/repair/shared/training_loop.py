"""The repair by which models train, evaluate and predict from arrays as Keras 2.3.1 did, for either Keras."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.repair.shared.input_checks import explained
from k2compat.repair.shared.loop_data import Reader, checked_signature
from k2compat.repair.shared.loop_kit import Kit
from k2compat.repair.shared.loop_steps import ModelRunner
from k2compat.repair.shared.model_functions import refuse_replaced, tensors_of
from k2compat.repair.table import Around, Repair, definer
from k2compat.runtime.odd_sizes import FAILURES
from k2compat.training import loop
from k2compat.training.batches import bounds, split_at
from k2compat.training.hooks import Hooks
from k2compat.training.rows import Unknown
from k2compat.training.samples import Samples, Steps, packed
from k2compat.training.stats import state_of

REASON = (
    "fit, evaluate, predict and their ..._on_batch build a pipeline of tf.data for each call, which takes 50 times as "
    "long as a small step; batches come in an order that np.random.seed does not decide, and callbacks are not told "
    "what Keras 2 told them. Calls with arrays run Keras 2's loop with compiled steps; others are left to Keras, and "
    "k2compat.training_stats(model) says which way calls went."
)
# Arguments of 2.3.1 that count for generators alone.
OF_READERS = ("max_queue_size", "workers", "use_multiprocessing")


def loop_repair(kit: Kit) -> Repair:
    """Make the repair of a Keras's models."""
    model = kit.keras.Model
    made = {
        "fit": fitting,
        "evaluate": evaluating,
        "predict": predicting,
        "train_on_batch": training_on_batch,
        "test_on_batch": testing_on_batch,
        "predict_on_batch": predicting_on_batch,
    }
    patches = [(definer(model, name), name, Around(functools.partial(make, kit))) for name, make in made.items()]
    return Repair("training_loop", REASON, patches)


class Left(Exception):
    """A call that is left to Keras; ``str`` says why."""


def taking(kit: Kit, original: Callable[..., Any], own: Callable[..., Any]) -> Callable[..., Any]:
    """Make a method that runs the own loop, and Keras's where that cannot take the call.

    Args:
        kit: of the Keras.
        original: the method of Keras.
        own: the same with the loop of k2compat; raises ``Left`` or ``Unknown`` before it does anything.
    """
    name = original.__name__

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        state = state_of(self)
        try:
            state.renew(kit.source(self))
            refused = kit.refusal(self, name) or state.fact(name, kit.refusal_of(name), self)
            if refused:
                raise Left(refused)
            run = own(self, *args, **kwargs)
        except (Left, Unknown) as reason:
            state.stats.keras[name] += 1
            state.stats.reasons[name] = str(reason)
            state.is_clean = False
            refuse_replaced(self, name, reason)
            kwargs.pop("reset_metrics", None)
            return original(self, *args, **kwargs)
        state.stats.own[name] += 1
        try:
            return run()
        except FAILURES as failure:
            x = args[0] if args else kwargs.get("x")
            problem = explained(checked_signature(kit, self), x, failure)
            if problem is None:
                raise
            raise problem from failure

    return method


def without_steps(**kwargs: Any) -> None:
    """Refuse arguments that only other loops than this one take; those of readers of batches mean nothing here."""
    given = [name for name, value in kwargs.items() if value is not None and name not in OF_READERS]
    if given:
        raise Left(f"{given[0]} is given")


def fitting(kit: Kit, original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``fit``."""

    def fit(
        self: Any,
        x: Any = None,
        y: Any = None,
        batch_size: Any = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: Any = None,
        validation_steps: Any = None,
        validation_batch_size: Any = None,
        validation_freq: Any = 1,
        **others: Any,
    ) -> Callable[[], Any]:
        if "nb_epoch" in others:
            warnings.warn("The `nb_epoch` argument in `fit` has been renamed `epochs`.", stacklevel=3)
            epochs = others.pop("nb_epoch")
        given, reader = listed(kit, callbacks), Reader(kit, self, "train_step")
        steps = reader.steps(steps_per_epoch, "steps_per_epoch", x, y, sample_weight)
        samples: Samples
        if steps:
            without_steps(**others)
            size, samples, validation = 1, steps, validation_in_steps(reader, validation_data, validation_steps)
        else:
            without_steps(**others, steps_per_epoch=steps_per_epoch, validation_steps=validation_steps)
            size = reader.batch_size(batch_size)
            read = reader.read(x, y, sample_weight, class_weight, size)
            samples, validation = parted(kit, self, read, validation_data, validation_split, size)
        plan = loop.Plan(
            size,
            epochs,
            lambda: kit.first_epoch(self, initial_epoch),
            not steps and shuffle,
            validation,
            validation_freq,
            1 if steps else int(validation_batch_size or size),
            lambda: bool(self.stop_training),
        )
        return lambda: run_fit(kit, self, samples, plan, given, verbose)

    return taking(kit, original, fit)


def validation_in_steps(reader: Reader, validation_data: Any, steps: Any) -> Samples | None:
    """Return the steps of the validations of a model that has its data from tensors, None for no validation."""
    if not steps:
        return None
    parts = validation_part(validation_data) if is_given(validation_data) else ()
    return reader.steps(steps, "validation_steps", *parts)


def parted(kit: Kit, model: Any, samples: Samples, given: Any, share: float, size: int) -> tuple[Samples, Any]:
    """Return the samples that a model is trained on, and those of its validations, None for none.

    Args:
        kit: of the model's Keras.
        model: the model.
        samples: all of them.
        given: ``validation_data``.
        share: ``validation_split``.
        size: of the batches.
    """
    validation: Samples | None = None
    if is_given(given):
        validation = Reader(kit, model, "test_step").read(*validation_part(given), None, size)
    elif share and 0.0 < share < 1.0:
        at = split_at(samples.count, share)
        samples, validation = samples.cut(0, at), samples.cut(at, None)
    if not samples.count:
        raise Left("there are no samples")
    return samples, validation


def run_fit(kit: Kit, model: Any, samples: Samples, plan: loop.Plan, callbacks: list[Any], verbose: Any) -> Any:
    """Train a model; return its history."""
    history = kit.history()
    vars(model)["history"] = history
    is_validated, in_steps = plan.validation is not None, isinstance(samples, Steps)
    runner = ModelRunner(kit, model)
    names = list(model.metrics_names) if callbacks or verbose else runner.names
    params = {
        "batch_size": None if in_steps else plan.batch_size,
        "epochs": plan.epochs,
        "steps": samples.count if in_steps else None,
        "samples": None if in_steps else samples.count,
        "verbose": 1 if verbose == "auto" else verbose,
        "do_validation": is_validated,
        "metrics": [*names, *(f"val_{name}" for name in names if is_validated)],
    }
    bar = [kit.progress_bar()] if verbose else []
    count = len(bounds(samples.count, plan.batch_size))
    hooks = Hooks(kit.callback, model, [*bar, *callbacks, history], params, count)
    if callbacks:
        hooks.give_validation_data(validation_arrays(model, plan.validation))
    loop.train(runner, samples, plan, hooks)
    kit.finished(model)
    history.params["metrics"] = history.params["metrics"] or list(history.history)
    return history


def validation_arrays(model: Any, samples: Samples | None) -> list[Any]:
    """Return what ``validation_data`` of callbacks was: inputs, targets, and weights of samples; behind them a learning
    phase where the model uses one.
    """
    if samples is None:
        return []
    arrays = [rows.given for rows in samples.rows]
    structure = samples.structure
    if isinstance(structure, tuple) and len(structure) == 2:
        outputs = len(tf.nest.flatten(packed(structure[1], arrays)))
        arrays += [np.ones(samples.count, "float32") for _ in range(outputs)]
    return [*arrays, 0] if getattr(model, "uses_learning_phase", False) else arrays


def is_given(validation_data: Any) -> bool:
    """Return whether there is something to validate with."""
    return validation_data is not None and not (isinstance(validation_data, (list, tuple)) and not validation_data)


def evaluating(kit: Kit, original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``evaluate``."""

    def evaluate(
        self: Any,
        x: Any = None,
        y: Any = None,
        batch_size: Any = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: Any = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **others: Any,
    ) -> Callable[[], Any]:
        given, reader = listed(kit, callbacks), Reader(kit, self, "test_step")
        whole = reader.steps(steps, "steps", x, y, sample_weight)
        without_steps(**others, steps=None if whole else steps)
        size = 1 if whole else reader.batch_size(batch_size)
        samples = whole or reader.read(x, y, sample_weight, None, size)
        if not samples.count:
            raise Left("there are no samples")

        def run() -> Any:
            runner = ModelRunner(kit, self)
            params = params_of(samples, size, verbose)
            if given:
                params["metrics"] = list(self.metrics_names)
            hooks = hooks_of(kit, self, given, verbose, params)
            found = loop.test(runner, samples, size, hooks)
            return found if return_dict else single(list(found.values()))

        return run

    return taking(kit, original, evaluate)


def predicting(kit: Kit, original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``predict``."""
    unwrapped = inspect.unwrap(original)
    place = list(inspect.signature(unwrapped).parameters).index("verbose") - len(
        inspect.signature(unwrapped).parameters
    )

    def predict(
        self: Any,
        x: Any = None,
        batch_size: Any = None,
        verbose: Any = None,
        steps: Any = None,
        callbacks: Any = None,
        **others: Any,
    ) -> Callable[[], Any]:
        verbose = unwrapped.__defaults__[place] if verbose is None else verbose
        given, reader = listed(kit, callbacks), Reader(kit, self, "predict_step")
        whole = reader.steps(steps, "steps", x) if tensors_of(self)[0] else None
        without_steps(**others, steps=None if whole else steps)
        size = 1 if whole else reader.batch_size(batch_size)
        samples = whole or reader.read(x, batch_size=size)

        def run() -> Any:
            runner = ModelRunner(kit, self)
            hooks = hooks_of(kit, self, given, verbose, params_of(samples, size, verbose))
            return runner.packed(loop.predict(runner, samples, size, hooks))

        return run

    return taking(kit, original, predict)


def training_on_batch(kit: Kit, original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``train_on_batch``."""

    def train_on_batch(
        self: Any,
        x: Any = None,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        reset_metrics: bool = True,
        return_dict: bool = False,
    ) -> Callable[[], Any]:
        reader = Reader(kit, self, "train_step")
        samples = reader.steps(1, "", x, y, sample_weight) or reader.read(x, y, sample_weight, class_weight)
        return lambda: on_batch(ModelRunner(kit, self), "train", samples, reset_metrics, return_dict)

    return taking(kit, original, train_on_batch)


def testing_on_batch(kit: Kit, original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``test_on_batch``."""

    def test_on_batch(
        self: Any,
        x: Any = None,
        y: Any = None,
        sample_weight: Any = None,
        reset_metrics: bool = True,
        return_dict: bool = False,
    ) -> Callable[[], Any]:
        reader = Reader(kit, self, "test_step")
        samples = reader.steps(1, "", x, y, sample_weight) or reader.read(x, y, sample_weight)
        return lambda: on_batch(ModelRunner(kit, self), "test", samples, reset_metrics, return_dict)

    return taking(kit, original, test_on_batch)


def predicting_on_batch(kit: Kit, original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``predict_on_batch``."""

    def predict_on_batch(self: Any, x: Any) -> Callable[[], Any]:
        samples = Reader(kit, self, "predict_step").read(x, at_once=True)
        runner = ModelRunner(kit, self)
        most = max((rows.shape[0] for rows in samples.rows), default=0)

        def run() -> Any:
            some = runner.predicted(samples, samples.part(0, most)) if most else runner.predicted_of_none(samples)
            return runner.packed(some)

        return run

    return taking(kit, original, predict_on_batch)


def on_batch(runner: ModelRunner, mode: str, samples: Samples, reset: bool, return_dict: bool) -> Any:
    """Run one step; return its loss, or the list of that and the metrics."""
    report = runner.alone(mode, samples, samples.part(0, samples.count), reset)
    if return_dict:
        return {name: loop.as_number(value) for name, value in report.logs().items()}
    return single(report.listed())


def single(values: list[Any]) -> Any:
    """Return the only value of a list, or the list."""
    return values[0] if len(values) == 1 else values


def listed(kit: Kit, callbacks: Any) -> list[Any]:
    """Return the callbacks of a call as a list; one that Keras made of them is left to Keras."""
    if not callbacks:
        return []
    if isinstance(callbacks, kit.keras.callbacks.CallbackList):
        raise Left("callbacks is a CallbackList")
    return [one for one in tf.nest.flatten(callbacks) if one is not None]


def validation_part(given: Any) -> tuple[Any, Any, Any]:
    """Return inputs, targets and weights of ``validation_data``."""
    if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
        raise Left(f"validation_data is a {type(given).__name__}")
    x, y, *rest = given
    return x, y, rest[0] if rest else None


def params_of(samples: Samples, size: int, verbose: Any) -> dict[str, Any]:
    """Return what callbacks are told of an evaluation or prediction."""
    verbose = 1 if verbose == "auto" else verbose
    return {"batch_size": size, "steps": None, "samples": samples.count, "verbose": verbose}


def hooks_of(kit: Kit, model: Any, callbacks: list[Any], verbose: Any, params: dict[str, Any]) -> Hooks:
    """Return the callbacks of an evaluation or prediction, and a progress bar."""
    if not verbose and not callbacks:
        return Hooks(kit.callback, model, (), params, None)
    bar = [kit.progress_bar()] if verbose else []
    batches = len(bounds(params["samples"], params["batch_size"]))
    return Hooks(kit.callback, model, [*bar, *callbacks], {**params, "epochs": 1} if bar else params, batches)
