"""The configuration of a ``Sequential`` as Keras 2 wrote it, in memory and in files, and models that are made of it."""

import json
import zipfile
from unittest import mock

import h5py
import numpy as np
import pytest
from kerases import KIND, keras, layers

import k2compat.backend  # noqa: F401
from k2compat.naming.programs import Program

pytestmark = pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`", "ignore:Argument `input_length`")


def dense(**kwargs):
    return keras.Sequential([layers.Dense(2, name="first", **kwargs), layers.Dense(1, name="last")])


def of_functional(shape=(4,)):
    x = layers.Input(shape)
    return keras.Model(x, layers.Dense(3)(x))


# Keras 2.3.1 gives the names on the right for the classes of layers of such models, and the shape of the first.
MODELS = {
    "shape": (lambda: dense(input_shape=(4,)), ["Dense", "Dense"], (None, 4)),
    "batch": (lambda: dense(batch_input_shape=(7, 4)), ["Dense", "Dense"], (7, 4)),
    "embedding": (
        lambda: keras.Sequential([layers.Embedding(9, 3, input_length=4), layers.Flatten()]),
        ["Embedding", "Flatten"],
        (None, 4),
    ),
    "wrapper": (
        lambda: keras.Sequential([layers.TimeDistributed(layers.Dense(2), input_shape=(2, 4)), layers.Flatten()]),
        ["TimeDistributed", "Flatten"],
        (None, 2, 4),
    ),
    "nested": (
        lambda: keras.Sequential([dense(input_shape=(4,)), layers.Dense(5)]),
        ["Sequential", "Dense"],
        None,
    ),
    "no shape": (dense, ["Dense", "Dense"], None),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_program_gets_the_layers_that_keras_2_listed(name):
    make, classes, shape = MODELS[name]
    listed = make().get_config()["layers"]
    assert [layer["class_name"] for layer in listed] == classes
    assert listed[0]["config"].get("batch_input_shape") == shape
    if name == "nested":
        assert listed[0]["config"]["layers"][0]["config"]["batch_input_shape"] == (None, 4)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_made_of_its_configuration(name):
    model = MODELS[name][0]()
    made = keras.Sequential.from_config(model.get_config())
    assert [layer.name for layer in made.layers] == [layer.name for layer in model.layers]
    assert made.built == model.built
    if model.built:
        assert made.input_shape == model.input_shape
        assert [w.shape for w in made.get_weights()] == [w.shape for w in model.get_weights()]


def test_an_input_layer_that_says_more_than_a_shape_stays():
    model = keras.Sequential([layers.Input((4,), dtype="int32"), layers.Embedding(9, 3)])
    assert model.get_config()["layers"][0]["class_name"] == "InputLayer"
    assert keras.Sequential.from_config(model.get_config()).inputs[0].dtype == "int32"


def test_a_nested_model_in_a_functional_one_is_as_keras_2_listed_it():
    x = layers.Input((4,))
    inner = keras.Model(x, dense(input_shape=(4,))(x)).get_config()["layers"][1]["config"]
    assert [layer["class_name"] for layer in inner["layers"]] == ["Dense", "Dense"]


def saved(model, path):
    """Return the configuration in an .h5 file of a model, and the layers that have weights in it."""
    model.save(path)
    with h5py.File(path, "r") as file:
        return json.loads(file.attrs["model_config"]), list(file["model_weights"].attrs["layer_names"])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("unmodified", [True, False])
@pytest.mark.parametrize("name", ["shape", "wrapper", "nested", "functional"])
def test_a_file_lists_layers_as_keras_2_did_where_the_program_is_unmodified(name, unmodified, tmp_path):
    model = of_functional() if name == "functional" else MODELS[name][0]()
    with mock.patch.object(Program, "unmodified", unmodified):
        config, with_weights = saved(model, tmp_path / "model.h5")
    listed = [layer["config"]["name"] for layer in config["config"]["layers"]]
    if name == "functional":
        assert config["class_name"] == ("Model" if unmodified else "Functional")
    else:
        assert (listed == with_weights) is unmodified
    loaded = keras.models.load_model(tmp_path / "model.h5", compile=False)
    x = np.ones((2, *model.input_shape[1:]), "float32")
    np.testing.assert_allclose(loaded.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.keras3_only
def test_it_says_who_cannot_read_the_file(tmp_path):
    with mock.patch.object(Program, "unmodified", True), pytest.warns(UserWarning, match="without an input layer"):
        dense(input_shape=(4,)).save(tmp_path / "model.h5")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_files_of_the_new_format_stay_as_keras_writes_them(tmp_path):
    with mock.patch.object(Program, "unmodified", True):
        dense(input_shape=(4,)).save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        listed = json.loads(file.read("config.json"))["config"]["layers"]
    assert listed[0]["class_name"] == "InputLayer"
    assert KIND == "keras2" or "batch_input_shape" not in listed[1]["config"]
