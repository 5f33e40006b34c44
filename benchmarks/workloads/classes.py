"""Every class's gradient: ten saliency maps of a small convolutional network in one call

One function with ten gradients among its outputs.
"""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import set_weights, weights_of

SEED = 4
BURST = 10
CLASSES = 10


def model_of(keras):
    inputs = keras.layers.Input((32, 32, 3), name="picture")
    x = keras.layers.Conv2D(16, 3, activation="relu", name="first")(inputs)
    x = keras.layers.MaxPooling2D(name="pool")(x)
    x = keras.layers.Conv2D(32, 3, activation="relu", name="second")(x)
    x = keras.layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.models.Model(inputs, keras.layers.Dense(CLASSES, activation="softmax", name="classes")(x))


def make(keras):
    keras.utils.set_random_seed(SEED)
    pictures = np.random.RandomState(SEED).uniform(size=(8, 1, 32, 32, 3)).astype("float32")
    return {"inputs": pictures, "indices": np.arange(3), **weights_of(model_of(keras))}


def build(keras, arrays):
    model = model_of(keras)
    set_weights(model, arrays)
    return model


def in_turn(index):
    """The classes, another one first for each index."""
    return [(index + number) % CLASSES for number in range(CLASSES)]


def graph(kit):
    K, model = kit.K, kit.model

    def expression(index):
        maps = [K.gradients(model.output[:, number], model.input)[0] for number in in_turn(index)]
        saliency = kit.function([model.input], maps)
        return lambda picture: {"maps": np.stack(saliency([picture]))}

    return expression


def maps_of(kit):
    """The gradients, as they are written for TensorFlow 2."""
    import tensorflow as tf

    def maps(picture, index):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(picture)
            output = kit.model(picture, training=False)
            scores = [output[:, number] for number in in_turn(index)]
        return tf.stack([tape.gradient(score, picture) for score in scores])

    return maps


def eager(kit):
    import tensorflow as tf

    maps = maps_of(kit)

    def expression(index):
        return lambda picture: {"maps": maps(tf.constant(picture), index).numpy()}

    return expression


def compiled(kit):
    import tensorflow as tf

    maps = tf.function(maps_of(kit))

    def expression(index):
        return lambda picture: {"maps": maps(tf.constant(picture), index).numpy()}

    return expression


SCRIPTS = {"graph": graph, "xla": graph, "eager": eager, "compiled": compiled}
