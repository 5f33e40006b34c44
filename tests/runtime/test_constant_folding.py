"""What freeze=True folds into each other: batch normalization and biases into kernels, and nothing it must not."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import filled, normal
from kerases import keras, layers

from k2compat import backend as K
from k2compat.runtime import constant_folding
from k2compat.runtime.constant_folding import fold

PICTURES = normal(2, 7, 7, 3, seed=3).astype("float32")


def norm(x):
    return layers.BatchNormalization()(x)


def convolved(x, **how):
    return layers.Conv2D(4, 3, **how)(x)


def named(x, name):
    """A convolution that something else reads, too."""
    y = layers.Conv2D(3, 3, padding="same", name=name)(x)
    return layers.Add()([norm(y), y])


# Structure -> (the layers from the input on, how many operations that multiply or add by channel are left).
FOLDED = {
    "bias_and_norm": lambda x: layers.ReLU()(norm(convolved(x))),
    "norm_alone": lambda x: norm(convolved(x, use_bias=False)),
    "two_norms": lambda x: norm(norm(convolved(x, padding="same"))),
    "strides": lambda x: norm(convolved(x, strides=2)),
    "depthwise": lambda x: norm(layers.DepthwiseConv2D(3, depth_multiplier=2)(x)),
    "separable": lambda x: norm(layers.SeparableConv2D(5, 3)(x)),
    "dense": lambda x: norm(layers.Dense(5)(layers.Flatten()(x))),
    "unscaled": lambda x: layers.BatchNormalization(scale=False, center=False)(convolved(x)),
    "arithmetic": lambda x: layers.Lambda(lambda y: (y * 2.0 - tf.constant([1.0, 2.0, 3.0, 4.0])) * 0.5)(convolved(x)),
}
LEFT = {
    "dilated": lambda x: norm(convolved(x, dilation_rate=2)),
    "activation_between": lambda x: norm(convolved(x, activation="relu")),
    "read_twice": lambda x: named(x, "twice"),
    "by_position": lambda x: layers.Lambda(lambda y: y * tf.reshape(tf.range(1.0, 6.0), (5, 1)))(convolved(x)),
    "widened": lambda x: layers.Lambda(lambda y: y * tf.constant([1.0, 2.0, 3.0]))(layers.Conv2D(1, 3)(x)),
    "transposed": lambda x: norm(layers.Conv2DTranspose(4, 3)(x)),
    "subtracted_from": lambda x: layers.Lambda(lambda y: tf.constant([1.0, 2.0, 3.0, 4.0]) - y)(convolved(x)),
}
OTHER = {
    "recurrent": lambda x: layers.GRU(3)(layers.Reshape((7, 21))(x)),
    "embedded": lambda x: layers.Embedding(9, 3)(layers.Lambda(lambda y: tf.cast(tf.abs(y), "int32"))(x)),
    "branch": lambda x: layers.Lambda(lambda y: tf.cond(tf.reduce_sum(y) > 0, lambda: y, lambda: -y))(
        norm(convolved(x))
    ),
}
ALL = {**FOLDED, **LEFT, **OTHER}


def made(name):
    x = layers.Input((7, 7, 3))
    return filled(keras.Model(x, ALL[name](x)))


def scaled_or_shifted(name):
    """How many operations multiply or add what is not constant, in the graph for a structure and in the folded one."""
    model = made(name)
    call = tf.function(lambda x: [model(x, training=False)], autograph=False)
    concrete = call.get_concrete_function(tf.TensorSpec([None, 7, 7, 3]))
    folded = fold(concrete)
    np.testing.assert_allclose(folded(tf.constant(PICTURES))[0], model.predict(PICTURES), rtol=2e-5, atol=1e-5)
    kinds = [operation.type for operation in folded.graph.get_operations()]
    return sum(kinds.count(kind) for kind in ("Mul", "AddV2", "Sub", "FusedBatchNormV3"))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("tier", ["auto", "compiled"])
def test_outputs_and_gradients_stay_the_same(name, tier):
    model = made(name)
    fetched = [model.output, *[g for g in K.gradients(K.sum(K.square(model.output)), model.input) if g is not None]]
    plain = K.function([model.input], fetched)
    frozen = K.function([model.input], fetched, freeze=True, tier=tier)
    for _ in range(2):
        for value, expected in zip(frozen([PICTURES]), plain([PICTURES]), strict=True):
            np.testing.assert_allclose(value, expected, rtol=2e-5, atol=2e-5 * np.abs(expected).max())


@pytest.mark.parametrize("name", FOLDED)
def test_scales_and_shifts_go_into_the_kernel(name):
    assert scaled_or_shifted(name) == 0


@pytest.mark.parametrize("name", LEFT)
def test_what_is_no_scale_of_a_channel_stays(name):
    assert scaled_or_shifted(name) > 0


def test_a_result_inside_a_chain_can_be_fetched():
    x = layers.Input((7, 7, 3))
    inner = convolved(x)
    model = filled(keras.Model(x, norm(inner)))
    fetched = [inner, model.output, *K.gradients(model.output, inner)]
    plain, frozen = (K.function([x], fetched, freeze=freeze, tier="compiled") for freeze in (False, True))
    for value, expected in zip(frozen([PICTURES]), plain([PICTURES]), strict=True):
        np.testing.assert_allclose(value, expected, rtol=2e-5, atol=1e-4)


def test_a_result_of_weights_alone_and_an_input_that_is_fetched():
    model = made("bias_and_norm")
    kernel = model.layers[1].kernel
    f = K.function([model.input], [K.sum(kernel), model.input, model.output], freeze=True, tier="compiled")
    for _ in range(2):
        total, given, _ = f([PICTURES])
        np.testing.assert_allclose(total, K.get_value(kernel).sum(), rtol=1e-5)
        np.testing.assert_array_equal(given, PICTURES)


def test_a_large_kernel_stays_an_argument(monkeypatch):
    """TensorFlow takes long to compile a graph with large constants."""
    model = made("dense")
    call = tf.function(lambda x: [model(x, training=False)], autograph=False)
    concrete = call.get_concrete_function(tf.TensorSpec([None, 7, 7, 3]))
    sizes = [fold(concrete).graph.as_graph_def().ByteSize()]
    monkeypatch.setattr(constant_folding, "LARGEST", 1000)
    sizes.append(fold(concrete).graph.as_graph_def().ByteSize())
    assert sizes[0] - sizes[1] > 0.9 * model.layers[2].kernel.numpy().nbytes
    np.testing.assert_allclose(fold(concrete)(tf.constant(PICTURES))[0], model.predict(PICTURES), rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_it_can_be_compiled_with_xla(jit_compile):
    model = made("bias_and_norm")
    f = K.function([model.input], [model.output], freeze=True, tier="compiled", jit_compile=jit_compile)
    np.testing.assert_allclose(f([PICTURES])[0], model.predict(PICTURES), rtol=2e-5, atol=1e-5)
