"""Models trained with ``fit`` whose layers, losses, metrics and callbacks are written with K functions."""

import numpy as np
import pytest
from helpers import normal
from kerases import keras, layers, optimizers

from k2compat import backend as K

X, Y = normal(8, 4).astype("float32"), normal(8, 1, seed=1).astype("float32")
EAGER = pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "eagerly"])


class Scaled(layers.Layer):
    """A layer as Keras 2 code wrote it: one weight by add_weight, one by K.variable."""

    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel", shape=(int(input_shape[-1]), self.units), initializer=spread, trainable=True
        )
        self.scale = K.variable(np.full(self.units, 0.5), name="scale")
        super().build(input_shape)

    def call(self, x):
        return K.dot(x, self.kernel) * self.scale + K.sum(K.square(self.scale)) * 0.01

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)


def spread(shape, dtype=None, **_):
    return K.constant(np.linspace(-0.5, 0.5, int(np.prod(shape))).reshape(tuple(shape)), dtype=dtype)


def one_layer(layer, seed=2):
    """Input -> the layer -> Dense "end" with fixed weights."""
    x = layers.Input((4,))
    hidden = layer(x)
    model = keras.Model(x, layers.Dense(1, name="end")(hidden))
    end = model.get_layer("end")
    end.set_weights([normal(*w.shape, seed=seed) for w in end.get_weights()])
    return model


def trained(model, loss, eagerly, epochs=3, **kwargs):
    model.compile(optimizers.SGD(lr=0.05), loss, run_eagerly=eagerly, metrics=kwargs.pop("metrics", None))
    return model.fit(X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0, **kwargs).history


@EAGER
def test_a_layer_trains_all_its_weights(eagerly):
    model = one_layer(Scaled(name="scaled"))
    before = model.get_weights()
    assert len(before) == 4
    history = trained(model, "mse", eagerly)
    assert history["loss"][-1] < history["loss"][0]
    assert all(np.abs(new - old).max() > 1e-6 for new, old in zip(model.get_weights(), before, strict=True))


@EAGER
def test_the_steps_are_those_of_gradients(eagerly):
    model = one_layer(Scaled(name="scaled"))
    target = K.placeholder((None, 1))
    loss = K.mean(K.square(target - model.output))
    gradients = K.function([model.input, target], K.gradients(loss, model.trainable_weights))([X, Y])
    before = [K.get_value(weight) for weight in model.trainable_weights]
    trained(model, "mse", eagerly, epochs=1)
    for weight, old, gradient in zip(model.trainable_weights, before, gradients, strict=True):
        np.testing.assert_allclose(K.get_value(weight), old - 0.05 * gradient, rtol=1e-4, atol=1e-6)


@EAGER
def test_a_loss_and_a_metric(eagerly):
    def loss(y_true, y_pred):
        return K.mean(K.abs(y_true - y_pred) * K.constant([2.0]), axis=-1)

    def largest(y_true, y_pred):
        return K.max(K.abs(y_true - y_pred))

    model = one_layer(layers.Dense(3))
    errors = np.abs(Y - model.predict(X))
    history = trained(model, loss, eagerly, metrics=[largest])
    np.testing.assert_allclose(history["loss"][0], 2 * errors.mean(), rtol=1e-4)
    np.testing.assert_allclose(history["largest"][0], errors.max(), rtol=1e-4)


@EAGER
def test_a_constraint_and_a_regularizer(eagerly):
    def at_most_one(w):
        return w / K.maximum(K.sqrt(K.sum(K.square(w), axis=0, keepdims=True)), 1.0)

    def size(w):
        return 0.1 * K.sum(K.abs(w))

    model = one_layer(layers.Dense(3, kernel_constraint=at_most_one, kernel_regularizer=size, name="limited"))
    kernel = model.get_layer("limited").kernel
    K.set_value(kernel, 4 * normal(4, 3, seed=5))
    plain = np.mean(np.square(Y - model.predict(X)))
    expected = plain + 0.1 * np.abs(K.get_value(kernel)).sum()
    history = trained(model, "mse", eagerly)
    np.testing.assert_allclose(history["loss"][0], expected, rtol=1e-4)
    assert np.sqrt(np.square(K.get_value(kernel)).sum(axis=0)).max() < 1 + 1e-5


@EAGER
def test_a_callback_sets_the_learning_rate(eagerly):
    class Falling(keras.callbacks.Callback):
        seen = []

        def on_epoch_begin(self, epoch, logs=None):
            rate = float(K.get_value(self.model.optimizer.lr))
            self.seen.append(rate)
            K.set_value(self.model.optimizer.lr, rate * 0.5)

    model = one_layer(layers.Dense(3))
    falling = Falling()
    trained(model, "mse", eagerly, callbacks=[falling])
    np.testing.assert_allclose(falling.seen, [0.05, 0.025, 0.0125], rtol=1e-6)
    np.testing.assert_allclose(K.get_value(model.optimizer.lr), 0.00625, rtol=1e-6)


@EAGER
def test_a_loss_is_annealed_by_a_variable(eagerly):
    share = K.variable(0.0)

    class Annealing(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            K.set_value(share, K.get_value(share) + 1.0)

    def loss(y_true, y_pred):
        return share * K.ones_like(K.mean(y_pred, axis=-1)) + 0.0 * K.mean(K.square(y_true - y_pred), axis=-1)

    history = trained(one_layer(layers.Dense(3)), loss, eagerly, callbacks=[Annealing()])
    np.testing.assert_allclose(history["loss"], [0.0, 1.0, 2.0], atol=1e-5)


def test_a_learning_rate_is_live_in_expressions():
    for optimizer in (optimizers.Adam(lr=0.5), optimizers.SGD(lr=0.5, decay=0.1)):
        half = optimizer.lr * 0.5
        K.set_value(optimizer.lr, 4.0)
        assert K.eval(half) == 2.0


def test_a_loss_closes_over_tensors_of_its_model():
    x = layers.Input((4,))
    mean = layers.Dense(2, name="mean")(x)
    width = layers.Dense(2, name="width")(x)
    drawn = layers.Lambda(lambda both: both[0] + K.exp(both[1] / 2) * 0.0)([mean, width])
    model = keras.Model(x, layers.Dense(1)(drawn))
    inner = K.function([x], [mean, width])([X])

    def loss(y_true, y_pred):
        distance = -0.5 * K.sum(1 + width - K.square(mean) - K.exp(width), axis=-1)
        return K.mean(K.square(y_true - y_pred), axis=-1) + distance

    expected = np.square(Y - model.predict(X)).mean()
    expected += -0.5 * np.sum(1 + inner[1] - np.square(inner[0]) - np.exp(inner[1]), axis=-1).mean()
    history = trained(model, loss, False, epochs=1)
    np.testing.assert_allclose(history["loss"][0], expected, rtol=1e-4)


@EAGER
def test_a_lambda_layer_and_train_on_batch(eagerly):
    model = one_layer(layers.Lambda(lambda x: K.l2_normalize(x, axis=1) * K.constant(2.0)))
    model.compile(optimizers.SGD(lr=0.05), "mse", run_eagerly=eagerly)
    losses = [float(np.ravel(model.train_on_batch(X, Y))[0]) for _ in range(3)]
    assert losses[2] < losses[0]
    np.testing.assert_allclose(np.ravel(model.test_on_batch(X, Y))[0], np.mean((model.predict(X) - Y) ** 2), rtol=1e-4)
