"""Builds the small models the cases load. Runs in the legacy environment: LEGACY/bin/python tests/goldens/models.py

Weights are drawn, not trained: what goldens compare is arithmetic, and every weight (moving averages too) should be
different from its initial value, which a short training does not promise. Rebuilding makes the goldens stale: record
them again afterwards.
"""

import os
import sys

import keras
import numpy as np
from keras import layers

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # run as a script, from anywhere
from goldens.registry import LEGACY_KERAS, model_path


def fill(model, seed):
    """Draws every weight: kernels at a scale that keeps activations near 1, statistics and gammas around 1."""
    random = np.random.RandomState(seed)
    for weight in model.weights:
        value = keras.backend.get_value(weight)
        if "gamma" in weight.name or "variance" in weight.name:
            drawn = random.uniform(0.5, 1.5, value.shape)
        elif value.ndim == 1:
            drawn = 0.2 * random.standard_normal(value.shape)
        else:
            drawn = random.standard_normal(value.shape) * np.sqrt(2.0 / np.prod(value.shape[:-1]))
        keras.backend.set_value(weight, drawn)
    return model


def m():
    x = layers.Input((8,), name="model_input")
    y = layers.Dense(16, activation="relu", name="h")(x)
    y = layers.BatchNormalization(name="bn")(y)
    y = layers.Dropout(0.5, name="dropout")(y)
    return keras.Model(x, layers.Dense(5, activation="softmax", name="predictions")(y), name="m")


def cnn():
    return keras.Sequential(
        [
            layers.Conv2D(8, 3, activation="relu", input_shape=(16, 16, 3), name="conv1"),
            layers.MaxPooling2D(2, name="pool1"),
            layers.Conv2D(12, 3, activation="relu", padding="same", name="conv2"),
            layers.Flatten(name="flatten"),
            layers.Dense(32, activation="relu", name="fc1"),
            layers.Dropout(0.25, name="dropout"),
            layers.Dense(4, activation="softmax", name="predictions"),
        ],
        name="cnn",
    )


def vgg():
    x = y = layers.Input((32, 32, 3), name="model_input")
    for block, (filters, depth) in enumerate([(6, 2), (10, 2), (14, 2)], start=1):
        for conv in range(1, depth + 1):
            name = "block%d_conv%d" % (block, conv)
            y = layers.Conv2D(filters, 3, activation="relu", padding="same", name=name)(y)
        y = layers.MaxPooling2D(2, name="block%d_pool" % block)(y)
    y = layers.Flatten(name="flatten")(y)
    y = layers.Dense(40, activation="relu", name="fc1")(y)
    return keras.Model(x, layers.Dense(6, activation="softmax", name="predictions")(y), name="vgg")


def residual():
    x = layers.Input((24, 24, 3), name="model_input")
    y = layers.Conv2D(8, 3, strides=2, padding="same", name="stem")(x)
    y = layers.BatchNormalization(name="bn_stem")(y)
    y = short = layers.Activation("relu", name="relu_stem")(y)
    y = layers.Conv2D(8, 3, padding="same", use_bias=False, name="conv")(y)
    y = layers.BatchNormalization(name="bn_conv")(y)
    y = layers.Add(name="add")([y, short])
    y = layers.Activation("relu", name="last_conv")(y)
    y = layers.GlobalAveragePooling2D(name="gap")(y)
    return keras.Model(x, layers.Dense(5, activation="softmax", name="predictions")(y), name="residual")


def series():
    x = layers.Input((20, 2), name="model_input")
    y = layers.Conv1D(8, 5, padding="same", activation="relu", name="conv")(x)
    y = layers.MaxPooling1D(2, name="pool")(y)
    y = layers.Conv1D(8, 3, padding="same", activation="relu", name="last_conv")(y)
    y = layers.GlobalAveragePooling1D(name="gap")(y)
    return keras.Model(x, layers.Dense(3, activation="softmax", name="predictions")(y), name="series")


def text():
    x = layers.Input((12,), dtype="int32", name="tokens")
    y = layers.Embedding(30, 8, mask_zero=True, name="embedding")(x)
    y = layers.LSTM(10, name="lstm")(y)
    return keras.Model(x, layers.Dense(3, activation="softmax", name="predictions")(y), name="text")


def attention():
    x = layers.Input((9, 6), name="sequence")
    steps = layers.Dense(10, activation="tanh", name="steps")(x)
    weights = layers.Dense(1, name="score")(steps)
    weights = layers.Activation("softmax", name="attention_weights")(layers.Flatten(name="flatten")(weights))
    repeated = layers.Permute((2, 1), name="permute")(layers.RepeatVector(10, name="repeat")(weights))
    y = layers.GlobalAveragePooling1D(name="gap")(layers.Multiply(name="weighted")([steps, repeated]))
    return keras.Model(x, layers.Dense(2, activation="softmax", name="predictions")(y), name="attention")


