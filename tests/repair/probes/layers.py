"""Probes of the repairs of masks, of wrappers, of states and of what layers are set to by default."""

import numpy as np
import pytest
import tensorflow as tf
from kerases import keras, layers

from k2compat import backend as K
from repair.probes import probe, probe_of_keras2, probe_of_keras3

WORDS = [np.array([[1, 2, 0, 0]]), np.array([[1, 0, 2, 0]])]


class Seen(keras.layers.Layer):
    """The mask it gets, as numbers."""

    def call(self, x, mask=None):
        return K.ones_like(x[:, :, 0]) if mask is None else K.cast(mask, "float32")

    def compute_mask(self, inputs, mask=None):
        return None


def seen(*masked, through):
    """What a layer behind others sees as its mask.

    Args:
        masked: for each of the inputs, whether it has a mask.
        through: the layers between, called on the list of embedded inputs and on that of the inputs.
    """
    tokens = [layers.Input((4,)) for _ in masked]
    embedded = [layers.Embedding(3, 2, mask_zero=zero)(x) for zero, x in zip(masked, tokens, strict=True)]
    model = keras.Model(tokens, Seen()(through(embedded, tokens)))
    return model.predict(WORDS[: len(masked)], verbose=0)[0].astype(int).tolist()


@probe_of_keras3
def merged_masks():
    kinds = (layers.Add(), layers.Maximum(), layers.Concatenate())
    both = [seen(True, True, through=lambda x, _, kind=kind: kind(x)) for kind in kinds]
    one = [seen(True, False, through=lambda x, _, kind=kind: kind(x)) for kind in kinds]
    assert both == [[1, 0, 0, 0]] * 3
    assert one == [[1, 1, 0, 0]] * 3
    assert all(map(merges_all_steps, MERGED))


MERGED = {"Multiply": np.multiply, "Maximum": np.maximum, "Minimum": np.minimum}


def merges_all_steps(name):
    x, y = np.float32([[[0], [-2], [3], [0]]]), np.float32([[[5], [0], [0], [-6]]])
    inputs, merge = [layers.Input((4, 1)) for _ in range(2)], getattr(layers, name)
    first, second = (layers.Masking()(tensor) for tensor in inputs)
    found = keras.Model(inputs, [merge()([first, second]), merge()([first, inputs[1]])]).predict([x, y], verbose=0)
    return np.array_equal(found, [MERGED[name](x, y)] * 2)


@probe
def stacked_states():
    x, cells = layers.Input((3, 2)), [layers.LSTMCell(3), layers.GRUCell(4)]
    outputs = layers.RNN(cells, return_state=True)(layers.Masking()(x))
    assert isinstance(outputs, (list, tuple))
    assert not any(isinstance(part, (list, tuple)) for part in outputs)
    again = layers.RNN(cells, return_state=True)(x, initial_state=list(outputs[1:]))
    single = layers.RNN([layers.LSTMCell(3)], return_state=True)(layers.Masking()(x))
    found = keras.Model(x, [*outputs, *again, *single]).predict(np.ones((2, 3, 2)), verbose=0)
    assert [part.shape for part in found] == [(2, 4), (2, 3), (2, 3), (2, 4)] * 2 + [(2, 3)] * 3


@probe
def layer_masks():
    class Ending(keras.layers.Layer):
        def call(self, x, mask=None):
            return x

        def compute_mask(self, inputs, mask=None):
            return None

    recurrent = layers.SimpleRNN(2, return_sequences=True)
    kept = seen(True, through=lambda x, _: layers.Softmax()(x[0]))
    positive = layers.Lambda(lambda x: x > 0.0)
    by_hand = seen(False, True, through=lambda x, tokens: recurrent(x[0], mask=positive(tokens[1])))
    assert seen(True, through=lambda x, _: Ending()(x[0])) == by_hand == [1] * 4
    assert kept == [1, 1, 0, 0]


class Present(keras.layers.Layer):
    """Masks the steps that are zero, by K functions."""

    def call(self, x):
        return x * 1.0

    def compute_mask(self, inputs, mask=None):
        return K.any(K.not_equal(inputs, 0.0), axis=-1)

    def compute_output_shape(self, input_shape):
        return input_shape


