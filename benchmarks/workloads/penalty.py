"""A gradient penalty: a gradient of a gradient's norm, with respect to the first weights of a convolutional critic

The inner loop of WGAN-GP without its optimizer: three strided convolutions with LeakyReLU, 32x32x3, batch 16.
"""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import set_weights, weights_of

SEED = 3
BURST = 3
SAMPLES = 16
FILTERS = (64, 128, 256)


def model_of(keras):
    layers = keras.layers
    x = inputs = layers.Input((32, 32, 3), name="sample")
    for number, filters in enumerate(FILTERS):
        x = layers.Conv2D(filters, 5, strides=2, padding="same", name="conv%d" % number)(x)
        x = layers.LeakyReLU(0.2, name="leaky%d" % number)(x)
    return keras.models.Model(inputs, layers.Dense(1, name="score")(layers.Flatten(name="flat")(x)))


def make(keras):
    keras.utils.set_random_seed(SEED)
    samples = np.random.RandomState(SEED).uniform(-1, 1, (8, SAMPLES, 32, 32, 3)).astype("float32")
    return {"inputs": samples, "indices": np.arange(1), **weights_of(model_of(keras))}


def build(keras, arrays):
    model = model_of(keras)
    set_weights(model, arrays)
    return model


def named(penalty, kernel, bias, second_kernel):
    # No slope depends on the bias, and zeros would agree with anything.
    return {"penalty": penalty, "kernel": kernel, "bias": 1 + np.asarray(bias), "second_kernel": second_kernel}


def graph(kit):
    K, model = kit.K, kit.model

    def expression(_index):
        slopes = K.gradients(model.output, model.input)[0]
        norm = K.sqrt(K.sum(K.square(slopes), axis=(1, 2, 3)))
        penalty = K.mean(K.square(norm - 1))
        weights = model.trainable_weights[:3]
        outputs = kit.function([model.input], [penalty, *K.gradients(penalty, weights)])

        def call(samples):
            return named(*outputs([samples]))

        return call

    return expression


def penalty_of(kit):
    """The penalty and its gradients, as they are written for TensorFlow 2."""
    import tensorflow as tf

    weights = kit.model.trainable_weights[:3]

    def penalty(samples):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(samples)
                score = kit.model(samples, training=False)
            norm = tf.sqrt(tf.reduce_sum(tf.square(inner.gradient(score, samples)), axis=(1, 2, 3)))
            value = tf.reduce_mean(tf.square(norm - 1))
        return [value, *outer.gradient(value, [getattr(weight, "value", weight) for weight in weights])]

    return penalty


def eager(kit):
    return called(penalty_of(kit))


def compiled(kit):
    import tensorflow as tf

    return called(tf.function(penalty_of(kit)))


def called(penalty):
    """The expression of a penalty of samples."""
    import tensorflow as tf

    def call(samples):
        return named(*(found.numpy() for found in penalty(tf.constant(samples))))

    return lambda _index: call


SCRIPTS = {"graph": graph, "xla": graph, "eager": eager, "compiled": compiled}
