"""What tests of the engine share: small models, a second oracle for gradients, and the shape of an error message."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from kerases import keras, layers

from k2compat import backend as K

FLOAT64_STEP = 1e-5
FLOAT64_TOLERANCE = 1e-7


class LeftToKeras(keras.Model):
    """A model that Keras's own loop trains: it makes its training function itself."""

    def make_train_function(self, force: bool = False) -> Any:
        return super().make_train_function(force)

    def make_test_function(self, force: bool = False) -> Any:
        return super().make_test_function(force)


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    """Standard normal numbers, float64."""
    return np.random.RandomState(seed).standard_normal(shape)


def words(text: str) -> list[str]:
    """The words of a text: a list of names that can be read."""
    return text.split()


def dense_model(features: int = 4, classes: int = 3, name: str = "model_input") -> keras.Model:
    """Input -> Dense "hidden" (tanh) -> Dense "predictions" (softmax), with weights that differ from each other."""
    x = layers.Input((features,), name=name)
    hidden = layers.Dense(5, activation="tanh", name="hidden")(x)
    return filled(keras.Model(x, layers.Dense(classes, activation="softmax", name="predictions")(hidden)))


def normalized_model() -> keras.Model:
    """A model the learning phase matters to: Dense "h", BatchNormalization "bn", Dropout and a softmax."""
    x = layers.Input((8,), name="model_input")
    y = layers.Dense(6, activation="relu", name="h")(x)
    y = layers.BatchNormalization(name="bn")(y)
    y = layers.Dropout(0.5, name="dropout")(y)
    return filled(keras.Model(x, layers.Dense(3, activation="softmax", name="predictions")(y)))


def filled(model: Any, seed: int = 1) -> Any:
    """Draws every weight of a model; positive ones, so that variances are."""
    random = np.random.RandomState(seed)
    model.set_weights(
        [
            random.uniform(0.1, 0.9, w.shape) * (1 if w.ndim == 1 else random.choice([-1, 1], w.shape))
            for w in model.get_weights()
        ]
    )
    return model


@contextlib.contextmanager
def floatx(name: str) -> Iterator[None]:
    """Another default float type for a while."""
    before = K.floatx()
    K.set_floatx(name)
    try:
        yield
    finally:
        K.set_floatx(before)


def tiers(function: Callable[[Any], Any], values: Any) -> Any:
    """What a function returns, after making sure that its eager first call and its compiled second one agree."""
    first, second = function(values), function(values)
    flat_first, flat_second = tf.nest.flatten(first), tf.nest.flatten(second)
    assert len(flat_first) == len(flat_second)
    for eager, compiled in zip(flat_first, flat_second, strict=True):
        np.testing.assert_allclose(eager, compiled, rtol=1e-5, atol=1e-6)
    return second


def finite_differences(
    function: Callable[..., float], values: Sequence[np.ndarray], step: float = FLOAT64_STEP
) -> list[np.ndarray]:
    """Central differences of a scalar function with respect to each element of each of its arguments."""
    differences = []
    for position, value in enumerate(values):
        slopes = np.zeros(value.shape)
        for index in np.ndindex(value.shape):
            ends = []
            for sign in (1, -1):
                moved = [np.array(other, dtype="float64") for other in values]
                moved[position][index] += sign * step
                ends.append(float(function(*moved)))
            slopes[index] = (ends[0] - ends[1]) / (2 * step)
        differences.append(slopes)
    return differences


def weighted_sum(tensor: Any, seed: int = 7) -> Any:
    """A scalar to which each element of a tensor adds with a weight of its own, so that a permuted one is found."""
    shape = K.int_shape(tensor)
    weights = np.random.RandomState(seed).uniform(0.5, 1.5, shape)
    return K.sum(tensor * weights)


def check_gradients(
    build: Callable[..., Any],
    *values: Any,
    order: int = 1,
    tolerance: float = FLOAT64_TOLERANCE,
    step: float = FLOAT64_STEP,
) -> None:
    """Compares ``K.gradients`` with finite differences, in float64.

    Args:
        build: makes a symbolic tensor from one placeholder for each value.
        *values: where to differentiate.
        order: which derivative is compared; those below it are taken by ``K.gradients`` and make the loss for it.
        tolerance: the largest error allowed, relative to the largest difference.
        step: of the differences.
    """
    arrays = [np.asarray(value, "float64") for value in values]
    placeholders = [K.placeholder(array.shape, dtype="float64") for array in arrays]
    loss = weighted_sum(build(*placeholders))
    for _ in range(order - 1):
        loss = sum(weighted_sum(gradient) for gradient in K.gradients(loss, placeholders) if gradient is not None)
    gradients = K.gradients(loss, placeholders)
    assert None not in gradients, "a gradient is missing"
    found = tiers(K.function(placeholders, gradients), arrays)
    expected = finite_differences(loss_of(placeholders, loss), arrays, step)
    for got, wanted in zip(found, expected, strict=True):
        assert got.dtype == np.float64
        np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance * max(1.0, np.abs(wanted).max()))


def loss_of(placeholders: Sequence[Any], loss: Any) -> Callable[..., float]:
    function = K.function(list(placeholders), [loss])
    return lambda *moved: function(list(moved))[0]


def parts(error: BaseException) -> tuple[str, str, str]:
    """The three parts of an error of k2compat: what was received, what was expected, what to do.

    Raises:
        AssertionError: one is missing or empty, or the first line is no sentence.
    """
    first, *notes, advice = str(error).splitlines()
    mark = ", but expected " if first.startswith("Received ") else ". Expected "
    received, found, expected = first.partition(mark)
    assert found and advice.startswith("  "), f"not in three parts: {error}"
    assert received.strip() and expected.strip() and advice.strip(), f"an empty part: {error}"
    assert first.endswith((".", ")")), f"no sentence in the first line: {error}"
    received = "\n".join([received, *notes])
    return received, expected, advice.strip()