@probe_of_keras3
def saved_masks():
    x = layers.Input((3, 2))
    model = keras.Model(x, layers.LSTM(2)(Present(name="present")(x)))
    config = model.get_config()
    assert [layer["class_name"] for layer in config["layers"]] == ["InputLayer", "Present", "LSTM"]
    again = keras.Model.from_config(config, custom_objects={"Present": Present})
    again.set_weights(model.get_weights())
    values = np.array([[[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]]], "float32")
    assert np.array_equal(again.predict(values, verbose=0), model.predict(values, verbose=0))
    assert not np.allclose(again.predict(values[:, ::-1], verbose=0), model.predict(values, verbose=0))


@probe
def time_distributed():
    x = layers.Input((None, 3))
    inner = keras.Sequential([layers.Input((3,)), layers.BatchNormalization()])
    model = keras.Model(x, layers.TimeDistributed(inner)(x))
    values = np.arange(48.0).reshape((2, 8, 3))
    assert K.int_shape(model.output) == (None, None, 3)
    assert model.predict(values, verbose=0).shape == (2, 8, 3)
    model.compile("sgd", "mse")
    model.train_on_batch(values, values)
    assert np.allclose(model.get_weights()[2], 0.01 * values.mean(axis=(0, 1)), rtol=1e-4)


@probe_of_keras3
def reset_states():
    model = keras.Sequential([layers.Input(batch_shape=(1, 2, 3)), layers.SimpleRNN(2, stateful=True)])
    first, second = (model.predict(np.ones((1, 2, 3)), verbose=0) for _ in range(2))
    model.reset_states()
    third = model.predict(np.ones((1, 2, 3)), verbose=0)
    model.layers[-1].reset_states([np.full((1, 2), 0.5)])
    state = K.get_value(model.layers[-1].states[0])
    assert model.stateful
    assert not np.allclose(first, second)
    assert np.allclose(first, third)
    assert (state == 0.5).all()


@probe_of_keras3
def conv_lstm_activation():
    gate = layers.ConvLSTM2D(1, 2).recurrent_activation
    assert np.allclose(K.eval(gate(K.constant([1.0]))), 0.7)


@probe_of_keras3
def sequence_data_format():
    K.set_image_data_format("channels_first")
    try:
        made = [layers.Conv1D(1, 2), layers.MaxPooling1D(), layers.GlobalAveragePooling1D()]
    finally:
        K.set_image_data_format("channels_last")
    assert {layer.data_format for layer in made} == {"channels_last"}


@probe_of_keras3
def constant_initializer():
    with pytest.raises(TypeError):
        keras.initializers.Constant([1.0, 2.0])((2, 2))
    in_rows = keras.initializers.Constant([1.0, 2.0, 3.0, 4.0])((2, 2))
    assert np.asarray(in_rows).tolist() == [[1, 2], [3, 4]]


class Block(keras.Model):
    """A model with two layers inside."""

    def __init__(self):
        super().__init__()
        self.dense, self.relu = layers.Dense(3), layers.ReLU()

    def call(self, x):
        return self.relu(self.dense(x))


@probe
def inner_outputs():
    x, block = layers.Input((2,)), Block()
    block(x)
    assert K.function([x], [block.dense.output])([np.ones((4, 2))])[0].shape == (4, 3)


@probe_of_keras3
def layer_repr():
    assert "input_layer.InputLayer object at" in str(layers.InputLayer((2,)))


@probe
def layer_closures():
    x, columns = layers.Input((3,)), []
    for i in range(3):
        columns.append(layers.Lambda(lambda t: t[:, i])(x))  # noqa: B023
    assert K.function([x], [K.stack(columns)])([[[1.0, 2.0, 3.0]]])[0].ravel().tolist() == [1.0, 2.0, 3.0]


class Regions(layers.Layer):
    """A number of regions that is known to its declaration only."""

    def call(self, x):
        return tf.gather(x, tf.where(x[0, :, 0] > 0)[:, 0], axis=1)

    def compute_output_shape(self, shape):
        return shape[0], 2, shape[2]


@probe_of_keras2
def declared_shapes():
    x = layers.Input((4, 3))
    regions = Regions()(x)
    assert K.int_shape(regions) == (None, 2, 3)
    assert K.int_shape(layers.TimeDistributed(layers.Dense(5))(regions)) == (None, 2, 5)
