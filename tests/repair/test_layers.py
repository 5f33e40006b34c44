"""Layers that compute with their weights in ``build``, and models that are saved, loaded and cloned."""

import importlib
import warnings

import numpy as np
import pytest
import tensorflow as tf
from helpers import filled, normal
from kerases import keras, layers

from k2compat import backend as K


class Prepared(keras.layers.Layer):
    """Keeps expressions of its weight from ``build`` on."""

    def build(self, shape):
        self.kernel = self.add_weight(name="kernel", shape=(3, 2), initializer="ones")
        self.first, self.twice = self.kernel[0], 2 * self.kernel
        self.norm = K.sqrt(K.sum(K.square(self.kernel)))
        super().build(shape)

    def call(self, x):
        return K.dot(x, self.twice) / self.norm + self.first

    def compute_output_shape(self, shape):
        return shape[0], 2


def prepared(x, kernel):
    """What the layer computes, in NumPy."""
    return x @ (2 * kernel) / np.sqrt((kernel**2).sum()) + kernel[0]


def test_expressions_of_weights_in_build_stay_live(caplog):
    x, values = layers.Input((3,)), normal(4, 3)
    model = keras.Model(x, Prepared()(x))
    model.set_weights([normal(3, 2, seed=1)])
    function = K.function([x], [model.output])
    assert np.allclose(model.predict(values, verbose=0), prepared(values, model.get_weights()[0]), atol=1e-5)
    assert np.allclose(function([values])[0], prepared(values, model.get_weights()[0]), atol=1e-5)
    before = model.get_weights()[0]
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(values, np.zeros((4, 2)), verbose=0)
    step = before - 0.1 * slopes(lambda kernel: np.mean(prepared(values, kernel) ** 2), before)
    assert np.allclose(model.get_weights()[0], step, atol=1e-4)
    assert np.allclose(model.predict(values, verbose=0), prepared(values, step), atol=1e-4)
    assert np.allclose(function([values])[0], prepared(values, step), atol=1e-4)
    assert "AutoGraph could not" not in caplog.text


