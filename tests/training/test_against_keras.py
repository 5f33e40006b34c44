"""The training loop against Keras's own, which is back when the repair is undone: same numbers, same structures."""

import contextlib

import numpy as np
import pytest
import tensorflow as tf
from helpers import filled, normal
from kerases import keras, layers

import k2compat
from k2compat import backend as K

X, Y, Z = (normal(23, size, seed=size).astype("float32") for size in (4, 3, 1))
REPAIR = next(repair for repair in k2compat.repairs() if repair.name == "training_loop")
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


@contextlib.contextmanager
def without_loop():
    REPAIR.undo()
    try:
        yield
    finally:
        REPAIR.apply()


def dense(**kwargs):
    x = layers.Input((4,))
    return filled(keras.Model(x, layers.Dense(3)(layers.Dense(5, activation="tanh", **kwargs)(x))))


def trained(model, x=X, y=Y, **kwargs):
    history = model.fit(x, y, epochs=2, batch_size=5, shuffle=False, verbose=0, **kwargs).history
    on_batch = []
    for method in (model.train_on_batch, model.test_on_batch):
        model.reset_metrics()  # Keras 2.3.1 reset them after a step, not before it
        on_batch.append(method(x, y))
    evaluated = model.evaluate(x, y, batch_size=7, verbose=0)
    predicted = [model.predict(x, batch_size=6, verbose=0), model.predict_on_batch(x)]
    return [history, on_batch, evaluated, predicted, model.get_weights()]


@case
def metric_objects():
    model = dense()
    model.compile("sgd", "mse", metrics=[keras.metrics.MeanAbsoluteError(name="gap"), "mse"])
    return model, trained(model)


@case
def regularized_and_normalized():
    x = layers.Input((4,))
    y = layers.BatchNormalization()(layers.Dense(5, kernel_regularizer=keras.regularizers.l2(0.1))(x))
    model = filled(keras.Model(x, layers.Dense(3, activity_regularizer="l2")(y)))
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model, trained(model)


@case
def eager():
    model = dense()
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=True)
    return model, trained(model)


@case
def compiled_by_xla():
    model = dense()
    model.compile("sgd", "mse", jit_compile=True)
    return model, trained(model)


@case
def own_steps():
    class Own(keras.Model):
        def train_step(self, data):
            x, y = data[:2]
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(self(x, training=True) - y))
            weights = self.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
            return {"mine": loss, "other": loss * 2.0}

        def test_step(self, data):
            return {"largest": tf.reduce_max(tf.abs(self(data[0]) - data[1]))}

        def predict_step(self, data):
            data = data[0] if isinstance(data, tuple) else data
            return {"doubled": self(data) * 2.0, "as_is": self(data)}

    x = layers.Input((4,))
    model = filled(Own(x, layers.Dense(3)(x)))
    model.compile("sgd", "mse")
    return model, trained(model)


@case
def subclassed():
    class Sub(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(3, kernel_initializer="ones")

        def call(self, inputs, training=None):
            return self.dense(inputs) * (2.0 if training else 1.0)

    model = Sub()
    model.compile("sgd", "mse", metrics=["mae"])
    return model, trained(model)


@case
def without_input_shape():
    model = keras.Sequential([layers.Dense(5, kernel_initializer="ones"), layers.Dense(3, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    return model, trained(model)


@case
def several_inputs_and_outputs():
    a, b = layers.Input((4,), name="a"), layers.Input((1,), name="b")
    y = layers.Concatenate()([a, b])
    model = filled(keras.Model([a, b], [layers.Dense(3, name="p")(y), layers.Dense(1, name="q")(y)]))
    model.compile("sgd", {"p": "mse", "q": "mae"}, metrics={"q": ["mse"]}, loss_weights={"p": 0.5, "q": 2.0})
    return model, trained(model, [X, Z], [Y, Z])


@case
def named_arrays():
    a, b = layers.Input((4,), name="a"), layers.Input((1,), name="b")
    model = filled(keras.Model([a, b], layers.Dense(3)(layers.Concatenate()([a, b]))))
    model.compile("sgd", "mse")
    return model, trained(model, {"a": X, "b": Z}, Y)


@case
def added_loss():
    x = layers.Input((4,))
    mean = layers.Dense(2, name="mean")(x)
    model = filled(keras.Model(x, layers.Dense(3)(mean)))
    model.add_loss(K.mean(K.square(mean)))
    model.compile("sgd", "mse")
    return model, trained(model)


@case
def loss_over_tensors():
    x = layers.Input((4,))
    mean = layers.Dense(2, name="mean")(x)
    model = filled(keras.Model(x, layers.Dense(3)(mean)))
    model.compile("sgd", lambda target, output: K.mean(K.square(target - output)) + K.mean(K.square(mean)))
    return model, trained(model)


@case
def masked_sequences():
    x = layers.Input((None,))
    y = layers.LSTM(3)(layers.Embedding(7, 2, mask_zero=True)(x))
    model = filled(keras.Model(x, y))
    model.compile("sgd", "mse")
    return model, trained(model, np.arange(23 * 5).reshape(23, 5) % 7, Y)


@case
def stateful():
    model = keras.Sequential([layers.Input(batch_shape=(1, 2, 3)), layers.SimpleRNN(2, stateful=True)])
    filled(model)
    model.compile("sgd", "mse")
    x, y = normal(4, 2, 3), normal(4, 2)
    found = [model.fit(x, y, batch_size=1, epochs=2, shuffle=False, verbose=0).history]
    return model, [*found, model.predict(x, batch_size=1, verbose=0), *model.get_weights()]


@case
def sparse_labels():
    x = layers.Input((4,))
    model = filled(keras.Model(x, layers.Dense(3, activation="softmax")(x)))
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, trained(model, X, np.arange(23) % 3)


@case
def weighted_samples():
    model = dense()
    model.compile("sgd", "mse", weighted_metrics=["mae"])
    return model, trained(model, sample_weight=np.linspace(0, 1, 23), validation_data=(X, Y, np.linspace(1, 0, 23)))


def test_the_loop_runs_what_it_is_to():
    model, _ = CASES["metric_objects"]()
    stats = k2compat.training_stats(model)
    assert dict(stats.own) == {
        "fit": 1,
        "train_on_batch": 1,
        "test_on_batch": 1,
        "evaluate": 1,
        "predict": 1,
        "predict_on_batch": 1,
    }
    assert not stats.keras


@pytest.mark.parametrize("name", CASES)
def test_keras_gives_the_same(name):
    model, found = CASES[name]()
    assert not k2compat.training_stats(model).keras
    with without_loop():
        other, expected = CASES[name]()
    assert not k2compat.training_stats(other).own
    compare(expected, found)


def compare(expected, found):
    """Demand the same structure and numbers; tuples of Keras may be lists."""
    if isinstance(expected, dict):
        assert set(found) == set(expected)
        for name in expected:
            compare(expected[name], found[name])
    elif isinstance(expected, (list, tuple)):
        assert isinstance(found, (type(expected), list))
        assert len(expected) == len(found)
        for pair in zip(expected, found, strict=True):
            compare(*pair)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
