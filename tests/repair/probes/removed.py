"""Probes of the repairs of what is gone: layers, weights of cuDNN, inputs that Embedding implies."""

import warnings

import h5py
import numpy as np
import pytest
import tensorflow as tf
from kerases import keras, layers

from k2compat import backend as K
from k2compat.legacy.saving import save_weights_to_hdf5_group
from repair.probes import probe, probe_of_keras2, probe_of_keras3


@probe
def removed_layers():
    class Sum(layers.Recurrent):
        units, states = 3, [None]

        def step(self, x, states):
            return x + states[0], [x + states[0]]

    values = np.arange(12.0).reshape((2, 2, 3))
    assert keras.Sequential([layers.Input((2, 3)), Sum()]).predict(values).tolist() == values.sum(axis=1).tolist()
    model = keras.Sequential([layers.Input((2, 3)), layers.CuDNNLSTM(2)])
    assert [weight.shape for weight in model.get_weights()] == [(3, 8), (2, 8), (16,)]
    assert isinstance(layers.MaxPooling2D(), layers._Pooling2D)
    assert layers.LocallyConnected1D(1, 2).padding == "valid"


@probe_of_keras2
def old_names():
    from k2compat.legacy.io_utils import HDF5Matrix

    assert keras.utils.HDF5Matrix is tf.keras.utils.HDF5Matrix is HDF5Matrix
    assert issubclass(layers.Conv2D, layers._Conv)
    assert keras.constraints.nonneg is keras.constraints.NonNeg
    assert keras.losses.get("cosine_proximity")


@probe_of_keras3
def cudnn_weights(tmp="weights.h5"):
    K.reset_uids()
    fast = keras.Sequential([layers.Input((4, 3)), layers.CuDNNGRU(2)])
    plain = keras.Sequential([layers.Input((4, 3)), layers.GRU(2, reset_after=True, recurrent_activation="sigmoid")])
    fast.set_weights([np.random.RandomState(1).normal(size=weight.shape) for weight in fast.get_weights()])
    with h5py.File(tmp, "w", driver="core", backing_store=False) as file:
        save_weights_to_hdf5_group(file, fast.layers)
        keras.src.legacy.saving.legacy_h5_format.load_weights_from_hdf5_group(file, plain)
    values = np.random.RandomState(2).normal(size=(2, 4, 3))
    np.testing.assert_allclose(plain.predict(values), fast.predict(values), rtol=1e-5)


@probe_of_keras3
def embedding_index():
    layer = layers.Embedding(5, 2)
    symbol = layers.Input((3,))
    f = K.function([symbol], [layer(symbol)])
    for _ in range(2):
        for index in (-1, 5, np.nan):
            with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[0,1\] = -?\d+ is not in \[0, 5\)"):
                f([[[0, index, 1]]])
        assert f([[[4, 0, 1]]])[0].shape == (1, 3, 2)


@probe_of_keras3
def embedding_input():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fixed = keras.Sequential([layers.Embedding(5, 2, input_length=3), layers.Flatten()])
    assert fixed.output_shape == (None, 6)
    model = keras.Sequential([layers.Embedding(5, 2), layers.LSTM(4)])
    assert (model.input_shape, len(model.get_weights())) == ((None, None), 4)
    assert model(np.ones((2, 7), "int32")).shape == (2, 4)
