"""Methods of models that Keras took away."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2compat.adapters.repair import Repair

MAKERS = ("make_predict_function", "make_test_function", "make_train_function")


def old_methods_repair(keras: Any) -> Repair:
    """The repair of a Keras's models."""
    wanted: list[tuple[Any, Any]] = [
        (keras.Model, fit_generator),
        (keras.Model, evaluate_generator),
        (keras.Model, predict_generator),
    ]
    wanted += [(keras.Sequential, predict_classes), (keras.Sequential, predict_proba)]
    made = [(keras.Model, f"_{name}", maker(name)) for name in MAKERS if not hasattr(keras.Model, f"_{name}")]
    return Repair(
        "old_methods",
        "fit_generator, evaluate_generator and predict_generator of models, and predict_classes and predict_proba of "
        "Sequential ones, are gone, or about to go; fit, evaluate and predict do the same. Workers and queues are "
        "passed over. _make_predict_function and its kin have lost their underscores.",
        [*((kind, method.__name__, method) for kind, method in wanted), *made],
    )


def maker(name: str) -> Any:
    """The private method that programs with threads called before these began."""
    return lambda self: getattr(self, name)()


def fit_generator(
    self: Any,
    generator: Any,
    steps_per_epoch: Any = None,
    epochs: int = 1,
    verbose: Any = 1,
    callbacks: Any = None,
    validation_data: Any = None,
    validation_steps: Any = None,
    validation_freq: Any = 1,
    class_weight: Any = None,
    max_queue_size: int = 10,
    workers: int = 1,
    use_multiprocessing: bool = False,
    shuffle: bool = True,
    initial_epoch: int = 0,
) -> Any:
    """``fit`` from a generator of batches, which has its order, or from a ``Sequence``."""
    return self.fit(
        as_generator(generator),
        epochs=epochs,
        verbose=verbose,
        callbacks=callbacks,
        validation_data=as_generator(validation_data),
        shuffle=shuffle and hasattr(generator, "__getitem__"),
        class_weight=class_weight,
        initial_epoch=initial_epoch,
        steps_per_epoch=steps_per_epoch,
        validation_steps=validation_steps,
        validation_freq=validation_freq,
    )


def as_generator(source: Any) -> Any:
    """An iterator of any class as generator, the only one that ``fit`` takes; anything else as it is."""
    if hasattr(source, "__next__") and not hasattr(source, "__getitem__"):
        return (batch for batch in source)
    return source


def evaluate_generator(
    self: Any,
    generator: Any,
    steps: Any = None,
    callbacks: Any = None,
    max_queue_size: int = 10,
    workers: int = 1,
    use_multiprocessing: bool = False,
    verbose: int = 0,
) -> Any:
    """``evaluate`` from a generator of batches."""
    return self.evaluate(as_generator(generator), steps=steps, callbacks=callbacks, verbose=verbose)


def predict_generator(
    self: Any,
    generator: Any,
    steps: Any = None,
    callbacks: Any = None,
    max_queue_size: int = 10,
    workers: int = 1,
    use_multiprocessing: bool = False,
    verbose: int = 0,
) -> Any:
    """``predict`` from a generator of batches."""
    return self.predict(as_generator(generator), steps=steps, callbacks=callbacks, verbose=verbose)


def predict_classes(self: Any, x: Any, batch_size: int = 32, verbose: int = 0) -> np.ndarray:
    """The likeliest class of each sample; of a single output, whether it is above a half."""
    found = self.predict(x, batch_size=batch_size, verbose=verbose)
    return found.argmax(axis=-1) if found.shape[-1] > 1 else (found > 0.5).astype("int32")


def predict_proba(self: Any, x: Any, batch_size: int = 32, verbose: int = 0) -> np.ndarray:
    """``predict`` by another name."""
    return self.predict(x, batch_size=batch_size, verbose=verbose)
