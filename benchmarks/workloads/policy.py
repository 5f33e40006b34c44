"""A policy gradient's training function: the loss of an episode, and Adam's updates of a small network

What the published REINFORCE agents for CartPole call after each episode: states, actions and discounted rewards in,
the loss out, and the weights a step further by `optimizer.get_updates`. The steps are so small that every contender's
weights stay those of the others.
"""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import optimizers_of, set_weights, weights_of

SEED = 2
BURST = 50
STATES = 200
ACTIONS = 2
RATE = 1e-9


def model_of(keras):
    layers = keras.layers
    state = layers.Input((4,), name="state")
    x = layers.Dense(24, activation="relu", name="first")(state)
    x = layers.Dense(24, activation="relu", name="second")(x)
    return keras.models.Model(state, layers.Dense(ACTIONS, activation="softmax", name="policy")(x))


def make(keras):
    keras.utils.set_random_seed(SEED)
    states = np.random.RandomState(SEED).normal(size=(8, STATES, 4)).astype("float32")
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
        updates = optimizers_of(kit).Adam(RATE).get_updates(loss=loss, params=model.trainable_weights)
        train = K.function([model.input, actions, advantages], [loss], updates=updates)
        return lambda states: {"loss": np.asarray(train([states, *episode(states, index)])[0])}

    return expression


def step_of(kit):
    """One step of training, as it is written for TensorFlow 2."""
    import tensorflow as tf

    weights = kit.model.trainable_weights
    optimizer = optimizers_of(kit).Adam(RATE)
    optimizer.build(weights)

    def step(states, actions, advantages):
        with tf.GradientTape() as tape:
            chosen = tf.reduce_sum(actions * kit.model(states, training=False), axis=1)
            loss = -tf.reduce_mean(tf.math.log(chosen) * advantages)
        optimizer.apply(tape.gradient(loss, weights))
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
