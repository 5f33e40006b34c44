"""Outputs of layers that run inside of another layer's call, which the graph of Keras 2 had."""

import re

import numpy as np
import pytest
from helpers import normal
from kerases import keras, layers

from k2compat import backend as K

X = normal(5, 4)


class Block(keras.Model):
    """A model of a program's own."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(3, name="dense")
        self.relu = layers.ReLU(name="relu")

    def call(self, x):
        return self.relu(self.dense(x))


class Around(layers.Layer):
    """A layer with such a model inside."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.block = Block(name="inside")
        self.top = layers.Dense(2, name="top")

    def call(self, x):
        return self.top(self.block(x))


class Twice(layers.Layer):
    """A layer that calls another one twice, or only in the training phase."""

    def __init__(self, calls=2, **kwargs):
        super().__init__(**kwargs)
        self.calls, self.dense = calls, layers.Dense(4, name="dense")

    def call(self, x, training=False):
        for _ in range(self.calls if self.calls == 2 or not training else 0):
            x = self.dense(x)
        return 2.0 * x


@pytest.fixture
def model():
    x = layers.Input((4,))
    return keras.Model(x, layers.Dense(1)(Around(name="around")(Block(name="block")(x))))


def hidden(block, x):
    kernel, bias = block.dense.get_weights()
    return x @ kernel + bias


def test_layers_inside_have_outputs(model):
    block, around = model.layers[1:3]
    inner = around.block.dense.output
    names = [tensor.name for tensor in (block.dense.output, block.relu.output, inner)]
    assert [re.sub(r"^(block|around)_\d+/", r"\1/", name) for name in names] == [  # counted over all tests
        "block/dense/BiasAdd:0",
        "block/relu/Relu:0",
        "around/inside/dense/BiasAdd:0",
    ]
    assert block.dense.output is block.dense.output
    function = K.function([model.input], [block.dense.output, block.relu.output, inner, model.output])
    expected = hidden(block, X)
    for _ in range(2):  # eagerly, then compiled
        found = function([X])
        assert np.allclose(found[0], expected, atol=1e-5)
        assert np.allclose(found[1], np.maximum(expected, 0), atol=1e-5)
        assert np.allclose(found[2], hidden(around.block, found[1]), atol=1e-5)
        assert np.allclose(found[3], model.predict(X, verbose=0), atol=1e-5)


def test_gradients_go_through_layers_inside(model):
    block, around = model.layers[1:3]
    sources = [block.dense.output, block.output, around.block.dense.output, block.dense.kernel]
    function = K.function([model.input], [block.dense.output, *K.gradients(K.sum(model.output), sources)])
    for _ in range(2):
        values, before, behind, deeper, kernel = function([X])
        assert np.allclose(before, behind * (values > 0), atol=1e-5)
        assert np.allclose(kernel, X.T @ before, atol=1e-5)
        inside = around.block.dense.get_weights()[0]
        assert np.allclose(behind, deeper @ inside.T, atol=1e-5)
    assert K.gradients(block.dense.output, [around.block.dense.output, block.relu.output]) == [None, None]


def test_values_fed_for_an_output_inside_replace_it(model):
    block = model.layers[1]
    values = normal(5, 3)
    function = K.function([model.input, block.dense.output], [block.output])
    assert np.allclose(function([X, values])[0], np.maximum(values, 0))


def test_a_model_that_ends_inside_has_the_weights(model):
    block = model.layers[1]
    part = keras.Model(model.input, layers.Dense(1, use_bias=False, kernel_initializer="ones")(block.dense.output))
    assert len(part.trainable_weights) == 3
    assert np.allclose(part.predict(X, verbose=0), hidden(block, X).sum(1, keepdims=True), atol=1e-5)
    before = block.dense.get_weights()[0]
    part.compile(keras.optimizers.SGD(0.1), "mse")
    part.fit(X, np.ones((5, 1)), verbose=0)
    assert not np.allclose(block.dense.get_weights()[0], before)


def test_layers_that_are_called_twice_have_no_output():
    layer, x = Twice(), layers.Input((4,))
    layer(x)
    with pytest.raises(AttributeError, match="multiple inbound nodes"):
        layer.dense.output  # noqa: B018
    block = Block()
    block(x)
    block(layers.Input((4,)))
    with pytest.raises(AttributeError, match="multiple inbound nodes"):
        block.dense.output  # noqa: B018
    with pytest.raises(AttributeError):
        Block().dense.output  # noqa: B018


def test_a_layer_that_is_not_called_in_a_phase():
    layer, x = Twice(calls=1), layers.Input((4,))
    layer(x)
    function = K.function([x, K.learning_phase()], [layer.dense.output])
    assert np.allclose(function([X, 0])[0], hidden(layer, X), atol=1e-5)
    with pytest.raises(ValueError, match="'dense', which was not called"):
        function([X, 1])


def test_a_sequential_made_by_its_call_has_outputs_in_the_model_around():
    inner = keras.Sequential([layers.Dense(3), layers.ReLU()])
    x = layers.Input((4,))
    model = keras.Model(x, layers.Dense(1)(inner(x)))
    first, last = (layer.output for layer in inner.layers[-2:])
    found = K.function([model.input], [first, last])([X])
    assert np.allclose(found[1], np.maximum(found[0], 0))
    assert np.allclose(K.function([inner.input], [first])([X])[0], found[0])
    assert K.gradients(first, model.input)[0] is not None
    inner(layers.Input((4,)))  # the layers now are those of two graphs
    with pytest.raises(ValueError, match="must feed a value"):
        K.function([model.input], [first])([X])
