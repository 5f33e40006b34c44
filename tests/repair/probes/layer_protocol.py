"""Probes of the repairs of what layers and losses of a script's own may do."""

import numpy as np
import pytest
import tensorflow as tf
from kerases import keras, layers

from k2compat import backend as K
from repair.probes import probe, probe_of_keras2, probe_of_keras3

ROWS = np.array([[1.0, 2.0], [3.0, 6.0]], "float32")


def kept(x):
    """The same, with weights to train."""
    return layers.Dense(2, kernel_initializer="identity", use_bias=False)(x)


class Scaled(keras.layers.Layer):
    """Its input times a weight of ones, which both orders of arguments make."""

    def build(self, input_shape):
        self.first = self.add_weight("first", (2,), initializer="ones")
        self.second = self.add_weight((2,), initializer="ones", name="second")
        self.built = True

    def call(self, x):
        return x * self.first * self.second

    def compute_output_shape(self, input_shape):
        return input_shape


@probe
def add_weight_positions():
    layer = Scaled()
    x = layers.Input((2,))
    np.testing.assert_array_equal(keras.Model(x, layer(x)).predict(ROWS, verbose=0), ROWS)
    assert [weight.name.split("/")[-1].split(":")[0] for weight in layer.weights] == ["first", "second"]


class Last(keras.layers.Layer):
    """Keeps the mean of its last batch, which it adds to its input."""

    def build(self, input_shape):
        self.mean = self.add_weight(name="mean", shape=(), initializer="zeros", trainable=False)
        self.built = True

    def call(self, x):
        self.add_update((self.mean, K.mean(x)), x)
        return x + self.mean

    def compute_output_shape(self, input_shape):
        return input_shape


@probe
def layer_add_update():
    x, layer = layers.Input((2,)), Last()
    model = keras.Model(x, kept(layer(x)))
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.predict(ROWS, verbose=0)
    assert K.get_value(layer.mean) == 0
    assert model.train_on_batch(ROWS, ROWS) == 0  # with the mean from before the step
    assert K.get_value(layer.mean) == 3
    layer.trainable = False
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.train_on_batch(ROWS + 1, ROWS)
    assert K.get_value(layer.mean) == 3


@probe
def stateful_updates():
    x, layer = layers.Input((2,)), Last()
    layer.stateful = True
    model = keras.Model(x, layer(x))
    model.predict(ROWS, verbose=0, batch_size=2)
    assert K.get_value(layer.mean) == 3


class Penalized(keras.layers.Layer):
    """Adds the mean of its input as a loss."""

    def call(self, x):
        self.add_loss(K.mean(x), inputs=x)
        return x


@probe
def layer_add_loss():
    x = layers.Input((2,))
    model = keras.Model(x, kept(Penalized()(x)))
    (loss,) = model.losses
    assert K.function([x], [model.output, loss])([ROWS])[1] == 3
    model.compile(keras.optimizers.SGD(0.0), "mse")
    assert model.train_on_batch(ROWS, ROWS) == 3
    model = keras.Sequential([layers.Input((2,)), Tied()])
    model.compile(keras.optimizers.SGD(0.25), "mse")
    assert [model.train_on_batch(ROWS, ROWS) for _ in range(2)] == [2, 0.5]


class Tied(layers.Layer):
    """Hands its input through, and adds the squares of a weight when it is built."""

    def build(self, input_shape):
        self.slope = self.add_weight(name="slope", shape=(2,), initializer="ones")
        self.add_loss(K.sum(K.square(self.slope)))
        super().build(input_shape)

    def call(self, x):
        return x


class Tilted(keras.layers.Activation):
    """An activation with a weight of its own."""

    def __init__(self):
        super().__init__("relu")
        self.slope = self.add_weight(name="slope", shape=(), initializer="ones")

    def call(self, x):
        return x * self.slope