def siamese():
    left, right = layers.Input((7,), name="left"), layers.Input((7,), name="right")
    encoder = layers.Dense(9, activation="tanh", name="encoder")
    y = layers.Subtract(name="difference")([encoder(left), encoder(right)])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid", name="same")(y), name="siamese")


def nested():
    inner_x = layers.Input((10, 10, 4), name="inner_input")
    inner_y = layers.Conv2D(6, 3, activation="relu", name="inner_conv")(inner_x)
    inner = keras.Model(inner_x, layers.GlobalMaxPooling2D(name="inner_pool")(inner_y), name="inner")
    x = layers.Input((10, 10, 3), name="model_input")
    y = layers.Conv2D(4, 3, padding="same", activation="relu", name="outer_conv")(x)
    return keras.Model(x, layers.Dense(3, activation="softmax", name="predictions")(inner(y)), name="nested")


def actor_critic():
    x = layers.Input((4,), name="state")
    y = layers.Dense(16, activation="relu", name="shared")(x)
    policy = layers.Dense(3, activation="softmax", name="policy")(y)
    return keras.Model(x, [policy, layers.Dense(1, name="value")(y)], name="actor_critic")


def policy():
    return keras.Sequential(
        [
            layers.Dense(12, activation="relu", input_dim=4, name="hidden"),
            layers.Dense(2, activation="softmax", name="policy"),
        ],
        name="policy",
    )


def dqn():
    x = layers.Input((4,), name="state")
    y = layers.Dense(12, activation="relu", name="hidden")(x)
    return keras.Model(x, layers.Dense(3, name="q")(y), name="dqn")


def q_net():
    state, action = layers.Input((4,), name="state"), layers.Input((2,), name="action")
    y = layers.Concatenate(name="both")([layers.Dense(8, activation="relu", name="hidden")(state), action])
    y = layers.Dense(8, activation="tanh", name="mixed")(y)
    return keras.Model([state, action], layers.Dense(1, name="q")(y), name="q_net")


def actor():
    x = layers.Input((4,), name="state")
    y = layers.Dense(8, activation="relu", name="hidden")(x)
    return keras.Model(x, layers.Dense(2, activation="tanh", name="action")(y), name="actor")


def generator():
    z = layers.Input((6,), name="noise")
    y = layers.Reshape((4, 4, 4), name="reshape")(layers.Dense(64, activation="relu", name="project")(z))
    y = layers.Conv2DTranspose(6, 4, strides=2, padding="same", activation="relu", name="up")(y)
    y = layers.Conv2D(2, 3, padding="same", activation="tanh", name="image")(y)
    return keras.Model(z, y, name="generator")


def critic():
    x = layers.Input((8, 8, 2), name="image")
    y = layers.LeakyReLU(0.2, name="leaky1")(layers.Conv2D(6, 3, strides=2, padding="same", name="conv1")(x))
    y = layers.LeakyReLU(0.2, name="leaky2")(layers.Conv2D(8, 3, strides=2, padding="same", name="conv2")(y))
    return keras.Model(x, layers.Dense(1, name="score")(layers.Flatten(name="flatten")(y)), name="critic")


def encoder():
    x = layers.Input((10,), name="encoder_input")
    y = layers.Dense(12, activation="relu", name="hidden")(x)
    return keras.Model(x, [layers.Dense(2, name="z_mean")(y), layers.Dense(2, name="z_log_var")(y)], name="encoder")


def decoder():
    z = layers.Input((2,), name="z_sampling")
    y = layers.Dense(12, activation="relu", name="hidden")(z)
    return keras.Model(z, layers.Dense(10, activation="sigmoid", name="reconstruction")(y), name="decoder")


def forecast():
    x = layers.Input((15, 3), name="model_input")
    y = layers.GRU(7, return_sequences=True, reset_after=False, name="gru")(x)
    y = layers.Bidirectional(layers.LSTM(4), name="bidirectional")(y)
    return keras.Model(x, layers.Dense(2, name="predictions")(y), name="forecast")


MODELS = [m, cnn, vgg, residual, series, text, attention, siamese, nested, actor_critic, policy, dqn, q_net]
MODELS += [actor, generator, critic, encoder, decoder, forecast]


def main():
    if keras.__version__ != LEGACY_KERAS:
        found = "models.py: found Keras %s; models are built with Keras %s; use the environment legacy_env.sh makes"
        sys.exit(found % (keras.__version__, LEGACY_KERAS))
    for seed, build in enumerate(MODELS, start=1):
        keras.backend.clear_session()
        model = fill(build(), seed)
        model.save(model_path(build.__name__))
        print("%-14s %6d weights" % (build.__name__, model.count_params()))


if __name__ == "__main__":
    main()
