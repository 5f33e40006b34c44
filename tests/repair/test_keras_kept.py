"""What Keras does by itself stays: saved, structured and deserialized models with the repairs applied."""

import importlib
import json
from collections import namedtuple

import numpy as np
import pytest
import tensorflow as tf
from kerases import KIND, keras, layers

from k2compat import backend as K

Pair = namedtuple("Pair", "first second")
only_keras3 = pytest.mark.skipif(KIND == "keras2", reason="the format or structure is Keras 3's")


def data():
    random = np.random.default_rng(0)
    return random.normal(size=(8, 3)).astype("float32"), random.normal(size=(8, 2)).astype("float32")


def sequential():
    return keras.Sequential([layers.InputLayer((3,)), layers.Dense(4, activation="tanh"), layers.Dense(2)])


def functional():
    x = layers.Input((3,), name="x")
    return keras.Model(x, layers.Dense(2)(layers.Dense(4, activation="tanh")(x)))


class Subclassed(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.Dense(2)

    def call(self, x):
        return self.inner(x)

    def get_config(self):
        return {"name": self.name}


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras's variables
@pytest.mark.parametrize("make", [sequential, functional, Subclassed])
def test_a_saved_compiled_model_is_compiled_and_trains_on(make, tmp_path):
    x, y = data()
    model = make()
    model.compile(keras.optimizers.Adam(0.1), "mse", metrics=["mae"], weighted_metrics=[])
    model.fit(x, y, epochs=2, batch_size=4, shuffle=False, verbose=0)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras", custom_objects={"Subclassed": Subclassed})
    assert isinstance(restored.optimizer, keras.optimizers.Adam)
    assert restored.optimizer.iterations.numpy() == 4
    np.testing.assert_allclose(restored.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0), rtol=1e-5)
    for one in (model, restored):
        one.fit(x, y, batch_size=4, shuffle=False, verbose=0)
    np.testing.assert_allclose(restored.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-4, atol=1e-5)


@only_keras3
def test_a_cloned_model_is_compiled_if_its_configuration_says_so():
    model = functional()
    model.compile("sgd", "mse")
    clone = functional()
    clone.compile_from_config(model.get_compile_config())
    assert clone.compiled
    assert clone.loss == "mse"


def structured(kind):
    x = layers.Input((3,))
    first, second = layers.Dense(2, name="first")(x), layers.Dense(2, name="second")(x)
    return keras.Model(x, {list: [first, second], tuple: (first, second), Pair: Pair(first, second)}[kind])


def weighed(predicted, weights):
    """Return the mean squared error of two outputs, computed with NumPy."""
    targets = data()[1]
    return sum(
        weight * np.mean((np.asarray(one) - targets) ** 2) for one, weight in zip(predicted, weights, strict=True)
    )


@pytest.mark.parametrize("kind", [list, tuple, Pair])
def test_structured_outputs_are_trained_and_predicted_in_a_list(kind):
    x, y = data()
    model = structured(kind)
    model.compile("sgd", ["mse", "mse"], loss_weights=[1.0, 0.5])
    predicted = model.predict(x, verbose=0)
    assert type(predicted) is (Pair if kind is Pair else list)
    found = model.evaluate(x, Pair(y, y) if kind is Pair else [y, y], verbose=0)
    np.testing.assert_allclose(found[0], weighed(predicted, [1.0, 0.5]), rtol=1e-5)


@only_keras3
def test_structs_of_outputs_take_structs_of_losses():
    x, y = data()
    for kind in (tuple, Pair):
        model = structured(kind)
        assert isinstance(model.output, kind)

        class Both(keras.losses.Loss):
            def call(self, true, predicted):
                return sum(keras.ops.mean(keras.ops.square(t - p), -1) for t, p in zip(true, predicted, strict=True))

        losses = ["mse", "mse"] if kind is tuple else Pair("mse", "mse")
        model.compile("sgd", loss=[Both(), losses])
        truth = kind([y, y]) if kind is tuple else kind(y, y)
        expected = 2 * weighed(model.predict(x, verbose=0), [1.0, 1.0])
        np.testing.assert_allclose(model.evaluate(x, truth, verbose=0)[0], expected, rtol=1e-5)


