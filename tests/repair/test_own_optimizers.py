"""Optimizers with a ``get_updates`` of their own under ``fit``: what the goldens do not show."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import dense_model, normal, parts
from kerases import keras, layers

from k2compat import backend as K

X, Y = normal(6, 4).astype("float32"), np.eye(3, dtype="float32")[[0, 1, 2, 0, 1, 2]]


class Own(keras.optimizers.Optimizer):
    """Gradient descent that counts how often it is asked for updates."""

    def __init__(self, lr=0.5, **kwargs):
        super().__init__(**kwargs)
        self.lr = K.variable(lr, name="lr")
        self.asked = 0

    def get_updates(self, loss, params):
        self.asked += 1
        self.updates = [(p, p - self.lr * g) for p, g in zip(params, self.get_gradients(loss, params), strict=True)]
        return self.updates


def stepped(optimizer, steps=1, model=None, **kwargs):
    """The change of a model's weights by some steps."""
    model = model or dense_model()
    model.compile(optimizer, "mse", **kwargs)
    before = model.get_weights()
    for _ in range(steps):
        model.train_on_batch(X, Y)
    return [new - old for new, old in zip(model.get_weights(), before, strict=True)]


def assert_like_sgd(changes, rate=0.5, **kwargs):
    for found, wanted in zip(changes, stepped(keras.optimizers.SGD(rate), **kwargs), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("eagerly", [False, True])
def test_the_step_is_that_of_get_updates(eagerly):
    assert_like_sgd(stepped(Own(), 3, run_eagerly=eagerly), steps=3)


def test_updates_are_made_once_for_all_sizes_of_batches():
    optimizer, model = Own(), dense_model()
    model.compile(optimizer, "mse")
    model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
    model.train_on_batch(X[:3], Y[:3])
    assert optimizer.asked == 1
    model.compile(optimizer, "mae")
    model.train_on_batch(X, Y)
    assert optimizer.asked == 2


def test_the_arguments_of_keras_1():
    class First(Own):
        def get_updates(self, params, constraints, loss):
            moved = super().get_updates(loss, params)
            return [(p, constraints[p](new) if p in constraints else new) for p, new in moved]

    x = layers.Input((4,))
    model = keras.Model(x, layers.Dense(3, kernel_constraint="non_neg", weights=[normal(4, 3), np.zeros(3)])(x))
    before = model.get_weights()
    changes = stepped(First(), model=model)
    free = keras.Model(x, layers.Dense(3, weights=before)(x))
    wanted = before[0] + stepped(keras.optimizers.SGD(0.5), model=free)[0]
    np.testing.assert_allclose(before[0] + changes[0], np.maximum(wanted, 0), atol=1e-6)


def test_constraints_of_keras_follow_the_variables():
    v = K.variable([1.0, 1.0], constraint=keras.constraints.NonNeg())
    train = K.function([], [], updates=keras.optimizers.SGD(lr=0.4).get_updates(K.sum(v * [1.0, -1.0]), [v]))
    for _ in range(3):
        train([])
    np.testing.assert_allclose(K.get_value(v), [0.0, 2.2], rtol=1e-6)


def test_present_optimizers_keep_their_own_way():
    class Present(keras.optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate=None):
            variable.assign_sub(0.25 * gradient)

        def get_updates(self, loss, params):
            raise AssertionError("not asked for")

    assert_like_sgd(stepped(Present(9.0)), 0.25)


def test_a_loss_that_does_not_reach_a_weight():
    x = layers.Input((4,))
    model = keras.Model(x, [layers.Dense(3)(x), layers.Lambda(K.stop_gradient)(layers.Dense(3, name="beside")(x))])
    model.compile(Own(), "mse")
    with pytest.raises(Exception, match="`None` for gradient"):
        model.train_on_batch(X, [Y, Y])


def test_gradients_of_gradients_are_refused():
    class Second(Own):
        def get_updates(self, loss, params):
            grads = self.get_gradients(loss, params)
            norm = sum(K.sum(K.square(g)) for g in grads)
            return [(p, p - g) for p, g in zip(params, K.gradients(norm, params), strict=True)]

    with pytest.raises(Exception, match="gradient"):
        stepped(Second())


def test_a_distribution_strategy_is_refused():
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope(), pytest.raises(Exception, match="distribution strategy"):
        stepped(Own())


def test_the_value_of_the_loss_can_be_used():
    class ByLoss(Own):
        def get_updates(self, loss, params):
            return [(params[0], K.zeros_like(params[0]) + loss)]

    model = dense_model()
    model.compile(ByLoss(), "mse")
    loss = model.train_on_batch(X, Y)
    np.testing.assert_allclose(model.get_weights()[0], loss, rtol=1e-6)


def test_settings_of_subclasses_are_live():
    class Slow(keras.optimizers.SGD):
        def get_gradients(self, loss, params):
            return [0.5 * g for g in super().get_gradients(loss, params)]

    optimizer, model = Slow(lr=1.0, momentum=0.0), dense_model()
    assert_like_sgd(stepped(optimizer, model=model))
    K.set_value(optimizer.momentum, 1.0)
    K.set_value(optimizer.lr, 0.0)
    before = model.get_weights()
    velocity = optimizer.get_weights()[1:]
    model.train_on_batch(X, Y)
    for new, old, moved in zip(model.get_weights(), before, velocity, strict=True):
        np.testing.assert_allclose(new - old, moved, atol=1e-6)


def test_set_weights_checks_what_it_is_given():
    optimizer = keras.optimizers.Adam()
    with pytest.raises(ValueError, match="does not match the number of weights") as caught:
        optimizer.set_weights([np.zeros(3)])
    parts(caught.value)
    model = dense_model()
    model.compile(optimizer, "mse")
    model._make_train_function()
    state = model.optimizer.get_weights()
    assert [np.shape(value) for value in state[-4:]] == [(1,)] * 4
    with pytest.raises(ValueError, match="not compatible") as caught:
        model.optimizer.set_weights([np.zeros(2), *state[1:]])
    parts(caught.value)


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras and NumPy, on saving
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_what_keras_cannot_know_of_an_optimizer_of_tensorflow_1_is_said(tmp_path):
    model = dense_model()
    model.compile(tf.compat.v1.train.AdamOptimizer(0.1), "mse")
    for name in ("lr", "learning_rate"):
        with pytest.raises(AttributeError, match="'TFOptimizer' object has no attribute 'learning_rate'"):
            getattr(model.optimizer, name)
    for ask in (lambda: model.optimizer.weights, model.optimizer.get_config):
        with pytest.raises(NotImplementedError):
            ask()
    path = str(tmp_path / "model.h5")
    with pytest.warns(UserWarning, match="TensorFlow optimizers do not make it possible to access optimizer"):
        model.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])
    assert not getattr(loaded, "optimizer", None)


