"""The repair by which models train, evaluate and predict from generators and sequences as Keras 2.3.1 did."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.errors import K2TypeError, K2ValueError
from k2compat.repair.shared.batch_logs import last_loss
from k2compat.repair.shared.input_checks import signature_of
from k2compat.repair.table import Around, Repair, definer
from k2compat.training import generator_loop
from k2compat.training.hooks import Hooks
from k2compat.training.input_checks import full_weights, standardize
from k2compat.training.readers import Reader, is_generator, is_sequence, reader_of
from k2compat.training.stats import state_of

# Keywords of Keras 1 -> those of Keras 2, for the methods that take generators.
OLD_KEYWORDS = {
    "samples_per_epoch": "steps_per_epoch",
    "val_samples": "steps",
    "nb_epoch": "epochs",
    "nb_val_samples": "validation_steps",
    "nb_worker": "workers",
    "pickle_safe": "use_multiprocessing",
    "max_q_size": "max_queue_size",
}
OTHER_MEANING = (
    "The semantics of the Keras 2 argument `steps_per_epoch` is not the same as the Keras 1 argument "
    "`samples_per_epoch`. `steps_per_epoch` is the number of batches to draw from the generator at each epoch. "
    "Basically steps_per_epoch = samples_per_epoch/batch_size. Similarly `nb_val_samples`->`validation_steps` and "
    "`val_samples`->`steps` arguments have changed. Update your method calls accordingly."
)
READING = ("max_queue_size", "workers", "use_multiprocessing")


def generators_repair(keras: Any, source: Callable[[Any], Any]) -> Repair:
    """Make the repair of a Keras's models.

    Args:
        keras: the package.
        source: returns what ``compile`` made on a model, None before.
    """
    model = keras.Model
    methods = (fitting(keras, source), evaluating(keras), predicting(keras))
    wrapped = {"fit": "fit_generator", "evaluate": "evaluate_generator", "predict": "predict_generator"}
    return Repair(
        "generators",
        "fit_generator, evaluate_generator and predict_generator are gone, or about to go; generators and sequences "
        "were read ahead by threads, sequences in an order drawn by Python's random, and callbacks were told of the "
        "training before the first batch was drawn. fit, evaluate and predict do the same with a generator or "
        "Sequence. The loss of an evaluation is that of its last batch alone, as in Keras 2.3. Processes are threads "
        "here. Keywords of Keras 1 (nb_epoch, samples_per_epoch, max_q_size and so on) have the names of Keras 2.",
        [
            *((model, method.__name__, renaming(method)) for method in methods),
            *(
                (definer(model, name), name, Around(functools.partial(handing_on, generator_method=method)))
                for name, method in wrapped.items()
            ),
        ],
    )


def renaming(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make a method that takes keywords of Keras 1."""

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        old = [name for name in OLD_KEYWORDS if name in kwargs]
        if not old:
            return original(self, *args, **kwargs)
        warnings.warn(OTHER_MEANING, stacklevel=2)
        size = getattr(args[0] if args else kwargs.get("generator"), "batch_size", None)
        if "samples_per_epoch" in old and size:
            kwargs["samples_per_epoch"] //= size
        for name in old:
            if OLD_KEYWORDS[name] in kwargs:
                raise K2TypeError(
                    f"The deprecated argument {name!r} and its new name {OLD_KEYWORDS[name]!r} are both given."
                )
            kwargs[OLD_KEYWORDS[name]] = kwargs.pop(name)
        return original(self, *args, **kwargs)

    return method


def handing_on(original: Callable[..., Any], generator_method: str) -> Callable[..., Any]:
    """Make ``fit``, ``evaluate`` or ``predict`` that hands generators on to the method for them.

    Args:
        original: the method.
        generator_method: the name of the other one.
    """
    signature, known = inspect.signature(original), set(inspect.signature(inspect.unwrap(original)).parameters)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if "nb_epoch" in kwargs:
            warnings.warn("The `nb_epoch` argument in `fit` has been renamed `epochs`.", stacklevel=2)
            kwargs["epochs"] = kwargs.pop("nb_epoch")
        reading = {name: kwargs.pop(name) for name in READING if name in kwargs}
        try:
            given = dict(signature.bind(self, *args, **kwargs).arguments)
        except TypeError:
            return original(self, *args, **kwargs)  # which says what is wrong
        given.pop("self", None)
        if not is_taken(self, generator_method, given):
            kept = {name: value for name, value in reading.items() if name in known}
            return original(self, *args, **kwargs, **kept)
        check_arguments(given)
        x = given.pop("x")
        for name in ("y", "batch_size", "sample_weight", "validation_split", "validation_batch_size", "return_dict"):
            given.pop(name, None)
        return getattr(self, generator_method)(x, **given, **{**settings_of(x), **reading})

    return method


