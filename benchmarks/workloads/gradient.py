"""Outputs and a gradient of a small dense model: what a call costs beyond its arithmetic

The loop of policy gradients and saliency on small models: the time goes into the call, not into the numbers.
"""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import set_weights, weights_of

SEED = 1
BURST = 200
INPUTS = 8


def model_of(keras):
    inputs = keras.layers.Input((4,), name="state")
    hidden = keras.layers.Dense(16, activation="tanh", name="hidden")(inputs)
    outputs = keras.layers.Dense(3, activation="softmax", name="policy")(hidden)
    return keras.models.Model(inputs, outputs)


def make(keras):
    keras.utils.set_random_seed(SEED)
    states = np.random.RandomState(SEED).normal(size=(INPUTS, 1, 4)).astype("float32")
    return {"inputs": states, "indices": np.arange(3), **weights_of(model_of(keras))}


def build(keras, arrays):
    model = model_of(keras)
    set_weights(model, arrays)
    return model


def named(output, gradient):
    return {"output": output, "gradient": gradient}


def graph(kit):
    K, model = kit.K, kit.model

    def expression(index):
        gradients = K.gradients(model.output[:, index], model.input)
        saliency = kit.function([model.input], [model.output, *gradients])
        return lambda state: named(*saliency([state]))

    return expression


def eager(kit):
    import tensorflow as tf

    def expression(index):
        def call(state):
            state = tf.constant(state)
            with tf.GradientTape() as tape:
                tape.watch(state)
                output = kit.model(state)
                chosen = output[:, index]
            return named(output.numpy(), tape.gradient(chosen, state).numpy())

        return call

    return expression


def compiled(kit):
    import tensorflow as tf

    @tf.function
    def gradient(state, index):
        with tf.GradientTape() as tape:
            tape.watch(state)
            output = kit.model(state, training=False)
            chosen = output[:, index]
        return output, tape.gradient(chosen, state)

    def expression(index):
        def call(state):
            output, slope = gradient(tf.constant(state), tf.constant(index))
            return named(output.numpy(), slope.numpy())

        return call

    return expression


SCRIPTS = {"graph": graph, "frozen": graph, "xla": graph, "eager": eager, "compiled": compiled}
