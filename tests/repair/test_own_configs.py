"""Layers of a program that keep lists, and make other layers of their configurations."""

import copy
import pickle

import h5py
import numpy as np
import pytest
from helpers import filled
from kerases import keras, layers

import k2compat.backend  # noqa: F401


class Several(layers.Layer):
    """Several layers of one kind, of which a list of numbers tells which count."""

    def __init__(self, inner, chosen, **kwargs):
        super().__init__(**kwargs)
        self.inner = [layers.deserialize(config) for config in inner]
        self.chosen = chosen

    def build(self, shape):
        for layer in self.inner:
            layer.build(shape)
        super().build(shape)

    def call(self, x):
        return sum(self.inner[place](x) for place in self.chosen)

    def compute_output_shape(self, shape):
        return self.inner[0].compute_output_shape(shape)

    def get_config(self):
        inner = [{"class_name": type(layer).__name__, "config": layer.get_config()} for layer in self.inner]
        return {**super().get_config(), "inner": inner, "chosen": self.chosen}


def model():
    convolutions = [layers.Conv1D(3, 3, padding="same", activation=kind) for kind in ("relu", "tanh", "linear")]
    inner = [{"class_name": "Conv1D", "config": layer.get_config()} for layer in convolutions]
    return keras.Sequential([Several(inner, [0, 2], input_shape=(5, 2)), layers.Flatten(), layers.Dense(1)])


@pytest.mark.filterwarnings("ignore")
def test_layers_make_those_inside_of_them_of_their_configurations(tmp_path):
    made = filled(model())
    made.save(tmp_path / "model.h5")
    read = keras.models.load_model(tmp_path / "model.h5", custom_objects={"Several": Several}, compile=False)
    x = np.random.default_rng(1).normal(size=(2, 5, 2)).astype("float32")
    np.testing.assert_allclose(read(x), made(x), rtol=1e-6)
    assert [type(layer).__name__ for layer in read.layers[0].inner] == ["Conv1D"] * 3


@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")
def test_a_configuration_is_copied_without_the_layers():
    config = model().layers[0].get_config()
    assert copy.deepcopy(config)["chosen"] == copy.copy(config["chosen"]) == [0, 2]


@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")
def test_the_axis_of_batch_normalization_is_a_number():
    model = keras.Sequential([layers.BatchNormalization(axis=1, input_shape=(5, 2)), layers.BatchNormalization()])
    configs = [layer.get_config() for layer in model.layers]
    assert [config["axis"] for config in configs] in ([1, -1], [1, 2])
    made = layers.BatchNormalization.from_config(configs[0])
    made.build((None, 5, 2))
    assert tuple(made.gamma.shape) == (5,)


@pytest.mark.keras3_only
@pytest.mark.parametrize("value", [[1, [2]], {"a": [1]}, {3, 4}])
def test_copies_of_what_a_layer_keeps_are_plain(value):
    layer = layers.Layer()
    layer.kept = value
    for copied in (copy.copy(layer.kept), copy.deepcopy(layer.kept), pickle.loads(pickle.dumps(layer.kept))):
        assert type(copied) is type(value)
        assert copied == value
    deep = copy.deepcopy(layer.kept)
    if isinstance(value, list):
        deep[1].append(5)
        assert layer.kept == [1, [2]]


@pytest.mark.keras3_only
def test_a_class_that_is_not_known_is_named():
    with pytest.raises((TypeError, ValueError), match="NoSuchLayer"):
        layers.deserialize({"class_name": "NoSuchLayer", "config": {}})


class Pairs(layers.Layer):
    """A layer with two weights of one name in each of two scopes."""

    def build(self, shape):
        self.kept = [self.add_weight(name="kernel", shape=(2,), initializer="ones") for _ in range(2)]
        self.inner = [layers.Dense(2), layers.Dense(2, name="same"), layers.Dense(2, name="same")]
        for layer in self.inner:
            layer.build(shape)
        super().build(shape)

    def call(self, x):
        return sum(layer(x) for layer in self.inner) * self.kept[0] + self.kept[1]

    def compute_output_shape(self, shape):
        return shape


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("save", ["save", "save_weights"])
def test_weights_of_one_name_are_saved_each_under_a_name_of_its_own(save, tmp_path):
    def make():
        return filled(keras.Sequential([layers.Dense(2, name="first", input_shape=(3,)), Pairs(name="pairs")]))

    model, path = make(), tmp_path / "file.h5"
    model.compile("adam", "mse")
    model.train_on_batch(np.ones((2, 3)), np.ones((2, 2)))
    getattr(model, save)(path)
    with h5py.File(path, "r") as file:
        groups = file["model_weights"] if save == "save" else file
        names = [name.decode() if isinstance(name, bytes) else name for name in groups["first"].attrs["weight_names"]]
        assert names == [weight.name for weight in model.layers[0].weights]
        assert all(groups["first"][name].shape for name in names)
        assert len(set(groups["pairs"].attrs["weight_names"])) == len(model.layers[1].weights) == 8
    if save == "save":
        read = keras.models.load_model(path, custom_objects={"Pairs": Pairs})
        assert [np.shape(value) for value in read.optimizer.get_weights()] == [
            np.shape(value) for value in model.optimizer.get_weights()
        ]
    other = make()
    other.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    other.load_weights(path)
    for found, expected in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)