def is_taken(model: Any, method: str, given: dict[str, Any]) -> bool:
    """Return whether a call of ``fit``, ``evaluate`` or ``predict`` is one with a generator, as Keras 2.3.1 took it."""
    x = given.get("x")
    by_number = is_sequence(x) and hasattr(x, "on_epoch_end")
    if not by_number and not inspect.isgenerator(x):
        return False
    steps = given.get("steps_per_epoch" if method == "fit_generator" else "steps")
    unknown = steps is None and (not by_number or getattr(x, "num_batches", 0) is None)
    others = given.get("return_dict") or getattr(model, "steps_per_execution", 1) not in (1, None)
    validation = given.get("validation_data")
    is_known = validation is None or isinstance(validation, (tuple, list)) or is_source(validation)
    if tf.distribute.has_strategy() or getattr(model, "_distribute_strategy", None) is not None:
        strategy = getattr(model, "_distribute_strategy", None) or tf.distribute.get_strategy()
        others = others or strategy.num_replicas_in_sync > 1
    return not unknown and not others and is_known and tf.executing_eagerly()


def is_source(data: Any) -> bool:
    """Return whether data are batches that a generator or a sequence gives."""
    return is_generator(data) or (is_sequence(data) and hasattr(data, "on_epoch_end"))


def check_arguments(given: dict[str, Any]) -> None:
    """Refuse arguments that only go with arrays."""
    if given.get("batch_size") is not None:
        raise K2ValueError(
            "The `batch_size` argument must not be specified when using a generator or Sequence as an input."
        )
    if given.get("y") is not None:
        raise K2ValueError(
            "`y` argument is not supported when data isa generator or Sequence instance. Instead pass targets as the "
            "second element of the generator."
        )
    if given.get("sample_weight") is not None:
        raise K2ValueError(
            "`sample_weight` argument is not supported when data isa generator or Sequence instance. Instead pass "
            "sample weights as the third element of the generator."
        )
    if given.get("validation_split"):
        raise K2ValueError("If your data is in the form of a Python generator, you cannot use `validation_split`.")


def settings_of(source: Any) -> dict[str, Any]:
    """Return how a current sequence says that it is read."""
    names = {name: vars(source).get(f"_{name}", vars(source).get(name)) for name in READING if hasattr(source, name)}
    return {name: value for name, value in names.items() if value is not None}


def steps_of(source: Any, steps: int | None, name: str) -> int:
    """Return how many batches are read; raise an error if that is not known."""
    if steps is not None:
        return steps
    if is_sequence(source):
        return len(source)
    raise K2ValueError(
        f"`{name}=None` is only valid for a generator based on the `keras.utils.Sequence` class. Please specify "
        f"`{name}` or use the `keras.utils.Sequence` class."
    )


def fitting(keras: Any, source: Callable[[Any], Any]) -> Callable[..., Any]:
    """Make ``fit_generator`` of models."""

    def fit_generator(
        self: Any,
        generator: Any,
        steps_per_epoch: int | None = None,
        epochs: int = 1,
        verbose: Any = 1,
        callbacks: Any = None,
        validation_data: Any = None,
        validation_steps: int | None = None,
        validation_freq: Any = 1,
        class_weight: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        shuffle: bool = True,
        initial_epoch: int = 0,
    ) -> Any:
        """Train on batches of a generator or a ``Sequence``, each read as Keras 2.3.1 did."""
        steps = steps_of(generator, steps_per_epoch, "steps_per_epoch")
        is_read = is_source(validation_data)
        if is_read:
            validation_steps = steps_of(validation_data, validation_steps, "validation_steps")
        params = params_of(self, epochs, steps, verbose, is_read or bool(validation_data))
        history = keras.callbacks.History()
        vars(self)["history"] = history
        hooks = hooks_of(keras, self, [*as_list(callbacks), history], verbose, params)
        self.stop_training = False
        hooks.call("on_train_begin", None)
        readers = [reader_of(generator, shuffle, workers, max_queue_size)]
        validation: Any = None
        if is_read:
            validation = reader_of(validation_data, False, workers, max_queue_size)
            readers.append(validation)
        elif validation_data:
            validation, arrays = validation_arrays(self, validation_data, keras, source)
            hooks.give_validation_data(arrays)
        plan = generator_loop.GeneratorPlan(
            steps, epochs, initial_epoch, class_weight, steps_per_epoch is None and is_sequence(generator),
            validation, validation_steps, validation_freq, params,
        )  # fmt: skip
        with reading(readers):
            generator_loop.train(self, ModelSteps(self), readers[0], plan, hooks)
        finish(self)
        return history

    return fit_generator


def params_of(model: Any, epochs: int, steps: int, verbose: Any, is_validated: bool) -> dict[str, Any]:
    """Return what callbacks are told of a training."""
    names = list(model.metrics_names)
    return {
        "epochs": epochs,
        "steps": steps,
        "verbose": 1 if verbose == "auto" else verbose,
        "do_validation": is_validated,
        "metrics": [*names, *(f"val_{name}" for name in names)],
    }


