"""Gradients of gradients: what is zero everywhere is left out of the computation, and the values stay the same."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import filled, normal
from kerases import keras, layers

from k2compat import backend as K
from k2compat.graph.symbols import variable_of
from k2compat.runtime.direct_call import running
from k2compat.runtime.executor import Run

SAMPLES = normal(3, 8, 8, 2, seed=4).astype("float32")
CONVOLUTIONS = {"Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"}


def critic(*between):
    """A critic with two convolutions, each followed by the layers that ``between`` makes."""
    x = samples = layers.Input((8, 8, 2))
    for filters in (3, 4):
        x = layers.Conv2D(filters, 3, padding="same")(x)
        for make in between:
            x = make()(x)
    return filled(keras.Model(samples, layers.Dense(1)(layers.Flatten()(x))))


def penalty_of(slopes, mean, sum_, square, sqrt):
    return mean(square(sqrt(sum_(square(slopes), (1, 2, 3))) - 1))


def by_hand(model):
    """The penalty and its gradients as TensorFlow's own tapes compute them."""
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            samples = tf.constant(SAMPLES)
            inner.watch(samples)
            score = model(samples)
        slopes = inner.gradient(score, samples)
        penalty = penalty_of(slopes, tf.reduce_mean, tf.reduce_sum, tf.square, tf.sqrt)
    weights = list(map(variable_of, model.trainable_weights))
    zero = tf.UnconnectedGradients.ZERO
    return [penalty, *outer.gradient(penalty, weights, unconnected_gradients=zero)]


def recorded(model):
    """The function of the same penalty and gradients, and the weights that have a gradient."""
    slopes = K.gradients(model.output, model.input)[0]
    penalty = penalty_of(slopes, K.mean, K.sum, K.square, K.sqrt)
    gradients = K.gradients(penalty, model.trainable_weights)
    kept = [number for number, gradient in enumerate(gradients) if gradient is not None]
    return K.function([model.input], [penalty, *(gradients[number] for number in kept)]), kept


ACTIVATIONS = {
    "relu": [lambda: layers.Activation("relu")],
    "leaky relu": [lambda: layers.LeakyReLU(0.2)],
    "relu6": [lambda: layers.ReLU(6.0)],
    "pooled": [lambda: layers.Activation("relu"), lambda: layers.MaxPooling2D(2)],
    "absolute": [lambda: layers.Lambda(lambda x: K.abs(x) + K.square(x))],
    "tanh": [lambda: layers.Activation("tanh")],
}


@pytest.mark.parametrize("between", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_the_gradients_of_a_penalty_are_those_of_nested_tapes(between):
    model = critic(*between)
    function, kept = recorded(model)
    found, expected = function([SAMPLES]), by_hand(model)
    for value, number in zip(found, [0, *(number + 1 for number in kept)], strict=True):
        np.testing.assert_allclose(value, expected[number], rtol=1e-4, atol=1e-6)
    assert {0, 2, 4} <= set(kept)  # the kernels
    assert np.abs(found[1]).max() > 1e-3


def test_zeros_are_not_carried_back_through_the_convolutions(monkeypatch):
    graphs = []
    compile_ = Run.compile
    monkeypatch.setattr(Run, "compile", lambda run: (compile_(run), graphs.append(run.concrete.graph))[0])
    function, _ = recorded(critic(lambda: layers.LeakyReLU(0.2)))
    function([SAMPLES])
    found = [operation.type for operation in running(graphs[0]) if operation.type in CONVOLUTIONS]
    # The forward pass, the slopes, and for each kernel its gradient; between these the way from one to the next.
    assert sorted(found) == ["Conv2D"] * 4 + ["Conv2DBackpropFilter"] * 2 + ["Conv2DBackpropInput"] * 2


def test_a_gradient_that_is_zero_everywhere_is_an_array_of_zeros():
    p = K.placeholder((None, 3))
    weight = K.variable(np.ones(3))
    slopes = K.gradients(K.sum(K.relu(p * p + weight)), p)[0]
    (gradient,) = K.gradients(K.sum(K.square(slopes)), weight)
    np.testing.assert_array_equal(K.function([p], [gradient])([np.ones((2, 3))])[0], np.zeros(3))


def test_a_user_s_tape_around_a_function_gets_its_gradient():
    p = K.placeholder((None, 3))
    slopes = K.gradients(K.sum(K.square(K.relu(p))), p)[0]
    (second,) = K.gradients(K.sum(K.square(slopes)), p)
    function = K.function([p], [second])

    @tf.function
    def third(values):
        with tf.GradientTape() as tape:
            tape.watch(values)
            (found,) = function([values])
        return tape.gradient(found, values)

    np.testing.assert_allclose(third(tf.constant([[1.0, 2.0, -3.0]])), [[8.0, 8.0, 0.0]])
