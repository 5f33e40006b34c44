"""Variables that a loss or the ``call`` of a layer makes."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import normal
from kerases import keras, layers

from k2compat import backend as K

X, Y = normal(8, 4).astype("float32"), normal(8, 1, seed=1).astype("float32")


def model_with(loss, **kwargs):
    model = keras.Sequential([layers.Input((4,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.1), loss, **kwargs)
    return model


def test_a_variable_of_a_loss_is_one_in_all_traces():
    made = []

    def loss(y_true, y_pred):
        made.append(K.variable(2.0))
        return K.square(y_true - y_pred) * made[-1]

    model = model_with(loss)
    model.fit(X, Y, batch_size=3, epochs=2, verbose=0)
    before = model.evaluate(X, Y, verbose=0)
    K.set_value(made[0], 4.0)
    assert len({id(variable) for variable in made}) == 1
    assert np.isclose(model.evaluate(X, Y, verbose=0), 2 * before)


def test_each_compile_makes_its_own():
    made = []

    def loss(y_true, y_pred):
        made.append(K.variable(1.0))
        return K.square(y_true - y_pred) * made[-1]

    first, second = model_with(loss), model_with(loss)
    for model in (first, second):
        model.train_on_batch(X, Y)
    K.set_value(made[0], 0.0)
    first.compile("sgd", loss)
    assert first.test_on_batch(X, Y) > 0
    assert second.test_on_batch(X, Y) > 0


def test_variables_of_one_line_are_told_apart():
    def loss(y_true, y_pred):
        first, second = (K.variable(value) for value in (1.0, 3.0))
        return K.square(y_true - y_pred) * (second - first)

    model = model_with(loss)
    expected = 2 * np.mean((Y - model.predict(X, verbose=0)) ** 2)
    assert np.isclose(model.test_on_batch(X, Y), expected)
    assert np.isclose(model.train_on_batch(X, Y), expected)


def test_a_variable_has_the_size_that_is_asked_for():
    @tf.function
    def filled(x):
        return x + K.ones(K.int_shape(x))

    for rows in (2, 5):
        assert filled(tf.zeros((rows, 3))).shape == (rows, 3)


@pytest.mark.parametrize("which", ["2.2", ""])
def test_masked_losses_of_a_trained_model(monkeypatch, which):
    """A mask and weights, by hand: the switch holds for fit, evaluate and single batches alike."""
    monkeypatch.setenv("K2COMPAT_MASKED_LOSS", which)
    x = layers.Input((3, 1))
    steps = layers.TimeDistributed(layers.Dense(1, use_bias=False, kernel_initializer="ones"))(layers.Masking()(x))
    model = keras.Model(x, steps)
    model.compile(keras.optimizers.SGD(0.0), "mse")
    rows = np.array([[[1.0], [2.0], [0.0]], [[3.0], [0.0], [0.0]]], "float32")
    y, mask = np.zeros((2, 3, 1), "float32"), rows[..., 0] != 0
    expected = (rows[..., 0] ** 2 * mask).sum() / (mask.sum() if which else mask.size)
    history = model.fit(rows, y, verbose=0, batch_size=2).history["loss"]
    values = [*history, model.evaluate(rows, y, verbose=0), model.train_on_batch(rows, y), model.test_on_batch(rows, y)]
    assert np.allclose(values, expected)