def evaluating(keras: Any) -> Callable[..., Any]:
    """Make ``evaluate_generator`` of models."""

    def evaluate_generator(
        self: Any,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: Any = 0,
    ) -> Any:
        """Evaluate on batches of a generator or a ``Sequence``; the loss is that of the last one."""
        steps = steps_of(generator, steps, "steps")
        params = {"steps": steps, "verbose": verbose, "metrics": list(self.metrics_names)}
        hooks = hooks_of(keras, self, as_list(callbacks), verbose, params)
        reader = reader_of(generator, False, workers, max_queue_size)
        with reading([reader]):
            found = list(generator_loop.test(self, ModelSteps(self), reader, steps, hooks).values())
        return found[0] if len(found) == 1 else found

    return evaluate_generator


def predicting(keras: Any) -> Callable[..., Any]:
    """Make ``predict_generator`` of models."""

    def predict_generator(
        self: Any,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: Any = 0,
    ) -> Any:
        """Return the outputs for batches of a generator or a ``Sequence``."""
        steps = steps_of(generator, steps, "steps")
        hooks = hooks_of(keras, self, as_list(callbacks), verbose, {"steps": steps, "verbose": verbose})
        reader = reader_of(generator, False, workers, max_queue_size)
        with reading([reader]):
            return generator_loop.predict(self, reader, steps, hooks)

    return predict_generator


class ModelSteps:
    """The steps of a model for single batches, whose loss is that of the batch also where Keras takes them.

    Args:
        model: the model.
    """

    def __init__(self, model: Any):
        self.model = model
        self.stats = state_of(model).stats

    def train(self, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> Any:
        return self._own("train_on_batch", x, y, sample_weight=sample_weight, class_weight=class_weight)

    def test(self, x: Any, y: Any, sample_weight: Any) -> Any:
        return self._own("test_on_batch", x, y, sample_weight=sample_weight)

    def _own(self, method: str, *args: Any, **kwargs: Any) -> Any:
        taken = self.stats.own[method]
        values = getattr(self.model, method)(*args, **kwargs, reset_metrics=False)
        loss = None if self.stats.own[method] > taken else last_loss(self.model)
        if loss is None:
            return values
        return [loss, *values[1:]] if isinstance(values, (list, tuple)) else loss


class reading:
    """While it is open, readers read ahead.

    Args:
        readers: that have not begun.
    """

    def __init__(self, readers: list[Reader]):
        self.readers = readers

    def __enter__(self) -> None:
        for reader in reversed(self.readers):
            reader.start()

    def __exit__(self, *_: Any) -> None:
        for reader in self.readers:
            reader.stop()


def as_list(callbacks: Any) -> list[Any]:
    """Return callbacks as a list."""
    if callbacks is None:
        return []
    given = callbacks if isinstance(callbacks, (list, tuple)) else getattr(callbacks, "callbacks", [callbacks])
    return [one for one in given if one is not None]


def hooks_of(keras: Any, model: Any, callbacks: list[Any], verbose: Any, params: dict[str, Any]) -> Hooks:
    """Return the callbacks of a call, and a progress bar."""
    verbose = 1 if verbose == "auto" else verbose
    if not verbose:
        return Hooks(keras.callbacks.Callback, model, callbacks, params, params["steps"])
    bar = keras.callbacks.ProgbarLogger()
    bar.use_steps = True  # that of tf_keras counts samples otherwise, which it is not told of
    return Hooks(keras.callbacks.Callback, model, [bar, *callbacks], {"epochs": 1, **params}, params["steps"])


def validation_arrays(model: Any, data: Any, keras: Any, source: Callable[[Any], Any]) -> tuple[Any, list[Any]]:
    """Return arrays to validate on: inputs, targets and weights, and the list of them that callbacks see."""
    if len(data) not in (2, 3):
        raise K2ValueError(
            "`validation_data` should be a tuple `(val_x, val_y, val_sample_weight)` or `(val_x, val_y)`. Found: "
            f"{data}"
        )
    x, y, weights = (*data, None)[:3]
    signature = signature_of(model, keras, source)
    if signature is None:
        return (x, y, weights), [part for part in (x, y, weights) if part is not None]
    xs, ys, ws = standardize(signature, x, y, weights)
    floatx = keras.backend.floatx()
    modes = signature.modes or [None] * len(ys)
    full = [full_weights(*one, floatx) for one in zip(ys, ws, modes, strict=True)]
    phase = [0.0] if getattr(model, "uses_learning_phase", False) else []
    return (x, y, weights), [*xs, *ys, *full, *phase]


def finish(model: Any) -> None:
    """Do what Keras does at the end of ``fit``: weights that an optimizer averages become the model's."""
    optimizer: Any = getattr(model, "optimizer", None)
    if getattr(optimizer, "use_ema", False):
        optimizer.finalize_variable_values(model.trainable_weights)
