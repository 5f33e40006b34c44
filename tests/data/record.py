"""Saves models as Keras 2 did, for test_saving.py: LEGACY/bin/python tests/data/record.py

``configs.json`` holds ``model.to_json()`` of each model; ``arrays.npz`` its weights, inputs and outputs; the ``.h5``
files are compiled models with the state of their optimizers. The environment is that of tests/goldens/legacy_env.sh.
"""

import copy
import json
import os
import sys

import h5py
import keras
import numpy as np
import tensorflow as tf
from keras import layers, regularizers

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))  # run as a script, from anywhere
from goldens import record  # noqa: E402, F401  (makes k2compat known)
from k2compat.parity.worker.update_order import compute_before_updating  # noqa: E402

MODELS = {}
# Layer -> (what makes it, shape of its input).
LAYERS = {
    "dense": (lambda: layers.Dense(2, activation="elu", kernel_regularizer=regularizers.l2(0.01)), (3,)),
    "conv1d": (lambda: layers.Conv1D(2, 2, padding="causal", dilation_rate=2), (5, 2)),
    "conv2d": (lambda: layers.Conv2D(2, (2, 3), strides=2, padding="same", use_bias=False), (5, 5, 2)),
    "conv3d": (lambda: layers.Conv3D(2, 2), (3, 3, 3, 1)),
    "conv2d_transpose": (lambda: layers.Conv2DTranspose(2, 3, strides=2, padding="same"), (3, 3, 2)),
    "separable": (lambda: layers.SeparableConv2D(2, 2, depth_multiplier=2), (4, 4, 2)),
    "depthwise": (lambda: layers.DepthwiseConv2D(2), (4, 4, 2)),
    "batch_normalization": (lambda: layers.BatchNormalization(momentum=0.9), (4,)),
    "batch_normalization_first_axis": (lambda: layers.BatchNormalization(axis=1, scale=False), (3, 4)),
    "leaky_relu": (lambda: layers.LeakyReLU(alpha=0.2), (4,)),
    "relu": (lambda: layers.ReLU(max_value=0.5, negative_slope=0.1), (4,)),
    "elu": (lambda: layers.ELU(alpha=0.7), (4,)),
    "prelu": (lambda: layers.PReLU(shared_axes=[1]), (3, 4)),
    "thresholded": (lambda: layers.ThresholdedReLU(theta=0.3), (4,)),
    "softmax": (lambda: layers.Softmax(axis=1), (3, 4)),
    "activation": (lambda: layers.Activation("hard_sigmoid"), (4,)),
    "selu": (lambda: layers.Activation("selu"), (4,)),
    "max_pooling": (lambda: layers.MaxPooling2D(2, strides=1, padding="same"), (4, 4, 1)),
    "average_pooling": (lambda: layers.AveragePooling1D(2), (4, 2)),
    "global_max": (layers.GlobalMaxPooling2D, (3, 3, 2)),
    "global_average": (layers.GlobalAveragePooling1D, (3, 2)),
    "zero_padding": (lambda: layers.ZeroPadding2D(((1, 0), (2, 1))), (2, 2, 1)),
    "cropping": (lambda: layers.Cropping2D(1), (4, 4, 1)),
    "up_sampling": (lambda: layers.UpSampling2D(2, interpolation="bilinear"), (3, 3, 1)),
    "flatten": (layers.Flatten, (2, 3)),
    "reshape": (lambda: layers.Reshape((-1, 2)), (2, 3)),
    "permute": (lambda: layers.Permute((2, 1)), (2, 3)),
    "repeat": (lambda: layers.RepeatVector(2), (3,)),
    "noise": (lambda: layers.GaussianNoise(0.5), (3,)),
    "spatial_dropout": (lambda: layers.SpatialDropout1D(0.5), (3, 2)),
    "locally_connected": (lambda: layers.LocallyConnected1D(2, 2), (4, 2)),
    "simple_rnn": (lambda: layers.SimpleRNN(2, return_sequences=True), (3, 2)),
    "lstm": (lambda: layers.LSTM(2, recurrent_activation="hard_sigmoid", go_backwards=True), (3, 2)),
    "gru": (lambda: layers.GRU(2), (3, 2)),
    "gru_reset_after": (lambda: layers.GRU(2, reset_after=True), (3, 2)),
    "conv_lstm": (lambda: layers.ConvLSTM2D(2, 2, return_sequences=True), (2, 3, 3, 1)),
    "stacked_cells": (lambda: layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)]), (3, 2)),
    "bidirectional": (lambda: layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode="concat"), (3, 2)),
    "time_distributed": (lambda: layers.TimeDistributed(layers.Dense(2, activation="tanh")), (3, 2)),
    "time_distributed_conv": (lambda: layers.TimeDistributed(layers.Conv2D(2, 2)), (2, 3, 3, 1)),
    "masking": (lambda: layers.Masking(0.5), (3, 2)),
}