def test_an_optimizer_of_tensorflow_1_applies_constraints_in_a_session():
    weight = K.variable([3.0, 4.0], constraint=keras.constraints.UnitNorm(axis=0))
    step = tf.compat.v1.train.GradientDescentOptimizer(1.0).minimize(K.sum(weight * [0.0, 1.0]), var_list=[weight])
    K.get_session().run(step)
    np.testing.assert_allclose(K.get_value(weight), [2**-0.5, 2**-0.5], rtol=1e-6)


class Falling(Own):
    """Sets its decay as the optimizers of Keras 2 did: a variable, and the number that it began with."""

    def __init__(self, decay=0.5, **kwargs):
        super().__init__(**kwargs)
        self.decay = K.variable(decay, name="decay")
        self.initial_decay = decay


def test_a_decay_is_a_variable_beside_the_number_that_it_began_with():
    optimizer = Falling(decay=0.25)
    assert optimizer.initial_decay == 0.25
    assert K.get_value(optimizer.decay) == 0.25
    assert K.dtype(optimizer.decay) == "float32"
    assert (keras.optimizers.SGD(0.1).decay, keras.optimizers.SGD(0.1, decay=0.5).initial_decay) == (0.0, 0.5)


class Still(Own):
    def get_updates(self, loss, params):
        return [K.update_add(self.lr, loss)]


def test_a_loss_that_no_weight_is_below():
    """As in tools that collect statistics of data by a training whose optimizer moves nothing."""
    x = layers.Input((4,))
    model = keras.Model(x, layers.Lambda(K.stop_gradient)(layers.Dense(3)(x)))
    model.compile(Still(), "mse")
    before = model.get_weights()[0]
    loss = model.train_on_batch(X, Y)
    assert np.isclose(K.get_value(model.optimizer.lr), 0.5 + loss, rtol=1e-5)
    assert np.array_equal(model.get_weights()[0], before)
