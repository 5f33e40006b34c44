"""Gradients of several losses with respect to the same tensors, which a compiled function computes together."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import filled, normal
from kerases import keras, layers

from k2compat import backend as K
from k2compat.runtime.executor import Run

CLASSES = 7
# Five classes and two; beside each TensorFlow leaves one that nothing reads, by which it found out what to stack.
TWO_STACKS = 4
PICTURES = normal(2, 8, 8, 3, seed=2).astype("float32")


def network(*middle):
    """A convolutional network with seven classes."""
    x = picture = layers.Input((8, 8, 3))
    for layer in (layers.Conv2D(4, 3, activation="tanh", name="conv"), *middle, layers.GlobalAveragePooling2D()):
        x = layer(x)
    return filled(keras.Model(picture, layers.Dense(CLASSES, activation="softmax")(x)))


def of_classes(model, source, classes=range(CLASSES)):
    return [K.gradients(model.output[:, number], source)[0] for number in classes]


def passes_back(monkeypatch, fetches, inputs, kind="Conv2DBackpropInput"):
    """The values of fetches in the compiled tier, equal to the eager ones; and how many operations of a kind it has."""
    graphs = []
    compile_ = Run.compile

    def seen(run):
        call = compile_(run)
        graphs.append(run.concrete.graph)
        return call

    monkeypatch.setattr(Run, "compile", seen)
    eager, compiled = (K.function(inputs, fetches, tier=tier)([PICTURES]) for tier in ("eager", "compiled"))
    for value, expected in zip(compiled, eager, strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-6 * np.abs(expected).max())
    same = [value for value in eager if value.shape == eager[0].shape]
    assert not np.allclose(same[0], same[1])  # so that an exchange would be seen
    return sum(operation.type == kind for operation in graphs[-1].get_operations())


def test_a_few_classes_at_a_time_go_back_together(monkeypatch):
    model = network()
    assert passes_back(monkeypatch, of_classes(model, model.input), [model.input]) == TWO_STACKS
    assert passes_back(monkeypatch, of_classes(model, model.input, range(3)), [model.input]) == 3  # too few


def test_what_is_made_of_each_gradient_comes_after_all_losses(monkeypatch):
    model = network()
    maps = [K.sum(K.abs(gradient), axis=-1) / (1 + K.mean(model.output)) for gradient in of_classes(model, model.input)]
    assert passes_back(monkeypatch, [*maps, model.output, maps[0] * maps[1]], [model.input]) == TWO_STACKS


def test_several_sources_and_an_inner_layer(monkeypatch):
    model = network()
    inner = model.get_layer("conv").output
    pairs = [K.gradients(K.square(model.output[:, number]), [inner, model.input]) for number in range(CLASSES)]
    assert passes_back(monkeypatch, [gradient for pair in pairs for gradient in pair], [model.input]) == TWO_STACKS


def test_gradients_with_respect_to_other_tensors_are_groups_of_their_own(monkeypatch):
    model = network()
    inner = model.get_layer("conv").output
    fetches = [*of_classes(model, model.input, range(5)), *of_classes(model, inner, range(5))]
    passes_back(monkeypatch, fetches, [model.input])


@pytest.mark.parametrize(
    "between",
    [
        tf.nn.local_response_normalization,
        lambda x: tf.while_loop(lambda y: tf.reduce_sum(y) < 0, lambda y: (y + 1,), (x,))[0],
        lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: x * 2, lambda: x * 3),
        lambda x: tf.image.resize(x, (5, 5)),
        lambda x: tf.gather(x, [1, 0, 2], axis=1),
    ],
    ids=["normalized", "loop", "branch", "resized", "gathered"],
)
def test_what_cannot_be_stacked_goes_back_one_by_one(monkeypatch, between):
    model = network(layers.Lambda(between, output_shape=lambda shape: (shape[0], None, None, 4)))
    passes_back(monkeypatch, of_classes(model, model.input), [model.input])


def test_losses_of_other_types_and_with_respect_to_weights_stay_apart(monkeypatch):
    model = network()
    kernel = model.layers[-1].kernel
    of_weights = [K.gradients(model.output[:, number], kernel)[0] for number in range(CLASSES)]
    passes_back(monkeypatch, of_weights, [model.input])
    doubles = [K.gradients(K.cast(model.output[:, n], "float64"), model.input)[0] for n in range(2)]
    passes_back(monkeypatch, [*of_classes(model, model.input, range(4)), *doubles], [model.input])


def test_second_derivatives(monkeypatch):
    model = network()
    slopes = [K.sum(K.square(gradient)) for gradient in of_classes(model, model.input)]
    passes_back(monkeypatch, [K.gradients(slope, model.input)[0] for slope in slopes[:5]], [model.input])


def test_dropout_draws_once_for_all_classes():
    """The maps of two classes that are alike but for their number use the same draw."""
    model = network(layers.Dropout(0.5))
    total = K.gradients(K.sum(model.output), model.input)[0]
    f = K.function([model.input, K.learning_phase()], [total, *of_classes(model, model.input)], tier="compiled")
    whole, *parts = f([PICTURES, 1])
    np.testing.assert_allclose(sum(parts), whole, atol=1e-6)
    assert np.abs(parts[0]).max() > 1e-4
    assert not np.allclose(parts[0], f([PICTURES, 1])[1])