NESTED = {
    "list of a list": (lambda x: [[x]], lambda y: y),
    "list of a dict": (lambda x: [{"a": x}], lambda y: y),
    "dict of a list": (lambda x: {"b": [x]}, lambda y: [y]),
    "tuples": (lambda x: x, lambda y: (y, (y + 1.0, y * 2.0))),
    "nested lists": (lambda x: x, lambda y: [[y, y + 1.0], [y * 2.0]]),
}


@only_keras3
@pytest.mark.parametrize("name", NESTED)
def test_nested_inputs_and_outputs_survive_a_configuration(name):
    nest_inputs, nest_outputs = NESTED[name]
    x = layers.Input((3,), name="x")
    model = keras.Model(nest_inputs(x), nest_outputs(layers.Dense(2)(x)))
    restored = keras.Model.from_config(model.get_config())
    assert restored.get_config() == model.get_config()
    assert json.loads(keras.models.model_from_json(model.to_json()).to_json()) == json.loads(model.to_json())
    restored.set_weights(model.get_weights())
    found = [one(nest_inputs(data()[0])) for one in (model, restored)]
    keras.tree.assert_same_structure(*found)
    for first, second in zip(*map(keras.tree.flatten, found), strict=True):
        np.testing.assert_array_equal(first, second)


@only_keras3
@pytest.mark.filterwarnings("ignore:The structure of `inputs`")  # Keras's own
def test_a_model_of_one_input_takes_a_dict_and_says_which_input_does_not_fit():
    model = functional()
    name, x = model.layers[0].name, data()[0]
    np.testing.assert_array_equal(model({name: x}), model(x))
    assert K.int_shape(model({name: layers.Input((3,))})) == (None, 2)
    nested = layers.Input((3,), name="inner")
    with pytest.raises(ValueError, match=r"name 'inner' .* path '0\.foo'"):
        keras.Model([{"foo": nested}], layers.Dense(2)(nested))(np.ones(()))


def test_a_symbolic_tensor_has_no_length():
    with pytest.raises(TypeError):
        len(K.placeholder((2,)))


@only_keras3
def test_a_saved_name_gives_the_function_at_the_public_address():
    for module in ("activations", "losses", "metrics"):
        public = importlib.import_module(f"keras.{module}")
        names = [name for name, value in vars(public).items() if callable(value)]
        saved = [name for name in names if keras.src.api_export.get_symbol_from_name(f"keras.{module}.{name}")]
        assert len(saved) > 20
        for name in set(saved) - {"get"}:
            assert keras.src.api_export.get_symbol_from_name(f"keras.{module}.{name}") is getattr(public, name), name
    config = keras.saving.serialize_keras_object(keras.activations.hard_sigmoid)
    assert keras.saving.deserialize_keras_object(config) is keras.activations.hard_sigmoid
    config = {"class_name": "function", "module": "builtins", "registered_name": "function", "config": "kl_divergence"}
    assert keras.saving.deserialize_keras_object(config) is keras.metrics.kl_divergence


@pytest.mark.skipif(KIND == "keras3", reason="Keras 3 has no graph mode, and no check of what a Lambda layer makes")
def test_keras2_keeps_its_graph_mode_lambda_layers_and_unbuilt_models():
    with tf.Graph().as_default():
        model = keras.Sequential([layers.InputLayer((3,)), layers.Dense(2, kernel_initializer="zeros")])
        model.compile("sgd", "mse")
        assert tf.is_tensor(model.total_loss)
        np.testing.assert_allclose(model.train_on_batch(np.ones((2, 3)), np.ones((2, 2))), 1.0)
    K.get_session().run(tf.global_variables_initializer())  # reaches no variable of that graph
    inner = layers.Dense(1, use_bias=False)
    layer = layers.Lambda(lambda x: inner(x + 1))
    layer.inner = inner
    assert K.int_shape(layer(layers.Input((4,)))) == (None, 1)
    assert len(layer.trainable_weights) == 1
    with pytest.raises(ValueError, match="have not yet been created"):
        _ = keras.Sequential([layers.Dense(2)]).weights


@only_keras3
def test_layers_with_old_names_are_saved_under_their_own():
    saved = keras.saving.serialize_keras_object(keras.layers.Conv2DTranspose(1, 1))
    assert saved["class_name"] == "Conv2DTranspose"
    assert isinstance(keras.saving.deserialize_keras_object(saved), keras.layers.Conv2DTranspose)