class Block(keras.layers.Layer):
    """Uses layers that it does not build."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.hidden, self.last = layers.Dense(3), layers.Dense(2)

    def build(self, shape):
        self.scale = self.add_weight(name="scale", shape=(1,), initializer="ones")
        super().build(shape)

    def call(self, x):
        return self.scale * self.last(K.tanh(self.hidden(x)))

    def compute_output_shape(self, shape):
        return shape[0], 2


def test_layers_that_are_used_in_call_are_built_at_the_symbolic_call():
    x, block = layers.Input((4,)), Block()
    model = keras.Model(x, block(x))
    assert [weight.shape for weight in model.get_weights()] == [(1,), (4, 3), (3,), (3, 2), (2,)]
    scale, kernel, bias, second, last = filled(model).get_weights()
    expected = scale * (np.tanh(normal(5, 4) @ kernel + bias) @ second + last)
    assert np.allclose(model.predict(normal(5, 4), verbose=0), expected, atol=1e-5)


def slopes(function, point, step=1e-5):
    """The derivative of a function of an array, by differences."""
    found, point = np.zeros(point.shape), np.asarray(point, "float64")
    for index in np.ndindex(*point.shape):
        up, down = point.copy(), point.copy()
        up[index] += step
        down[index] -= step
        found[index] = (function(up) - function(down)) / (2 * step)
    return found


@pytest.mark.parametrize("kind", ["Multiply", "Maximum", "Minimum"])
def test_merging_layers_merge_the_values_of_masked_steps(kind):
    x, y = layers.Input((3, 2)), layers.Input((3, 2))
    merged = getattr(layers, kind)()([layers.Masking(0.0)(x), y])
    model = keras.Model([x, y], merged)
    first, second = normal(2, 3, 2) * np.array([1.0, 0.0, 1.0])[:, None], normal(2, 3, 2, seed=1)
    expected = getattr(np, kind.lower())(first, second)
    assert np.allclose(model.predict([first, second], verbose=0), expected, atol=1e-6)


def masked_model():
    words = [layers.Input((5,)) for _ in range(2)]
    first = layers.Embedding(6, 4, mask_zero=True)(words[0])
    second = layers.Embedding(6, 4)(words[1])
    joined = layers.Concatenate()([layers.Multiply()([first, second]), layers.Add()([first, second])])
    steps = layers.TimeDistributed(layers.Dense(2))(layers.Softmax()(joined))
    values = [np.array([[1, 2, 0, 0, 3], [4, 0, 5, 1, 2]]), np.array([[1, 0, 2, 0, 0], [2, 2, 2, 0, 1]])]
    return filled(keras.Model(words, layers.SimpleRNN(2)(steps))), values


def stateful_model():
    model = keras.Sequential([layers.Input(batch_shape=(2, 3, 4)), layers.TimeDistributed(layers.BatchNormalization())])
    model.add(layers.SimpleRNN(2, stateful=True))
    return filled(model), normal(2, 3, 4)


def loaded(model, path):
    model.save(path)
    return keras.models.load_model(path)


def with_weights_of(copied, model):
    copied.set_weights(model.get_weights())
    return copied


COPIES = {
    "h5": lambda model, folder: loaded(model, f"{folder}/model.h5"),
    "keras": lambda model, folder: loaded(model, f"{folder}/model.keras"),
    "json": lambda model, folder: with_weights_of(keras.models.model_from_json(model.to_json()), model),
    "clone": lambda model, folder: with_weights_of(keras.models.clone_model(model), model),
}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize("copied", list(COPIES))
@pytest.mark.parametrize("made", [masked_model, stateful_model])
def test_a_copy_of_a_model_predicts_the_same(made, copied, tmp_path):
    model, values = made()
    copy = COPIES[copied](model, tmp_path)
    model.reset_states()
    batches = [[one.predict(values, verbose=0, batch_size=2) for _ in range(2)] for one in (model, copy)]
    assert np.allclose(batches[0], batches[1], atol=1e-6)
    assert np.allclose(batches[0][0], batches[0][1]) == (made is masked_model)


class Windowed(keras.layers.Layer):
    """Makes a variable out of another one, which it also makes, in each call."""

    def call(self, x):
        return x * K.variable(2.0 * np.ones(3)) + K.variable(K.ones(3)) + K.variable(K.variable([0.5, 0.0, 0.0]))


def test_a_variable_in_call_begins_with_the_value_of_another():
    x, values = layers.Input((3,)), normal(4, 3)
    model = keras.Model(x, layers.Dense(1, kernel_initializer="ones")(Windowed()(x)))
    model.compile(keras.optimizers.SGD(0.0), "mse")
    wanted = (2 * values + 1 + [0.5, 0, 0]).sum(axis=1, keepdims=True)
    assert np.allclose(model.train_on_batch(values, wanted), 0.0, atol=1e-9)
    assert np.allclose(model.predict(values[:2], verbose=0), wanted[:2], atol=1e-5)


class FirstTwo(layers.Layer):
    """Two of the steps, the number of which only its declaration tells."""

    def call(self, x):
        return x[:, : tf.minimum(2, tf.shape(x)[1])]

    def compute_output_shape(self, shape):
        return shape[0], 2, shape[2]


def test_a_declared_number_of_steps_is_known_behind_time_distributed():
    seen = []
    x = layers.Input((None, 3))
    steps = layers.TimeDistributed(filled(layers.Dense(4)))(FirstTwo()(x))
    model = keras.Model(x, layers.Lambda(lambda t: (seen.append(t.shape[1]), t)[1])(steps))
    expected = normal(2, 5, 3)[:, :2] @ model.get_weights()[0] + model.get_weights()[1]
    assert np.allclose(model.predict(normal(2, 5, 3), verbose=0), expected, atol=1e-5)
    assert set(seen) == {2}
    with pytest.raises(tf.errors.InvalidArgumentError):
        model.predict(normal(2, 1, 3), verbose=0)


def test_a_batch_normalization_called_with_training_false_has_no_updates():
    x, inner = layers.Input((4, 3)), layers.BatchNormalization()
    frozen = layers.TimeDistributed(inner)(layers.BatchNormalization()(x, training=False), training=False)
    model = keras.Model(x, layers.BatchNormalization()(frozen))
    assert len(model.updates) == 2
    assert len(keras.Model(x, frozen).updates) == 0


class Counted(layers.Layer):
    """A layer that counts the samples it was trained on."""

    def build(self, shape):
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False, name="count")
        super().build(shape)

    def call(self, x):
        self.add_update((self.count, self.count + K.cast(K.shape(x)[0], "float32")), x)
        return x * 1.0


def test_updates_that_a_program_adds_itself_are_run_by_steps_and_functions():
    x = layers.Input((2,))
    counted = Counted(name="counted")
    model = keras.Model(x, layers.Dense(1)(counted(x)))
    model.compile("sgd", "mse")
    model.train_on_batch(np.ones((3, 2)), np.ones((3, 1)))
    assert K.get_value(counted.count) == 3
    K.function([x], model.outputs, updates=model.updates)([np.ones((4, 2))])
    assert K.get_value(counted.count) == 7
    plain = keras.Model(x, layers.BatchNormalization()(x))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(plain.updates) == 2


LISTING = """
from typing import TYPE_CHECKING

