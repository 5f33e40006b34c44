"""A gradient penalty: a gradient of a gradient's norm, with respect to the weights of a critic

The inner loop of WGAN-GP without its optimizer.
"""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import set_weights, weights_of

SEED = 3
BURST = 20
SAMPLES = 64


def model_of(keras):
    inputs = keras.layers.Input((32,), name="sample")
    hidden = keras.layers.Dense(64, activation="tanh", name="first")(inputs)
    hidden = keras.layers.Dense(64, activation="tanh", name="second")(hidden)
    return keras.models.Model(inputs, keras.layers.Dense(3, name="score")(hidden))


def make(keras):
    keras.utils.set_random_seed(SEED)
    samples = np.random.RandomState(SEED).normal(size=(8, SAMPLES, 32)).astype("float32")
    return {"inputs": samples, "indices": np.arange(3), **weights_of(model_of(keras))}


def build(keras, arrays):
    model = model_of(keras)
    set_weights(model, arrays)
    return model


def named(penalty, gradients):
    found = {"penalty": np.asarray(penalty)}
    found.update(("gradient%d" % number, np.asarray(gradient)) for number, gradient in enumerate(gradients))
    return found


def graph(kit):
    K, model = kit.K, kit.model

    def expression(index):
        slope = K.gradients(model.output[:, index], model.input)[0]
        norm = K.sqrt(K.sum(K.square(slope), axis=1))
        penalty = K.mean(K.square(norm - 1))
        kernels = [layer.kernel for layer in model.layers[1:]]
        outputs = kit.function([model.input], [penalty, *K.gradients(penalty, kernels)])

        def call(samples):
            value, *gradients = outputs([samples])
            return named(value, gradients)

        return call

    return expression


def penalty_of(kit):
    """The penalty and its gradients, as they are written for TensorFlow 2."""
    import tensorflow as tf

    kernels = [layer.kernel for layer in kit.model.layers[1:]]

    def penalty(samples, index):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(samples)
                score = kit.model(samples, training=False)[:, index]
            norm = tf.sqrt(tf.reduce_sum(tf.square(inner.gradient(score, samples)), axis=1))
            value = tf.reduce_mean(tf.square(norm - 1))
        return [value, *outer.gradient(value, [getattr(kernel, "value", kernel) for kernel in kernels])]

    return penalty


def eager(kit):
    import tensorflow as tf

    penalty = penalty_of(kit)

    def expression(index):
        def call(samples):
            value, *gradients = penalty(tf.constant(samples), index)
            return named(value, gradients)

        return call

    return expression


def compiled(kit):
    import tensorflow as tf

    penalty = tf.function(penalty_of(kit))

    def expression(index):
        def call(samples):
            value, *gradients = penalty(tf.constant(samples), tf.constant(index))
            return named(value, gradients)

        return call

    return expression


SCRIPTS = {"graph": graph, "xla": graph, "eager": eager, "compiled": compiled}
