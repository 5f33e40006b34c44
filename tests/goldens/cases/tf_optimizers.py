"""Optimizers of TensorFlow 1 that compile is given, run by fit and train_on_batch."""

import numpy as np
import tensorflow as tf

from ..registry import case
from ..tools import normal, numbered
from .optimizers import X, Y, fitted, network

WORDS = np.random.RandomState(3).randint(0, 6, size=(12, 2))
WORDS[4:8] %= 3


def makers():
    train = tf.train
    return [
        ("adam", lambda: train.AdamOptimizer(0.1)),
        ("momentum", lambda: train.MomentumOptimizer(0.1, 0.9, use_nesterov=True)),
        ("rmsprop", lambda: train.RMSPropOptimizer(0.05)),
    ]


def of_words(keras):
    """Embedding -> Dense, whose first gradient is that of the rows that were used."""
    x = keras.layers.Input((2,))
    rows = keras.layers.Embedding(6, 3, weights=[normal(6, 3, seed=5)])(x)
    dense = keras.layers.Dense(2, weights=[0.5 * normal(6, 2, seed=6), np.zeros(2)])
    return keras.models.Model(x, dense(keras.layers.Flatten()(rows)))


@case()
def compiled_with_optimizers_of_tensorflow_1(K, keras, load):
    """Two epochs with each optimizer, of weights with a regularizer and a constraint, and the steps counted."""
    found = {}
    for name, make in makers():
        model = network(keras, kernel_regularizer="l2", kernel_constraint=keras.constraints.UnitNorm())
        model.compile(make(), "mse")
        found.update(fitted(model, name + "_"))
        found[name + "_steps"] = K.get_value(model.optimizer.iterations)
    found["kind"] = type(model.optimizer).__name__
    return found


@case()
def embeddings_trained_by_optimizers_of_tensorflow_1(K, keras, load):
    """Rows that a batch did not use stay where TensorFlow left them, and a row used twice counts as it did."""
    found = {}
    for name, make in makers():
        model = of_words(keras)
        model.compile(optimizer=make(), loss="mse")
        found.update(fitted(model, name + "_", x=WORDS))
    return found


@case()
def optimizers_of_tensorflow_1_with_methods_of_their_own(K, keras, load):
    """Gradients changed in compute_gradients and in apply_gradients, and one optimizer for two models."""

    class Twice(tf.train.GradientDescentOptimizer):
        def compute_gradients(self, loss, *args, **kwargs):
            pairs = super(Twice, self).compute_gradients(loss, *args, **kwargs)
            return [(2.0 * gradient, weight) for gradient, weight in pairs]

    class Clipped(tf.train.AdamOptimizer):
        def apply_gradients(self, pairs, global_step=None, name=None):
            pairs = [(tf.clip_by_norm(gradient, 0.05), weight) for gradient, weight in pairs]
            return super(Clipped, self).apply_gradients(pairs, global_step, name)

    found = {}
    for name, optimizer in (("twice", Twice(0.05)), ("clipped", Clipped(0.1))):
        model = network(keras)
        model.compile(keras.optimizers.TFOptimizer(optimizer), "mse")
        found.update(fitted(model, name + "_"))
    shared, models = tf.train.AdamOptimizer(0.1), [network(keras), network(keras)]
    for model in models:
        model.compile(shared, "mse")
    found["shared"] = [model.train_on_batch(X, Y) for model in models * 2]
    return found


@case()
def a_training_function_with_an_optimizer_of_tensorflow_1(K, keras, load):
    """The updates of TFOptimizer in a K.function."""
    model, target = network(keras), K.placeholder((None, 2))
    optimizer = keras.optimizers.TFOptimizer(tf.train.AdamOptimizer(0.1))
    loss = K.mean(K.square(model.output - target))
    step = K.function([model.input, target], [loss], updates=optimizer.get_updates(loss, model.trainable_weights))
    losses = [step([X, Y])[0] for _ in range(3)]
    return dict(numbered(model.get_weights(), "weight"), losses=losses, steps=K.get_value(optimizer.iterations))