from kerases import layers

if TYPE_CHECKING:  # an import that is read and not run: it may be that of the other Keras
    from {keras} import backend


class Listing(layers.Layer):
    def call(self, x):
        return [2.0 * x]
"""


@pytest.mark.parametrize(
    ("keras_of_file", "is_list"),
    [("tensorflow.keras", True), ("keras", False)],
)
def test_a_list_of_one_stays_a_list_in_code_for_the_keras_in_tensorflow(keras_of_file, is_list, tmp_path, monkeypatch):
    """``tf.keras`` of TensorFlow 1 and 2 gave what ``call`` gave, Keras 2.3.1 the only tensor."""
    name = f"listing_{keras_of_file.replace('.', '_')}"
    (tmp_path / f"{name}.py").write_text(LISTING.format(keras=keras_of_file))
    monkeypatch.syspath_prepend(tmp_path)
    x = layers.Input((2,))
    y = importlib.import_module(name).Listing()(x)
    assert isinstance(y, list) == is_list
    found = K.function([x], [y[0] if is_list else y])([np.ones((1, 2))])[0]
    assert found.tolist() == [[2.0, 2.0]]


def test_the_first_arguments_of_a_layer_have_positions():
    class Own(layers.Layer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)

    layer = Own(0, "named")
    assert (layer.trainable, layer.name) == (False, "named")


def test_gradients_pass_a_layer_whose_kernel_is_an_expression():
    """As rules of relevance have it: a layer with the squares of another one's weights."""
    x = layers.Input((3,))
    first, second = layers.Dense(2, use_bias=False), layers.Dense(2, use_bias=False)
    first(x), second(x)
    second.kernel = first.kernel**2
    y = second(x)
    gradient = tf.gradients([y], [x], grad_ys=[K.ones_like(y)], stop_gradients=[x])
    kernel, values = first.get_weights()[0], normal(4, 3)
    output, found = K.function([x], [y, *gradient])([values])
    np.testing.assert_allclose(output, values @ kernel**2, atol=1e-5)
    np.testing.assert_allclose(found, np.tile((kernel**2).sum(1), (4, 1)), atol=1e-5)


def test_operators_beside_layers_take_no_names_of_layers():
    x = layers.Input((3,))
    y = layers.Add()([x, x]) + x
    named = layers.Multiply(name="multiply")([y + x, x])
    output = keras.Model(x, named * x * x).predict(np.ones((2, 3)), verbose=0)
    np.testing.assert_allclose(output, np.full((2, 3), 4))


def test_a_gradient_does_not_compute_again_what_weighs_it():
    """As rules of relevance have it: the gradients of each layer weigh those of the layer below."""
    runs = []

    def counted(weight):
        runs.append(weight)
        return weight * 0.5

    x = layers.Input((3,))
    steps = [x]
    for _ in range(7):
        steps.append(layers.Activation("tanh")(steps[-1]))
    weight = steps[-1]
    for below, above in zip(steps[-2::-1], steps[:0:-1], strict=True):
        weight = layers.Lambda(counted)(weight)
        one, two = (tf.gradients([above * k], [below], grad_ys=[weight], stop_gradients=[below])[0] for k in (1, 2))
        weight = one + two
    runs.clear()
    given = normal(4, 3)
    found = K.function([x], [weight])([given])[0]
    assert len(runs) <= 2 * 7
    values = [given]
    for _ in range(7):
        values.append(np.tanh(values[-1]))
    expected = values[-1] * np.prod([1.5 * (1 - value**2) for value in values[1:]], axis=0)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def embedded():
    return keras.Sequential([layers.Embedding(5, 3), layers.GlobalAveragePooling1D(), layers.Dense(2)])


def unbuilt():
    return keras.Sequential([layers.Dense(3), layers.Dense(2)])


# tf_keras refuses to build without a shape what has none.
@pytest.mark.parametrize(
    ("make", "built"), [(embedded, True), pytest.param(unbuilt, False, marks=pytest.mark.keras3_only)]
)
def test_building_without_a_shape_changes_nothing(make, built):
    model = make()
    assert model.built is built
    model.build()
    assert model.built is built
    model.compile("sgd", "mse", metrics=["mae"])
    found = model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0).history
    assert list(found) == model.metrics_names == ["loss", "mae"]