def model(function):
    MODELS[function.__name__] = function
    return function


@model
def sequential():
    return keras.Sequential(
        [layers.Dense(4, activation="relu", input_dim=3), layers.Dropout(0.5), layers.Dense(2, activation="softmax")]
    )


@model
def text():
    return keras.Sequential(
        [
            layers.Embedding(7, 3, input_length=5, mask_zero=True),
            layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
            layers.TimeDistributed(layers.Dense(2)),
            layers.GRU(2),
        ]
    )


@model
def branches():
    a, b = layers.Input((3,), name="a"), layers.Input((3,), name="b")
    both = [layers.Dense(4)(a), layers.Dense(4)(b)]
    merged = [kind()(both) for kind in (layers.Add, layers.Multiply, layers.Average, layers.Maximum, layers.Subtract)]
    merged += [layers.Dot(axes=1, normalize=True)(both), layers.Concatenate(axis=-1)(both)]
    return keras.Model([a, b], [layers.concatenate(merged), merged[0]])


@model
def shared_layer():
    a, b = layers.Input((3,)), layers.Input((3,))
    encoder = layers.Dense(4, activation="tanh", name="encoder")
    return keras.Model([a, b], layers.subtract([encoder(a), encoder(b)]))


def inner_model():
    x = layers.Input((3,), name="inner_input")
    return keras.Model(x, layers.Dense(4, name="inner_dense")(x), name="inner")


@model
def nested_twice():
    a, b = layers.Input((3,)), layers.Input((3,))
    inner = inner_model()
    return keras.Model([a, b], layers.Dense(2)(layers.multiply([inner(a), inner(b)])))


@model
def nested_in_nested():
    middle = keras.Sequential([inner_model(), layers.Activation("relu")], name="middle")
    x = layers.Input((3,))
    return keras.Model(x, layers.Dense(2)(middle(layers.Dense(3)(x))))


@model
def nested_as_output():
    x = layers.Input((3,))
    return keras.Model(x, keras.Sequential([layers.Dense(2, input_shape=(3,))], name="head")(layers.Dense(3)(x)))


def single_layer(make, shape):
    x = layers.Input(shape)
    return lambda: keras.Model(x, make()(x))


def filled(built, random):
    """Draws every weight; positive ones, since some are variances."""
    built.set_weights([random.uniform(0.1, 0.9, w.shape) for w in built.get_weights()])
    return built


def inputs_of(built, random):
    shapes = [[3] + list(shape[1:]) for shape in (x.shape.as_list() for x in built.inputs)]
    if isinstance(built.layers[0], layers.Embedding):
        return [random.randint(0, 7, shapes[0])]
    return [random.uniform(-1, 1, shape).round(1).astype("float32") for shape in shapes]


