"""Probes of the repairs that libraries of own layers stand on."""

import numpy as np
from kerases import keras

from k2compat import backend as K
from repair.probes import probe_of_keras3


@probe_of_keras3
def config_strings():
    class Mode(keras.layers.Layer):
        def __init__(self, mode, **kwargs):
            super().__init__(**kwargs)
            self.mode = mode

        def call(self, x):
            return x

        def get_config(self):
            return {**super().get_config(), "mode": self.mode}

    saved = [
        {"class_name": "Mode", "config": {"name": "mode", "mode": "add", "batch_input_shape": [None, 2]}},
        {"class_name": "Dense", "config": {"name": "dense", "units": 2, "activation": "relu"}},
    ]
    config = {"class_name": "Sequential", "config": {"name": "model", "layers": saved}}
    loaded = keras.models.model_from_config(config, custom_objects={"Mode": Mode})
    assert loaded.layers[-2].mode == "add"
    assert loaded.layers[-1].activation.__name__ == "relu"


@probe_of_keras3
def subclass_outputs():
    class WithTable(keras.layers.Embedding):
        def compute_output_shape(self, input_shape):
            return [super().compute_output_shape(input_shape), (self.input_dim, self.output_dim)]

        def compute_mask(self, inputs, mask=None):
            return [super().compute_mask(inputs, mask), None]

        def call(self, inputs):
            return [super().call(inputs), K.identity(self.embeddings)]

    tokens = keras.layers.Input((None,))
    embedded, table = WithTable(5, 3, mask_zero=True)(tokens)
    assert K.int_shape(embedded) == (None, None, 3)
    assert K.int_shape(table) == (5, 3)
    model = keras.Model(tokens, [embedded, table])
    rows, whole = K.function([tokens], [embedded, table])([np.array([[4, 1]])])
    assert np.array_equal(rows[0], whole[[4, 1]])
    assert model.layers[-1].compute_mask(tokens)[1] is None
    del WithTable.compute_output_shape  # that of Embedding knows one output
    assert [K.int_shape(one) for one in WithTable(5, 3)(tokens)] == [(None, None, 3), (5, 3)]


@probe_of_keras3
def relu_alpha():
    x = np.float32([-2.0, 1.0, 9.0])
    assert np.allclose(keras.activations.relu(x, alpha=0.1, max_value=6.0), [-0.2, 1.0, 6.0])
    layer = keras.layers.Dense(1, activation=keras.activations.relu)
    assert keras.layers.Dense.from_config(layer.get_config()).activation is keras.activations.relu
