"""Models that Keras 2 saved, rebuilt from their configurations: the same layers, weights, outputs and training."""

import json

import numpy as np
import pytest
import tensorflow as tf
from kerases import keras
from paths import DATA, MODELS

from k2compat import backend as K

pytestmark = pytest.mark.keras3_only

CONFIGS = json.loads((DATA / "configs.json").read_text())
COMPILED = ["adam", "sgd", "rmsprop", "by_name"]


@pytest.fixture(scope="module")
def arrays():
    with np.load(DATA / "arrays.npz") as file:
        return dict(file)


def recorded(arrays, name, kind):
    return [arrays[key] for key in sorted(arrays) if key.startswith(f"{name}/{kind}")]


def rebuilt(name, arrays, read=keras.models.model_from_json):
    model = read(json.dumps(CONFIGS[name]))
    model.set_weights(recorded(arrays, name, "weight"))
    return model


def outputs_of(model, inputs):
    found = model.predict(inputs[0] if len(inputs) == 1 else inputs, verbose=0)
    return found if isinstance(found, list) else [found]


def assert_same(found, expected):
    assert len(found) == len(expected)
    for got, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_a_model_comes_back_from_json(name, arrays):
    model = rebuilt(name, arrays)
    inputs, expected = recorded(arrays, name, "input"), recorded(arrays, name, "output")
    assert_same(outputs_of(model, inputs), expected)
    outputs = [model.output] if tf.is_tensor(model.output) or not isinstance(model.output, list) else model.output
    assert_same(K.function(model.inputs, outputs)(inputs), expected)


def test_a_thresholded_relu_is_a_relu_with_a_threshold(arrays):
    model = rebuilt("thresholded", arrays)
    assert isinstance(model.layers[-1], keras.layers.ReLU)
    (x,), (y,) = recorded(arrays, "thresholded", "input"), recorded(arrays, "thresholded", "output")
    theta = CONFIGS["thresholded"]["config"]["layers"][-1]["config"]["theta"]
    assert 0 < (y > 0).sum() < (x > 0).sum()  # some values lie between zero and the threshold
    np.testing.assert_array_equal(y, x * (x > theta))
    (found, slope) = K.function(model.inputs, [model.output, *K.gradients(model.output, model.input)])([x])
    np.testing.assert_array_equal(found, y)
    np.testing.assert_array_equal(slope, (x > theta).astype("float32"))


def test_json_is_read_under_both_addresses(arrays):
    expected = recorded(arrays, "sequential", "output")
    for read in (keras.models.model_from_json, tf.keras.models.model_from_json):
        assert_same(outputs_of(rebuilt("sequential", arrays, read), recorded(arrays, "sequential", "input")), expected)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
@pytest.mark.parametrize("name", ["sequential", "nested_twice", "bidirectional", "gru", "stacked_cells"])
def test_what_keras_3_writes_of_such_a_model_it_reads_again(name, arrays, tmp_path):
    model = rebuilt(name, arrays)
    inputs, expected = recorded(arrays, name, "input"), recorded(arrays, name, "output")
    again = keras.models.model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    assert_same(outputs_of(again, inputs), expected)
    model.save(tmp_path / "new.keras")
    assert_same(outputs_of(keras.models.load_model(tmp_path / "new.keras"), inputs), expected)
    assert keras.models.clone_model(again).output_shape == model.output_shape


def test_a_shared_nested_model_is_one_model_called_twice(arrays):
    model = rebuilt("nested_twice", arrays)
    inner = model.get_layer("inner")
    first, second = inner.get_output_at(1), inner.get_output_at(2)
    a, b = recorded(arrays, "nested_twice", "input")
    f = K.function(model.inputs, [first, second, *K.gradients(model.output[:, 0], [first, second])])
    found = f([a, b])
    np.testing.assert_allclose(found[0], inner.predict(a, verbose=0), rtol=1e-5)
    np.testing.assert_allclose(found[1], inner.predict(b, verbose=0), rtol=1e-5)
    assert all(np.abs(slope).max() > 0 for slope in found[2:])


def test_a_shared_layer_keeps_its_calls_apart(arrays):
    model = rebuilt("shared_layer", arrays)
    encoder = model.get_layer("encoder")
    a, b = recorded(arrays, "shared_layer", "input")
    values = K.function(model.inputs, [encoder.get_output_at(0), encoder.get_output_at(1)])([a, b])
    np.testing.assert_allclose(values[0] - values[1], recorded(arrays, "shared_layer", "output")[0], atol=1e-5)


