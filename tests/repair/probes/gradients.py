"""Probes of the repairs of registered gradients."""

import numpy as np
import tensorflow as tf
from kerases import keras, layers
from tensorflow.python.framework import ops

from k2compat import backend as K
from repair.probes import probe


def graph():
    return tf.compat.v1.get_default_graph()


def doubling(of):
    """The name of a gradient: twice that of a type of operation."""
    name = f"Doubled{of}"
    if name not in ops._gradient_registry._registry:
        real = ops._gradient_registry.lookup(of)
        tf.RegisterGradient(name)(lambda op, *upstream: 2.0 * real(op, *upstream))
    return name


@probe
def gradient_override_map():
    p = K.placeholder((2,))
    with graph().gradient_override_map({"Tanh": doubling("Tanh")}):
        y = K.tanh(p)
    assert K.function([p], K.gradients(y, p))([[0.0, 0.0]])[0].tolist() == [2.0, 2.0]


@probe
def layer_gradients():
    with graph().gradient_override_map({"Tanh": doubling("Tanh")}):
        model = keras.Sequential([layers.Input((1,)), layers.Dense(1, activation="tanh", kernel_initializer="ones")])
    model.compile("sgd", "mae")
    model.train_on_batch(np.zeros((1, 1), "float32"), np.ones((1, 1), "float32"))
    assert np.isclose(model.get_weights()[1], 0.02)


@probe
def default_graph():
    with graph().as_default():
        assert tf.executing_eagerly()


@probe
def gradient_operations():
    from tensorflow.python.ops import nn_grad

    x = K.placeholder((1, 2, 2, 1))
    pooled = tf.nn.max_pool2d(x, 2, 2, "VALID")
    found = nn_grad.gen_nn_ops.max_pool_grad(x, pooled, pooled, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    shares = nn_grad.gen_nn_ops.avg_pool_grad(tf.shape(x), pooled, [1, 2, 2, 1], [1, 2, 2, 1], padding="VALID")
    values = K.function([x], [found, shares])([np.array([1.0, 4.0, 2.0, 3.0]).reshape(1, 2, 2, 1)])
    assert values[0].ravel().tolist() == [0.0, 4.0, 0.0, 0.0]
    assert values[1].ravel().tolist() == [1.0] * 4
