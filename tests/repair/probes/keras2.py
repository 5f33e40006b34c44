"""Probes of the repairs of Keras 2: those it shares with Keras 3, and its own."""

import importlib

import numpy as np
import tensorflow as tf
from helpers import dense_model, normal
from kerases import keras, layers

from k2compat import backend as K
from repair.probes import probe_of_keras2


@probe_of_keras2
def tensor_functions():
    model = dense_model()
    last = model.layers[-1]
    before = len(last._outbound_nodes)
    made = [tf.reduce_sum(model.output), model.output * 2.0, model.output[:, np.int64(0)]]
    assert len(last._outbound_nodes) == before
    assert all(map(K.is_tensor, made))


@probe_of_keras2
def layer_state():
    class Counting(layers.Layer):
        def call(self, inputs):
            self.add_update(lambda: calls.assign_add(1.0))
            return inputs * 2.0

    calls, x = tf.Variable(0.0, trainable=False), layers.Input((3,))
    y, before = Counting()(x), calls.numpy()
    K.function([x, K.learning_phase()], [y])([normal(4, 3), 1])
    assert calls.numpy() == before


@probe_of_keras2
def layer_call():
    v = K.variable([[1.0, 2.0]])
    dense = layers.Dense(2, kernel_initializer="ones")(v)
    K.set_value(v, [[3.0, 4.0]])
    x = layers.Input((100,))
    K.set_learning_phase(1)
    try:
        dropped = keras.Model(x, layers.Dropout(0.5)(x))
    finally:
        K.clear_session()
    assert K.function([], [dense])([])[0].tolist() == [[7.0, 7.0]]
    assert 0.0 in dropped.predict(np.ones((1, 100)))


@probe_of_keras2
def model_layers():
    x = layers.Input((2,))
    model = keras.Model(x, layers.Dense(1)(K.concatenate([x, x])))
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Dense"]


@probe_of_keras2
def model_add_loss():
    x = layers.Input((1,))
    model = keras.Model(x, layers.Dense(1, use_bias=False, weights=[np.array([[2.0]])])(x))
    model.add_loss(K.mean(1 + model.output * 3.0))
    model.compile(keras.optimizers.SGD(1.0))
    assert model.train_on_batch(np.ones((1, 1))) == 7.0
    assert model.get_weights()[0] == -1.0


@probe_of_keras2
def output_losses():
    x = layers.Input((1,))
    model = keras.Model(x, [layers.Dense(1, name=name, kernel_initializer="zeros")(x) for name in "ab"])
    model.compile("sgd", "mse")
    rows = np.array([[1.0], [1.0], [3.0]])
    assert model.evaluate(rows, [rows, rows], batch_size=2, verbose=0)[1] == 5.0


@probe_of_keras2
def old_modules():
    def taken(module, name):
        return getattr(importlib.import_module(f"{keras.__name__}.{module}"), name)

    found = [taken("engine", "Layer"), taken("engine.topology", "InputSpec"), taken("layers.core", "Dense")]
    assert found == [layers.Layer, layers.InputSpec, layers.Dense]
    assert taken("utils.np_utils", "to_categorical")