def test_defaults_of_keras_2_are_kept(arrays):
    assert rebuilt("gru", arrays).layers[-1].reset_after is False
    assert rebuilt("gru_reset_after", arrays).layers[-1].reset_after is True
    assert rebuilt("bidirectional", arrays).layers[-1].forward_layer.reset_after is False
    assert rebuilt("text", arrays).layers[-1].reset_after is False


def test_static_shapes_are_those_of_keras_2(arrays):
    shapes = {"sequential": (None, 2), "conv2d": (None, 3, 3, 2), "bidirectional": (None, 3, 4), "text": (None, 2)}
    assert {name: rebuilt(name, arrays).output_shape for name in shapes} == shapes


def test_a_sequential_of_keras_2_1_is_a_list_of_layers(arrays):
    assert isinstance(CONFIGS["sequential_of_2_1"]["config"], list)
    model = keras.models.load_model(DATA / "adam_of_2_1.h5", compile=False)
    assert isinstance(model, keras.Sequential)
    assert_same(outputs_of(model, recorded(arrays, "adam", "input")), recorded(arrays, "adam", "output"))


@pytest.mark.parametrize("name", COMPILED)
def test_a_compiled_model_is_loaded_with_its_loss_and_metrics(name, arrays):
    model = keras.models.load_model(DATA / f"{name}.h5")
    (x,), (target,) = recorded(arrays, name, "input"), recorded(arrays, name, "target")
    assert_same(outputs_of(model, [x]), recorded(arrays, name, "output"))
    found = model.evaluate(x, target, verbose=0)
    np.testing.assert_allclose(found, arrays[f"{name}/evaluated"], rtol=1e-5)


@pytest.mark.parametrize("name", COMPILED)
def test_training_goes_on_where_it_stopped(name, arrays):
    """With the optimizer's state of the file, one more step gives what it gave under Keras 2."""
    model = keras.models.load_model(DATA / f"{name}.h5")
    (x,), (target,) = recorded(arrays, name, "input"), recorded(arrays, name, "target")
    model.train_on_batch(x, target)
    assert_same(outputs_of(model, [x]), recorded(arrays, name, "trained"))


@pytest.mark.parametrize("name", COMPILED)
def test_a_compiled_model_keeps_the_settings_of_its_optimizer(name):
    optimizer = keras.models.load_model(DATA / f"{name}.h5").optimizer
    kind, rate, settings = {
        "adam": ("Adam", 0.02, {"beta_1": 0.9, "epsilon": 1e-7}),
        "sgd": ("SGD", 0.1, {"momentum": 0.9, "nesterov": True}),
        "rmsprop": ("RMSprop", 0.01, {"rho": 0.8}),
        "by_name": ("Adam", 0.001, {"beta_2": 0.999}),
    }[name]
    assert type(optimizer).__name__ == kind
    assert float(K.get_value(optimizer.lr)) == pytest.approx(rate)
    assert {key: pytest.approx(getattr(optimizer, key)) for key in settings} == settings


def test_a_compiled_model_without_compiling(arrays):
    model = keras.models.load_model(DATA / "adam.h5", compile=False)
    assert_same(outputs_of(model, recorded(arrays, "adam", "input")), recorded(arrays, "adam", "output"))


def test_weights_alone_are_loaded(arrays, tmp_path):
    model = rebuilt("sequential", arrays)
    model.load_weights(DATA / "adam.h5")
    assert_same(outputs_of(model, recorded(arrays, "adam", "input")), recorded(arrays, "adam", "output"))


@pytest.mark.parametrize("file", sorted(MODELS.glob("*.h5")), ids=lambda path: path.stem)
def test_every_model_file_loads_with_tensors_for_its_ends(file):
    model = keras.models.load_model(file, compile=False)
    for ends in (model.input, model.output):
        assert not isinstance(ends, list) or len(ends) > 1
    assert K.gradients(model.outputs[0], model.weights[0])[0] is not None


def test_what_is_no_configuration_is_refused():
    for text in ("", "{}", '{"class_name": "Nonsense", "config": {}}', "[1, 2]"):
        with pytest.raises((ValueError, TypeError, KeyError)):
            keras.models.model_from_json(text)
