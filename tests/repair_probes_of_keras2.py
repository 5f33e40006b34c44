"""Probes of the repairs of Keras 2: those it shares with Keras 3, and its own."""

import numpy as np
import repair_probes
import repair_probes_of_models
import repair_probes_of_training
import tensorflow as tf
from helpers import dense_model, normal
from kerases import keras, layers

from k2compat import backend as K

assert repair_probes_of_models and repair_probes_of_training  # their probes are in PROBES, too

SHARED = [
    "tensorflow_records",
    "tensorflow_gradients",
    "tensorflow_assign",
    "tensorflow_loops",
    "tensorflow_custom_gradient",
    "tensorflow_update_order",
    "value_inside_evaluation",
    "tensor_shape",
    "tensor_eval",
    "tensor_identity",
    "tensor_value",
    "weight_operators",
    "weight_values",
    "layer_updates",
    "uses_learning_phase",
    "layer_weights",
    "input_tensor",
    "gru_reset_after",
    "bilinear_upsampling",
    "batch_norm",
    "activity_regularizer",
    "channels_first_on_cpu",
    "model_arguments",
    "model_nodes",
    "forward_pass",
    "silent_predict",
    "compiled_model",
    "weights_order",
    "old_methods",
    "compile_state",
    "optimizer_lr",
    "optimizer_steps",
    "optimizer_defaults",
    "optimizer_updates",
]
PROBES = {name: repair_probes.PROBES[name] for name in SHARED}


def probe(function):
    assert function.__name__ not in PROBES
    PROBES[function.__name__] = function
    return function


@probe
def tensor_functions():
    model = dense_model()
    last = model.layers[-1]
    before = len(last._outbound_nodes)
    made = [tf.reduce_sum(model.output), model.output * 2.0, model.output[:, np.int64(0)]]
    return len(last._outbound_nodes) == before and all(map(K.is_tensor, made))


@probe
def layer_state():
    class Counting(layers.Layer):
        def call(self, inputs):
            self.add_update(lambda: calls.assign_add(1.0))
            return inputs * 2.0

    calls, x = tf.Variable(0.0, trainable=False), layers.Input((3,))
    y, before = Counting()(x), calls.numpy()
    K.function([x, K.learning_phase()], [y])([normal(4, 3), 1])
    return calls.numpy() == before


@probe
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
    return K.function([], [dense])([])[0].tolist() == [[7.0, 7.0]] and 0.0 in dropped.predict(np.ones((1, 100)))


@probe
def model_layers():
    x = layers.Input((2,))
    model = keras.Model(x, layers.Dense(1)(K.concatenate([x, x])))
    return [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Dense"]


@probe
def model_add_loss():
    x = layers.Input((1,))
    model = keras.Model(x, layers.Dense(1, use_bias=False, weights=[np.array([[2.0]])])(x))
    model.add_loss(K.mean(1 + model.output * 3.0))
    model.compile(keras.optimizers.SGD(1.0))
    return model.train_on_batch(np.ones((1, 1))) == 7.0 and model.get_weights()[0] == -1.0
