"""DeepDream on InceptionV3, 299x299: one step, four layers' loss and its gradient (nine tenths of it are compared)

The loop of Keras's own example, without its optimizer.
"""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import named, scripts_of, set_weights, weights_of

SEED = 5
BURST = 1
SHARE = 0.6
# Rounding moves a unit over the kink of its ReLU here and there, which changes the gradient around it.
AGREEING = 0.9
REBUILDS = False  # one function serves the whole dream
SIZE = 299
COEFFICIENTS = {"mixed2": 0.2, "mixed3": 3.0, "mixed4": 2.0, "mixed5": 1.5}
SMALLEST = 1e-7


def model_of(keras):
    return keras.applications.inception_v3.InceptionV3(weights=None, include_top=False)


def make(keras):
    keras.utils.set_random_seed(SEED)
    pictures = np.random.RandomState(SEED).uniform(-1, 1, (4, 1, SIZE, SIZE, 3)).astype("float32")
    return {"inputs": pictures, "indices": np.arange(1), **weights_of(model_of(keras))}


def build(keras, arrays):
    model = model_of(keras)
    set_weights(model, arrays)
    return model


def graph(kit):
    K, model = kit.K, kit.model

    def expression(_index):
        loss = K.variable(0.0)
        for name, coefficient in COEFFICIENTS.items():
            features = model.get_layer(name).output
            scaling = K.prod(K.cast(K.shape(features), "float32"))
            loss = loss + coefficient * K.sum(K.square(features[:, 2:-2, 2:-2, :])) / scaling
        grads = K.gradients(loss, model.input)[0]
        grads /= K.maximum(K.mean(K.abs(grads)), SMALLEST)
        step = kit.function([model.input], [loss, grads])
        return lambda picture: named(*step([picture]))

    return expression


def step_of(kit):
    """One step, as it is written for TensorFlow 2."""
    import tensorflow as tf

    features_of = kit.keras.Model(kit.model.inputs, [kit.model.get_layer(name).output for name in COEFFICIENTS])

    def step(picture):
        with tf.GradientTape() as tape:
            tape.watch(picture)
            loss = 0.0
            for coefficient, features in zip(COEFFICIENTS.values(), features_of(picture, training=False)):
                scaling = tf.reduce_prod(tf.cast(tf.shape(features), "float32"))
                loss += coefficient * tf.reduce_sum(tf.square(features[:, 2:-2, 2:-2, :])) / scaling
        grads = tape.gradient(loss, picture)
        return loss, grads / tf.maximum(tf.reduce_mean(tf.abs(grads)), SMALLEST)

    return step


SCRIPTS = {"graph": graph, "frozen": graph, **scripts_of(step_of)}