def recorded(built, random, name, configs, arrays):
    filled(built, random)
    inputs = inputs_of(built, random)
    outputs = built.predict(inputs)
    for kind, values in (("weight", built.get_weights()), ("input", inputs)):
        arrays.update(("%s/%s%02d" % (name, kind, i), value) for i, value in enumerate(values))
    outputs = outputs if isinstance(outputs, list) else [outputs]
    arrays.update(("%s/output%02d" % (name, i), value) for i, value in enumerate(outputs))
    configs[name] = json.loads(built.to_json())


# File -> (optimizer, loss, metrics), in the spellings of Keras 2.
COMPILED = {
    "adam": (lambda: keras.optimizers.Adam(lr=0.02, decay=0.1), "categorical_crossentropy", ["accuracy"]),
    "sgd": (lambda: keras.optimizers.SGD(lr=0.1, momentum=0.9, nesterov=True), "mse", ["mae", "acc"]),
    "rmsprop": (lambda: keras.optimizers.RMSprop(lr=0.01, rho=0.8), keras.losses.mean_squared_error, ["mse"]),
    "by_name": (lambda: "adam", ["mean_squared_error"], [keras.metrics.categorical_accuracy]),
}


def saved_with_optimizer(random, arrays):
    """Compiled models after two steps of training, what they predict, and what they predict after a third."""
    for name, (optimizer, loss, metrics) in COMPILED.items():
        keras.backend.clear_session()
        hidden, top = layers.Dense(4, activation="relu", input_dim=3), layers.Dense(2, activation="softmax")
        built = filled(keras.Sequential([hidden, top]), random)
        built.compile(optimizer(), loss=loss, metrics=metrics)
        x, y = random.uniform(size=(6, 3)), np.eye(2)[[0, 1, 0, 1, 1, 0]]
        for _ in range(2):
            built.train_on_batch(x, y)
        built.save(os.path.join(HERE, "%s.h5" % name))
        arrays["%s/input00" % name], arrays["%s/target00" % name] = x, y
        arrays["%s/output00" % name] = built.predict(x)
        arrays["%s/evaluated" % name] = built.evaluate(x, y, verbose=0)
        built.train_on_batch(x, y)
        arrays["%s/trained" % name] = built.predict(x)


def without_names(path, copied):
    """The file as Keras 2.1 wrote it: a Sequential's configuration is the list of its layers."""
    with h5py.File(path, "r") as old, h5py.File(copied, "w") as new:
        for name in old:
            old.copy(name, new)
        new.attrs.update(old.attrs)
        config = json.loads(old.attrs["model_config"])
        config["config"] = config["config"]["layers"]
        new.attrs["model_config"] = json.dumps(config).encode()
        new.attrs["keras_version"] = b"2.1.6"


def main():
    compute_before_updating(type(keras.backend.function([], [keras.backend.constant(0.0)])), tf)
    random, configs, arrays = np.random.RandomState(1), {}, {}
    for name, build in MODELS.items():
        keras.backend.clear_session()
        recorded(build(), random, name, configs, arrays)
    for name, (make, shape) in LAYERS.items():
        keras.backend.clear_session()
        recorded(single_layer(make, shape)(), random, name, configs, arrays)
    old = copy.deepcopy(configs["sequential"])
    old["config"] = old["config"]["layers"]
    old["keras_version"] = "2.1.6"
    configs["sequential_of_2_1"] = old
    arrays.update(
        (key.replace("sequential/", "sequential_of_2_1/"), arrays[key])
        for key in list(arrays)
        if key.startswith("sequential/")
    )
    saved_with_optimizer(random, arrays)
    without_names(os.path.join(HERE, "adam.h5"), os.path.join(HERE, "adam_of_2_1.h5"))
    with open(os.path.join(HERE, "configs.json"), "w") as file:
        json.dump(configs, file, indent=0, sort_keys=True)
        file.write("\n")
    np.savez_compressed(os.path.join(HERE, "arrays.npz"), **arrays)
    print("%d models, %d arrays" % (len(configs), len(arrays)))


if __name__ == "__main__":
    main()
