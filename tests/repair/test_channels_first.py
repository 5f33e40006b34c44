"""Layers with ``data_format="channels_first"`` compute on every processor what their channels-last twins do."""

import numpy as np
import pytest
from helpers import normal
from kerases import keras, layers

from k2compat import backend as K

CASES = {
    "conv1d": lambda **form: layers.Conv1D(3, 3, **form),
    "conv2d": lambda **form: layers.Conv2D(3, 3, strides=2, padding="same", **form),
    "conv3d": lambda **form: layers.Conv3D(3, 2, **form),
    "depthwise": lambda **form: layers.DepthwiseConv2D(3, **form),
    "separable": lambda **form: layers.SeparableConv2D(3, 3, activation="relu", **form),
    "separable1d": lambda **form: layers.SeparableConv1D(3, 3, **form),
    "transposed": lambda **form: layers.Conv2DTranspose(3, 3, strides=2, padding="same", **form),
    "transposed3d": lambda **form: layers.Conv3DTranspose(2, 2, strides=2, **form),
    "max": lambda **form: layers.MaxPooling2D(2, **form),
    "average": lambda **form: layers.AveragePooling2D(3, strides=1, padding="same", **form),
    "max3d": lambda **form: layers.MaxPooling3D(2, **form),
    "global": layers.GlobalAveragePooling2D,
}
RANKS = {"conv1d": 3, "separable1d": 3, "conv3d": 5, "transposed3d": 5, "max3d": 5}


@pytest.mark.parametrize("name", CASES)
def test_a_layer_gives_what_its_twin_does(name):
    pictures = normal(2, 2, *[6] * (RANKS.get(name, 4) - 2)).astype("float32")
    first, last = (CASES[name](data_format=form) for form in ("channels_first", "channels_last"))
    x, y = layers.Input(pictures.shape[1:]), layers.Input((*pictures.shape[2:], pictures.shape[1]))
    models = [keras.Model(x, first(x)), keras.Model(y, last(y))]
    last.set_weights(first.get_weights())
    found, slopes = K.function([x], [models[0].output, *K.gradients(K.sum(K.square(models[0].output)), x)])([pictures])
    np.testing.assert_allclose(found, models[0].predict(pictures, verbose=0), rtol=1e-4, atol=1e-5)
    turned = np.moveaxis(pictures, 1, -1)
    wanted, wanted_slopes = K.function([y], [models[1].output, *K.gradients(K.sum(K.square(models[1].output)), y)])(
        [turned]
    )
    np.testing.assert_allclose(found, np.moveaxis(wanted, -1, 1), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(slopes, np.moveaxis(wanted_slopes, -1, 1), rtol=1e-4, atol=1e-5)


def test_an_activation_is_about_the_last_axis_of_the_pictures():
    x = layers.Input((2, 5, 4))
    for layer in (layers.Conv2D, layers.SeparableConv2D):
        y = layer(3, 2, activation="softmax", data_format="channels_first")(x)
        np.testing.assert_allclose(keras.Model(x, y).predict(normal(1, 2, 5, 4)).sum(axis=-1), 1.0, rtol=1e-5)
