"""A policy gradient's training function: a loss and the updates of a small network

What reinforcement learning scripts call thousands of times: states, actions and advantages in, the loss out, and the
weights a step further. The steps are so small that every contender's weights stay those of the others.
"""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import set_weights, weights_of

SEED = 2
BURST = 100
STATES = 32
ACTIONS = 4
RATE = 1e-7


def model_of(keras):
    inputs = keras.layers.Input((8,), name="state")
    hidden = keras.layers.Dense(32, activation="tanh", name="hidden")(inputs)
    return keras.models.Model(inputs, keras.layers.Dense(ACTIONS, activation="softmax", name="policy")(hidden))


def make(keras):
    keras.utils.set_random_seed(SEED)
    states = np.random.RandomState(SEED).normal(size=(8, STATES, 8)).astype("float32")
    return {"inputs": states, "indices": np.arange(ACTIONS), **weights_of(model_of(keras))}


def build(keras, arrays):
    model = model_of(keras)
    set_weights(model, arrays)
    return model


def episode(states, index):
    """Actions and advantages that go with a batch of states."""
    actions = np.eye(ACTIONS, dtype="float32")[(np.arange(STATES) + index) % ACTIONS]
    return actions, states.sum(axis=1)


def graph(kit):
    K, model = kit.K, kit.model

    def expression(index):
        actions = K.placeholder(shape=(None, ACTIONS))
        advantages = K.placeholder(shape=(None,))
        chosen = K.sum(actions * model.output, axis=1)
        loss = -K.mean(K.log(chosen) * advantages)
        grads = K.gradients(loss, model.trainable_weights)
        updates = [K.update_sub(w, RATE * g) for w, g in zip(model.trainable_weights, grads)]
        train = K.function([model.input, actions, advantages], [loss], updates=updates)
        return lambda states: {"loss": np.asarray(train([states, *episode(states, index)])[0])}

    return expression


def step_of(kit):
    """One step of training, as it is written for TensorFlow 2."""
    import tensorflow as tf

    def step(states, actions, advantages):
        with tf.GradientTape() as tape:
            chosen = tf.reduce_sum(actions * kit.model(states, training=False), axis=1)
            loss = -tf.reduce_mean(tf.math.log(chosen) * advantages)
        weights = kit.model.trainable_weights
        for weight, gradient in zip(weights, tape.gradient(loss, weights)):
            weight.assign(weight - RATE * gradient)
        return loss

    return step


def eager(kit):
    import tensorflow as tf

    step = step_of(kit)

    def expression(index):
        return lambda states: {"loss": step(*map(tf.constant, (states, *episode(states, index)))).numpy()}

    return expression


def compiled(kit):
    import tensorflow as tf

    step = tf.function(step_of(kit))

    def expression(index):
        return lambda states: {"loss": step(*map(tf.constant, (states, *episode(states, index)))).numpy()}

    return expression


SCRIPTS = {"graph": graph, "eager": eager, "compiled": compiled}
