"""Functional models that are made of configurations in the form of Keras 2, in memory and in files."""

import json
from unittest import mock

import h5py
import numpy as np
import pytest
from helpers import filled
from kerases import keras, layers

import k2compat.backend  # noqa: F401
from k2compat.naming.programs import Program

pytestmark = pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`", "ignore:You are saving your model")


def chain():
    x = layers.Input((4,))
    dense, inner = layers.Dense(4), keras.Model(x, layers.Dense(4, activation="tanh")(x))
    stack = keras.Sequential([layers.Dense(4, input_shape=(4,))])
    return keras.Model(x, inner(inner(stack(layers.add([dense(x), dense(dense(x))])))))


def an_end_before_a_call():
    x, y = layers.Input((4,)), layers.Input((4,))
    inner = keras.Model(x, layers.Dense(4, activation="tanh")(x))
    return keras.Model([x, y], [inner(x), layers.Dense(3)(inner(y))])


def a_call_before_an_end():
    x, y = layers.Input((4,)), layers.Input((4,))
    stack = keras.Sequential([layers.Dense(4, activation="tanh", input_shape=(4,))])
    hidden = layers.Dense(4)(stack(x))
    return keras.Model([x, y], [hidden, stack(hidden), stack(y)])


def with_states():
    x, h, c = layers.Input((3, 4)), layers.Input((2,)), layers.Input((2,))
    return keras.Model([x, h, c], layers.LSTM(2)(x, initial_state=[h, c]))


MODELS = [chain, an_end_before_a_call, a_call_before_an_end, with_states]


def listed(outputs):
    return outputs if isinstance(outputs, list) else [outputs]


def assert_computes_the_same(made, model):
    made.set_weights(model.get_weights())
    draw = np.random.default_rng(3)
    x = [draw.normal(size=(2, *map(int, tensor.shape[1:]))).astype("float32") for tensor in model.inputs]
    x = x if len(x) > 1 else x[0]
    for mine, expected in zip(listed(made(x)), listed(model(x)), strict=True):
        np.testing.assert_allclose(mine, expected, rtol=1e-6)


@pytest.mark.parametrize("make", MODELS)
def test_a_model_made_of_its_configuration_computes_the_same(make):
    model = filled(make())
    config = model.get_config()
    for _ in range(2):  # it may be used again
        assert_computes_the_same(keras.Model.from_config(config), model)


@pytest.mark.filterwarnings("ignore")  # it says who cannot read the file
@pytest.mark.parametrize("unmodified", [True, False])
@pytest.mark.parametrize("make", MODELS)
def test_a_model_read_from_a_file_computes_the_same(make, unmodified, tmp_path):
    model = filled(make())
    with mock.patch.object(Program, "unmodified", unmodified):
        model.save(tmp_path / "model.h5")
    assert_computes_the_same(keras.models.load_model(tmp_path / "model.h5", compile=False), model)


@pytest.mark.filterwarnings("ignore")
def test_files_of_unmodified_programs_list_calls(tmp_path):
    with mock.patch.object(Program, "unmodified", True):
        chain().save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5", "r") as file:
        config = json.loads(file.attrs["model_config"])["config"]
    assert all(isinstance(call, list) for layer in config["layers"] for call in layer["inbound_nodes"])
    assert config["layers"][0]["config"]["batch_input_shape"] == [None, 4]
    assert config["output_layers"] == [[config["layers"][-1]["config"]["name"], 2, 0]]


@pytest.mark.keras3_only
def test_what_keras_asks_itself_is_in_its_own_form():
    """``clone_model``, .keras files and others know no other."""
    written = json.loads(chain().to_json())["config"]["layers"]
    assert all(isinstance(call, dict) for layer in written for call in layer["inbound_nodes"])