class Outer(layers.Wrapper):
    """Adds a weight to the layer in it, as ConcreteDropout and SpectralNormalization do."""

    def build(self, input_shape=None):
        self.layer.build(input_shape)
        super().build()
        self.scale = self.layer.add_weight(name="scale", shape=(1,), initializer="ones")

    def call(self, inputs):
        return self.layer.call(inputs) * self.scale


@probe_of_keras3
def layers_built_later():
    layer = Tilted()
    layer(layers.Input((2,)))
    layer.add_weight(name="later", shape=(2,))
    assert layer.count_params() == 3
    wrapper = Outer(layers.Dense(3))
    wrapper(layers.Input((2,)))
    assert wrapper.count_params() == 10


@probe
def tensors_in_call():
    shapes = []
    x = layers.Input((2, 3))
    layers.Lambda(lambda t: shapes.append((t._keras_shape, t._uses_learning_phase)) or t)(x)
    assert (None, 2, 3) in [shape for shape, _ in shapes]
    assert not any(used for _, used in shapes)


@probe
def tensorflow_constants():
    kept = {"weight": 2.0}

    def loss(y_true, y_pred):
        kept["weight"] = tf.constant(kept["weight"])
        return kept["weight"] * y_pred

    assert [float(tf.function(lambda x: loss(x, x))(tf.constant(3.0))) for _ in range(2)] == [6, 6]


@probe
def numpy_integers():
    assert layers.RepeatVector(np.max([1, 2]) + 1)(layers.Input((2,))).shape[1] == 3
    assert layers.Dense(np.max([1, 2]) + 1).units == 3
    assert layers.Conv2D(np.int64(2), (np.int64(3), 3)).get_config()["kernel_size"] == (3, 3)


@probe_of_keras3
def lambda_output_shape():
    assert tuple(layers.Lambda(lambda t: t[:, :1], output_shape=[1])(layers.Input((3,))).shape) == (None, 1)


@probe
def model_from_config():
    x = layers.Input((2,))
    config = keras.Model(x, layers.Lambda(lambda t: t * 2)(x)).get_config()
    made = keras.models.model_from_config({"class_name": "Model", "config": config})
    np.testing.assert_array_equal(made.predict(ROWS, verbose=0), ROWS * 2)


@probe
def application_layer_names():
    x = layers.Input((2,))
    model = keras.Model(x, layers.Dense(3, name="predictions")(x), name="resnet50")
    assert model.get_layer("fc1000") is model.get_layer("predictions")


@probe
def resnet50():
    model = keras.applications.ResNet50(weights=None, include_top=False, input_shape=(32, 32, 3))
    names = [layer.name for layer in model.layers]
    assert names.index("conv2_block1_3_conv") < names.index("conv2_block1_0_conv")
    assert {layer.epsilon for layer in model.layers if "_bn" in layer.name} == {1e-3}
    assert np.abs(model.get_layer("conv1_conv").get_weights()[0]).max() > 0.15  # of he_normal; glorot stops at 0.043


@probe_of_keras3
def lambda_globals():
    layer = layers.Lambda(lambda t: K.sum(t) + np.float32(1), output_shape=())
    with keras.src.saving.serialization_lib.SafeModeScope(False):
        made = layers.Lambda.from_config(layer.get_config())
    assert float(made(ROWS)) == 13


@probe
def model_shapes():
    dense = layers.Dense(2, kernel_initializer="identity")
    inner = keras.Sequential([layers.Input((2,)), dense, layers.Reshape((2, 1))])
    x = layers.Input((1, 2))
    model = keras.Model(x, inner(x))
    assert model.predict(ROWS[:, None], verbose=0).tolist() == [[[1], [2]], [[3], [6]]]
    assert K.int_shape(model(layers.Input((1, 2)))) == (None, 2, 1)
    with pytest.raises(ValueError):
        keras.Sequential([layers.Input((2,)), layers.Dense(2)]).predict(ROWS[:, :1], verbose=0)


