"""Sizes that nothing can be computed from: empty sequences, and inputs with different numbers of samples."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import normal, parts
from kerases import keras, layers

from k2compat import backend as K
from k2compat.errors import NotOverriddenError
from k2compat.legacy.data_utils import SequenceEnqueuer
from k2compat.legacy.pooling import GlobalPooling, Pooling

UNEQUAL = [np.ones((2, 3)), np.ones((4, 3))]
SAME = r"All input arrays \(x\) should have the same number of samples. Got array shapes: \[\(2, 3\), \(4, 3\)\]"


def recurrent(kind):
    x = layers.Input((None, 3))
    model = keras.Model(x, getattr(layers, kind)(2)(x))
    model.compile("sgd", "mse")
    return model


def of_two(combine):
    inputs = [layers.Input((3,)), layers.Input((3,))]
    return keras.Model(inputs, combine(inputs))


NOTHING, TARGETS = np.zeros((2, 0, 3)), np.zeros((2, 2))
OF_SEQUENCES = {
    "function": lambda model: K.function([model.input], [model.output])([NOTHING]),
    "predict": lambda model: model.predict(NOTHING, verbose=0),
    "fit": lambda model: model.fit(NOTHING, TARGETS, verbose=0),
    "train_on_batch": lambda model: model.train_on_batch(NOTHING, TARGETS),
}


@pytest.mark.parametrize("tier", ["auto", "eager", "compiled"])
@pytest.mark.parametrize("call", OF_SEQUENCES.values(), ids=OF_SEQUENCES)
def test_a_sequence_without_steps_is_refused(call, tier, monkeypatch):
    monkeypatch.setenv("K2COMPAT_TIER", tier)
    model = recurrent("SimpleRNN")
    weights = model.get_weights()
    with pytest.raises(ValueError, match=r"shape \(2, 0, 3\) .* empty along axis 1, but expected .* a step") as caught:
        call(model)
    assert isinstance(caught.value, tf.errors.OpError)  # as Keras 2.3.1 raised
    assert caught.value.__cause__ is not None
    parts(caught.value)
    assert all(np.array_equal(*pair) for pair in zip(weights, model.get_weights(), strict=True))
    assert model.predict(np.zeros((2, 1, 3)), verbose=0).shape == (2, 2)


@pytest.mark.parametrize("kind", [pytest.param("LSTM", marks=pytest.mark.slow), "GRU"])
def test_other_recurrent_layers_say_the_same(kind):
    with pytest.raises(ValueError, match="empty along axis 1"):
        OF_SEQUENCES["function"](recurrent(kind))


def test_what_keras_2_computed_from_nothing_is_computed():
    x = layers.Input((None, 3))
    f = K.function([x], [layers.GlobalMaxPooling1D()(x), layers.GlobalAveragePooling1D()(x)])
    for _ in range(2):
        largest, mean = f([NOTHING])
        assert np.isneginf(largest).all() and np.isnan(mean).all()  # printed by Keras 2.3.1


LAYERS = {
    "convolution": lambda: layers.Conv1D(3, 2, activation="relu"),
    "max pooling": layers.MaxPooling1D,
    "recurrent": lambda: layers.GRU(3),
    "normalization": layers.BatchNormalization,
}


@pytest.mark.parametrize("tier", ["auto", "eager", "compiled"])
@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
def test_gradients_of_no_samples_have_their_shapes_and_those_of_weights_are_0(make, tier):
    """As Keras 2.3.1 has them. oneDNN has other shapes, and ends the process at the gradient of max pooling."""
    x, layer = layers.Input((6, 4)), make()
    y = layer(x)
    gradients = K.gradients(K.sum(y), [x, *layer.trainable_weights])
    f = K.function([x], [y, *gradients], tier=tier)
    for _ in range(2):
        output, of_x, *of_weights = f([np.zeros((0, 6, 4))])
        assert output.shape == (0, *y.shape[1:]) and of_x.shape == (0, 6, 4)
        for gradient, weight in zip(of_weights, layer.trainable_weights, strict=True):
            assert gradient.shape == tuple(weight.shape) and not gradient.any()
    assert f([normal(2, 6, 4)])[0].shape == (2, *y.shape[1:])


def test_what_layers_compute_from_no_samples_is_computed():
    x = layers.Input((6, 4))
    y = layers.Conv1D(3, 2)(x)
    f = K.function([x], [y, K.sum(y)])
    for _ in range(2):
        output, total = f([np.zeros((0, 6, 4))])
        assert output.shape == (0, 5, 3) and total == 0


def test_predictions_for_no_samples_are_empty():
    """Keras 2.3.1 gave an empty list."""
    x = layers.Input((6, 4))
    y = layers.Conv1D(3, 2)(x)
    model, two = keras.Model(x, y), keras.Model(x, [y, layers.Flatten()(y)])
    for method in (keras.Model.predict, keras.Model.predict_on_batch):
        assert method(model, np.zeros((0, 6, 4))).shape == (0, 5, 3)
        assert [output.shape for output in method(two, np.zeros((0, 6, 4)))] == [(0, 5, 3), (0, 15)]


EMPTY, FULL = (np.zeros((0, 4)), np.zeros((0, 2))), (np.zeros((3, 4)), np.zeros((3, 2)))
ON_NOTHING = {
    "fit": lambda model: model.fit(*EMPTY, verbose=0),
    "validation": lambda model: model.fit(*FULL, validation_data=EMPTY, verbose=0),
    "evaluate": lambda model: model.evaluate(*EMPTY, verbose=0),
    "train_on_batch": lambda model: model.train_on_batch(*EMPTY),
}


@pytest.mark.parametrize("call", ON_NOTHING.values(), ids=ON_NOTHING)
def test_nothing_is_trained_on_or_evaluated(call):
    x = layers.Input((4,), name="features")
    model = keras.Model(x, layers.Dense(2)(x))
    model.compile("sgd", "mse")
    weights = model.get_weights()
    with pytest.raises(ValueError, match=r"shape \(0, 4\) for the input 'features', which has no samples") as caught:
        call(model)
    parts(caught.value)
    assert all(np.array_equal(*pair) for pair in zip(weights, model.get_weights(), strict=True))


@pytest.mark.parametrize("combine", [layers.add, layers.concatenate, lambda two: layers.dot(two, axes=1)])
def test_inputs_with_different_numbers_of_samples_are_refused(combine):
    model = of_two(combine)
    f = K.function(model.inputs, [model.output])
    for _ in range(2):
        with pytest.raises(ValueError, match=SAME) as caught:
            f(UNEQUAL)
        assert isinstance(caught.value, tf.errors.InvalidArgumentError)
        parts(caught.value)
    for method in (model.predict, model.predict_on_batch):
        with pytest.raises(ValueError, match=SAME):
            method(UNEQUAL)


def test_methods_of_a_model_refuse_them_before_anything_runs():
    model, seen = of_two(layers.add), []
    watch = keras.callbacks.LambdaCallback(on_train_begin=seen.append, on_predict_begin=seen.append)
    with pytest.raises(ValueError, match=SAME):
        model.predict(UNEQUAL, callbacks=[watch])  # of a model that was not compiled
    model.compile("sgd", "mse")
    y = np.ones((2, 3))
    for call in (lambda: model.fit(UNEQUAL, y, callbacks=[watch]), lambda: model.evaluate(UNEQUAL, y)):
        with pytest.raises(ValueError, match=SAME):
            call()
    assert not seen


def test_numbers_of_samples_may_differ_where_keras_2_computed():
    """Numbers printed by Keras 2.3.1."""
    a, b = layers.Input((3,)), layers.Input((3,))
    apart = K.function([a, b], [a * 2.0, K.dot(a, K.transpose(b))])
    repeated = K.function([a, b], [layers.add([a, b])])
    for _ in range(2):
        assert [array.shape for array in apart(UNEQUAL)] == [(2, 3), (2, 4)]
        assert repeated([np.ones((1, 3)), np.ones((4, 3))])[0].tolist() == [[2.0] * 3] * 4


def test_an_error_of_other_sizes_keeps_its_text():
    x = layers.Input((3,))
    f = K.function([x], [layers.Lambda(lambda t: tf.debugging.check_numerics(t, "no number"), output_shape=(3,))(x)])
    for _ in range(2):
        with pytest.raises(tf.errors.InvalidArgumentError, match="no number"):
            f([[[1.0, np.nan, 2.0]]])


@pytest.mark.parametrize("value", [np.array([0, 1]), [0, 1], tf.constant([0, 1])])
def test_a_learning_phase_is_set_to_one_number(value):
    with pytest.raises(ValueError, match=r"K.set_learning_phase\(.* but expected 0 \(test\) or 1 \(training\)"):
        K.set_learning_phase(value)


@pytest.mark.parametrize(
    ("kind", "call", "method"),
    [
        (Pooling, lambda one: one._pooling_function(None, 2, 1, "same", None), "_pooling_function(self, inputs"),
        (GlobalPooling, lambda one: one.call(None), "call(self, inputs)"),
        (SequenceEnqueuer, lambda one: one._run(), "_run(self)"),
    ],
)
def test_a_method_that_subclasses_have_says_so(kind, call, method):
    with pytest.raises(NotImplementedError) as caught:
        call(kind.__new__(kind))
    assert isinstance(caught.value, NotOverriddenError)
    received, expected, advice = parts(caught.value)
    assert kind.__name__ in received and "a subclass" in expected and f"def {method}" in advice
