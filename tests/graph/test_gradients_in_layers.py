"""``tf.gradients`` in the call of a layer, between tensors that it is given."""

import numpy as np
import tensorflow as tf
from helpers import normal
from kerases import keras, layers

from k2compat import backend as K

ROWS = normal(2, 3, seed=1)


class Propagated(layers.Layer):
    """Carries given gradients on from what was computed to what it was computed from."""

    def call(self, x):
        source, result, given = x
        return tf.gradients([result], [source], grad_ys=[given], stop_gradients=[source])[0]

    def compute_output_shape(self, shapes):
        return shapes[0]


def test_tf_gradients_in_the_call_of_a_layer():
    source = layers.Input((3,))
    result = layers.Dense(2, use_bias=False)(source)
    squared = layers.Lambda(K.square)(result)
    model = keras.Model(source, Propagated()([source, squared, layers.Lambda(K.ones_like)(squared)]))
    kernel = model.layers[1].get_weights()[0]
    expected = 2.0 * (ROWS @ kernel) @ kernel.T
    for _ in range(2):
        np.testing.assert_allclose(model.predict_on_batch(ROWS), expected, rtol=1e-5)
        np.testing.assert_allclose(K.function([source], [model.output])([ROWS])[0], expected, rtol=1e-5)