class Sum:
    """A recurrent cell that is no layer: the sum of the steps and a constant."""

    state_size = 2

    def call(self, inputs, states, constants=None):
        new = states[0] + inputs + sum(constants or [])
        return new, [new]


class SumLayer(layers.Layer):
    """The same as a layer."""

    state_size = 2

    def build(self, input_shape):
        self.shapes = [tuple(shape) for shape in input_shape]
        super().build(input_shape)

    def call(self, inputs, states, constants=None):
        return Sum().call(inputs, states, constants)


@probe
def own_cells():
    x, constant = layers.Input((3, 2)), layers.Input((2,))
    cell = SumLayer()
    outputs = layers.RNN(cell, return_state=True)(x, constants=constant)
    assert isinstance(outputs, list)
    assert cell.shapes == [(None, 2), (None, 2)]
    model = keras.Model([x, constant], outputs + [layers.RNN(Sum())(x)])
    values = model.predict([np.ones((1, 3, 2)), 10 * np.ones((1, 2))], verbose=0)
    assert [value.tolist() for value in values] == [[[33, 33]], [[33, 33]], [[3, 3]]]


class Labelled(layers.Layer):
    """Sets what Keras has properties for."""

    def __init__(self):
        super().__init__()
        self.name, self.dtype = "mine", "float64"
        self.path, self.variables = "here", [1]


@probe
def own_attributes():
    layer = Labelled()
    layer.add_weight(name="w", shape=(2,))
    assert (layer.name, layer.path, layer.variables) == ("mine", "here", [1])
    assert K.dtype(layer.weights[0]) == "float64"
    assert layer.get_weights()[0].dtype == np.float64


@probe
def layer_graph():
    x = layers.Input((2,))
    layer = layers.Dense(3)
    y = layers.Dropout(0.5)(layer(x))
    node = layer._inbound_nodes[0]
    assert [one.name for one in node.inbound_layers] == [x._keras_history[0].name]
    assert (node.outbound_layer, node.input_shapes, node.output_shapes) == (layer, [(None, 2)], [(None, 3)])
    assert len(node.input_tensors) == 1
    assert node.input_tensors[0] is x
    assert node.input_masks == node.output_masks == [None]
    assert (layer.get_input_mask_at(0), node.inbound_layers[0].batch_input_shape) == (None, (None, 2))
    assert (x._uses_learning_phase, y._uses_learning_phase) == (False, True)


class Shaped(layers.Layer):
    """Notes the shape it is built for."""

    def build(self, input_shape):
        self.shape = tuple(input_shape)
        super().build(input_shape)

    def call(self, inputs):
        return inputs[0]


@probe
def shapes_of_one():
    layer = Shaped()
    layer([layers.Input((2,))])
    assert layer.shape == (None, 2)


class Bare(layers.Layer):
    """Does not say that it is built."""

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(2, 2), initializer="ones")
        self.times = getattr(self, "times", 0) + 1

    def call(self, inputs):
        return K.dot(inputs, self.kernel)


@probe_of_keras2
def built_from_config():
    x = layers.Input((2,))
    model = keras.Model(x, Bare()(x))
    again = keras.Model.from_config(model.get_config(), custom_objects={"Bare": Bare})
    assert again.layers[-1].times == 1


@probe
def trainable_argument():
    assert [layers.Dense(2, trainable=value).trainable for value in (["kernel"], [], 1, None)] == [1, 0, 1, 0]


class Kept(Shaped):
    """Keeps the shape as it is given."""

    def build(self, input_shape):
        super().build(input_shape)
        self.given = [type(input_shape)]

    def call(self, inputs):
        return inputs


@probe_of_keras3
def saved_shapes():
    x = layers.Input((2,))
    text = keras.Model(x, Kept()(x)).to_json()
    again = keras.models.model_from_json(text, custom_objects={"Kept": Kept})
    assert again.layers[-1].given == [tuple]
