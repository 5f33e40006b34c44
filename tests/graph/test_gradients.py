"""``K.gradients`` against a second oracle, central differences in float64, and the rules of what has a gradient."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import check_gradients, dense_model, finite_differences, floatx, normal, parts, tiers
from kerases import keras, layers

from k2compat import backend as K

# Away from the kinks of relu, abs, clip and the like, and different from each other for max and min.
SPREAD = np.array([[-1.7, 0.35, 0.9], [1.3, -0.45, -0.6]])
POSITIVE = np.abs(SPREAD) + 0.2
SQUARE = normal(3, 3, seed=1)
PICTURE = normal(1, 4, 4, 2, seed=2)
ONE_HOT = np.eye(3)[[2, 0]]
SCORES = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])


def accumulated(inputs, states):
    """A step of a recurrence."""
    output = K.tanh(inputs + states[0])
    return output, [output]


FUNCTIONS = {
    "abs": (K.abs, [SPREAD]),
    "square": (K.square, [SPREAD]),
    "sqrt": (K.sqrt, [POSITIVE]),
    "exp": (K.exp, [SPREAD]),
    "log": (K.log, [POSITIVE]),
    "pow": (lambda x: K.pow(x, 3), [SPREAD]),
    "sin": (K.sin, [SPREAD]),
    "cos": (K.cos, [SPREAD]),
    "clip": (lambda x: K.clip(x, -1.0, 1.0), [SPREAD]),
    "maximum": (K.maximum, [SPREAD, SPREAD[::-1]]),
    "minimum": (K.minimum, [SPREAD, SPREAD[::-1]]),
    "max": (lambda x: K.max(x, axis=1), [SPREAD]),
    "min": (lambda x: K.min(x, axis=0, keepdims=True), [SPREAD]),
    "sum": (lambda x: K.sum(x, axis=-1), [SPREAD]),
    "prod": (lambda x: K.prod(x, axis=1), [SPREAD]),
    "mean": (lambda x: K.mean(x, axis=(0, 1)), [SPREAD]),
    "var": (lambda x: K.var(x, axis=1), [SPREAD]),
    "std": (lambda x: K.std(x, axis=1), [SPREAD]),
    "logsumexp": (lambda x: K.logsumexp(x, axis=1), [SPREAD]),
    "cumsum": (lambda x: K.cumsum(x, axis=1), [SPREAD]),
    "cumprod": (lambda x: K.cumprod(x, axis=1), [SPREAD]),
    "dot": (K.dot, [SPREAD, SQUARE]),
    "dot_of_three_axes": (K.dot, [normal(2, 2, 3, seed=3), normal(3, 2, seed=4)]),
    "batch_dot": (lambda x, y: K.batch_dot(x, y, axes=[2, 1]), [normal(2, 2, 3, seed=5), normal(2, 3, 2, seed=6)]),
    "l2_normalize": (lambda x: K.l2_normalize(x, axis=1), [SPREAD]),
    "gather": (lambda x: K.gather(x, [1, 0, 1]), [SPREAD]),
    "relu": (K.relu, [SPREAD]),
    "leaky_relu": (lambda x: K.relu(x, alpha=0.3, max_value=1.0), [SPREAD]),
    "elu": (lambda x: K.elu(x, alpha=0.7), [SPREAD]),
    "softmax": (K.softmax, [SPREAD]),
    "softplus": (K.softplus, [SPREAD]),
    "softsign": (K.softsign, [SPREAD]),
    "sigmoid": (K.sigmoid, [SPREAD]),
    "hard_sigmoid": (K.hard_sigmoid, [SPREAD]),
    "tanh": (K.tanh, [SPREAD]),
    "bias_add": (K.bias_add, [SPREAD, np.array([0.1, 0.2, 0.3])]),
    "batch_normalization": (
        lambda x, m, v: K.batch_normalization(x, m, v, None, None),
        [SPREAD, SPREAD[0], POSITIVE[0]],
    ),
    "transpose": (K.transpose, [SPREAD]),
    "permute_dimensions": (lambda x: K.permute_dimensions(x, (0, 3, 1, 2)), [PICTURE]),
    "reshape": (lambda x: K.reshape(x, (3, 2)), [SPREAD]),
    "batch_flatten": (K.batch_flatten, [PICTURE]),
    "concatenate": (lambda x, y: K.concatenate([x, y], axis=0), [SPREAD, SQUARE]),
    "stack": (lambda x, y: K.stack([x, y], axis=1), [SPREAD, POSITIVE]),
    "repeat_elements": (lambda x: K.repeat_elements(x, 2, axis=1), [SPREAD]),
    "tile": (lambda x: K.tile(x, (2, 1)), [SPREAD]),
    "reverse": (lambda x: K.reverse(x, 1), [SPREAD]),
    "slice": (lambda x: K.slice(x, [0, 1], [2, 2]), [SPREAD]),
    "index": (lambda x: x[:, np.int64(1)] * x[0, 2], [SPREAD]),
    "spatial_2d_padding": (K.spatial_2d_padding, [PICTURE]),
    "resize_images": (lambda x: K.resize_images(x, 2, 2, "channels_last"), [PICTURE]),
    "conv1d": (lambda x, k: K.conv1d(x, k, padding="causal"), [normal(1, 4, 2, seed=7), normal(2, 2, 2, seed=8)]),
    "conv2d": (lambda x, k: K.conv2d(x, k, strides=(2, 1), padding="same"), [PICTURE, normal(2, 2, 2, 2, seed=9)]),
    "depthwise_conv2d": (K.depthwise_conv2d, [PICTURE, normal(2, 2, 2, 1, seed=10)]),
    "pool_max": (lambda x: K.pool2d(x, (2, 2), (2, 2)), [PICTURE]),
    "pool_avg": (lambda x: K.pool2d(x, (2, 2), (1, 1), "same", pool_mode="avg"), [PICTURE]),
    "categorical_crossentropy": (K.categorical_crossentropy, [ONE_HOT, SCORES]),
    "binary_crossentropy": (K.binary_crossentropy, [ONE_HOT, SCORES]),
    "sparse_categorical_crossentropy": (lambda o: K.sparse_categorical_crossentropy(np.array([2, 0]), o), [SCORES]),
    "switch": (lambda x, y: K.switch(K.greater(x, y), x * y, K.square(y)), [SPREAD, SPREAD[::-1]]),
    "map_fn": (lambda x: K.map_fn(lambda row: K.exp(row) * K.sum(row), x), [SPREAD]),
    "foldl": (lambda x: K.foldl(lambda a, row: a * 0.5 + K.sin(row), x), [SPREAD]),
    "foldr": (lambda x: K.foldr(lambda a, row: a * 0.5 + K.sin(row), x), [SPREAD]),
    "rnn": (lambda x: K.rnn(accumulated, x, [x[:, 0] * 0.1])[0], [normal(2, 3, 2, seed=11)]),
    "operators": (lambda x, y: (2.0 - x) / (y + 3) + x**2 * y - (-x) @ K.transpose(y)[:, :1] % 7.3, [SPREAD, POSITIVE]),
    "tensorflow": (lambda x: tf.math.lgamma(x) + tf.reduce_sum(tf.nn.selu(x)), [POSITIVE]),
}
# Name -> the highest order checked: products of two tensors have no third derivative.
SMOOTH = {
    "exp": 3,
    "sin": 3,
    "pow": 3,
    "softmax": 3,
    "prod": 3,
    "logsumexp": 3,
    "map_fn": 3,
    "batch_dot": 2,
    "conv2d": 2,
    "rnn": 2,
}

LAYERS = {
    "Dense": (lambda: layers.Dense(2, activation="tanh", dtype="float64"), (2, 3)),
    "Conv2D": (lambda: layers.Conv2D(2, 2, activation="sigmoid", dtype="float64"), (1, 3, 3, 1)),
    "Conv2DTranspose": (lambda: layers.Conv2DTranspose(1, 2, strides=2, dtype="float64"), (1, 2, 2, 2)),
    "GlobalAveragePooling2D": (lambda: layers.GlobalAveragePooling2D(dtype="float64"), (1, 3, 3, 2)),
    "BatchNormalization": (lambda: layers.BatchNormalization(dtype="float64"), (3, 2)),
    "LayerNormalization": (lambda: layers.LayerNormalization(dtype="float64"), (2, 3)),
    "LSTM": (lambda: layers.LSTM(2, dtype="float64"), (1, 3, 2)),
    "GRU": (lambda: layers.GRU(2, return_sequences=True, dtype="float64"), (1, 3, 2)),
    "Bidirectional": (lambda: layers.Bidirectional(layers.LSTM(1, dtype="float64"), dtype="float64"), (1, 2, 2)),
    "PReLU": (lambda: layers.PReLU(alpha_initializer=keras.initializers.Constant(0.3), dtype="float64"), (2, 3)),
    "Lambda": (lambda: layers.Lambda(lambda t: K.exp(t) * K.mean(t), dtype="float64"), (2, 3)),
}


@tf.custom_gradient
def wrongly_differentiated(x):
    """The square, with a gradient that is half too large."""
    return tf.square(x), lambda upstream: 3.0 * x * upstream


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name):
    build, values = FUNCTIONS[name]
    check_gradients(build, *values)


@pytest.mark.parametrize(
    ("name", "order"), [(name, order) for name, highest in SMOOTH.items() for order in range(2, highest + 1)]
)
def test_higher_order(name, order):
    build, values = FUNCTIONS[name]
    check_gradients(build, *values, order=order, tolerance=1e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name):
    make, shape = LAYERS[name]
    layer = make()
    check_gradients(layer, normal(*shape, seed=12))


def test_variables_may_be_the_values_of_a_dict():
    x = K.placeholder((2,))
    y = {"square": x * x, "triple": x * 3.0}
    square, triple = K.gradients(K.sum(y["square"] * y["triple"]), y.values())
    found = K.function([x], [square, triple])([[1.0, 2.0]])
    assert [one.tolist() for one in found] == [[3.0, 6.0], [1.0, 4.0]]


def test_the_oracle_catches_a_wrong_gradient():
    wrong = layers.Lambda(wrongly_differentiated, dtype="float64")
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        check_gradients(wrong, SPREAD)
    with pytest.raises(AssertionError, match="missing"):
        check_gradients(K.stop_gradient, SPREAD)


def test_the_oracle_knows_a_derivative_by_heart():
    (slopes,) = finite_differences(lambda x: (x**3).sum(), [SPREAD])
    np.testing.assert_allclose(slopes, 3 * SPREAD**2, rtol=1e-8)


def test_gradient_of_a_tensorflow_custom_gradient():
    """A function with its own gradient (how guided backpropagation is written) keeps it when it is recorded."""
    p = K.placeholder((2, 3), name="p")
    (gradient,) = tiers(K.function([p], K.gradients(wrongly_differentiated(p), p)), [SPREAD])
    np.testing.assert_allclose(gradient, 3 * SPREAD, rtol=1e-6)


def test_set_floatx_makes_layers_of_that_type():
    layers.Dense(1)(K.placeholder((2, 3)))  # a layer made before does not settle the type of those made afterwards
    with floatx("float64"):
        layer = layers.Dense(2, activation="tanh")
        output = layer(K.placeholder((2, 3)))
        assert [K.dtype(output), K.dtype(layer.weights[0])] == ["float64", "float64"]
        check_gradients(layers.Dense(2, activation="tanh"), SPREAD)
    assert K.dtype(layers.Dense(2)(K.placeholder((2, 3)))) == "float32"


def test_gradients_with_respect_to_weights_and_variables():
    model, scale = dense_model(), K.variable(1.5, name="scale")
    x = normal(2, 4, seed=13)
    weights = [*model.trainable_weights, scale]
    loss = K.sum(K.square(model.output)) * scale
    found = tiers(K.function([model.input], K.gradients(loss, weights)), [x])
    value = K.function([model.input], [loss])
    before = K.batch_get_value(weights)

    def moved_loss(*values):
        K.batch_set_value(zip(weights, values, strict=True))
        return value([x])[0]

    expected = finite_differences(moved_loss, before, step=1e-2)
    for got, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-3)


@pytest.mark.parametrize("form", [lambda x: x, lambda x: [x], lambda x: (x,)], ids=["tensor", "list", "tuple"])
def test_gradients_come_as_a_list(form):
    p = K.placeholder((3,))
    found = K.gradients(form(K.sum(p * p)), form(p))
    assert isinstance(found, list)
    np.testing.assert_allclose(K.function([p], found)([[1.0, 2.0, 3.0]])[0], [2.0, 4.0, 6.0])


def test_one_variable_asked_for_twice():
    p = K.placeholder((2,))
    values = tiers(K.function([p], K.gradients(p * p * p, [p, p])), [[1.0, 2.0]])
    np.testing.assert_allclose(values, [[3.0, 12.0], [3.0, 12.0]])


def test_gradients_are_symbolic_tensors_of_the_variable():
    model = dense_model()
    kernel = model.get_layer("hidden").kernel
    grads = K.gradients(model.output[:, 0], [model.input, kernel])
    assert [K.int_shape(g) for g in grads] == [(None, 4), (4, 5)]
    assert [K.dtype(g) for g in grads] == ["float32", "float32"]


def test_absent_gradients_are_known_at_once():
    p, q, v = K.placeholder((3,), name="p"), K.placeholder((3,), name="q"), K.variable([1.0, 2.0, 3.0])
    assert K.gradients(K.sum(p), [q, v]) == [None, None]
    assert K.gradients(K.stop_gradient(p) + K.cast(K.argmax(p), "float32"), p) == [None]
    some = K.gradients(p * v, [p, q, v])
    assert [gradient is None for gradient in some] == [False, True, False]


def test_absent_second_gradient_is_known_at_once():
    p, q = K.placeholder((3,)), K.placeholder((3,))
    first = K.gradients(p * 2.0 + K.square(q), [p, q])
    assert K.gradients(first[0], p) == [None]
    assert K.gradients(first[1], p) == [None]
    assert K.gradients(first[1], q)[0] is not None


@pytest.mark.parametrize(
    "use",
    [
        K.mean,
        K.square,
        K.abs,
        lambda g: K.max(g, axis=-1),
        lambda g: K.function([], [g]),
        lambda g: K.function([], g),
        K.eval,
        K.variable,
    ],
    ids=["mean", "square", "abs", "max", "outputs", "output", "eval", "variable"],
)
def test_an_absent_gradient_used_names_the_reason(use):
    p, other = K.placeholder((3,), name="p"), K.placeholder((3,), name="stranger")
    absent = K.gradients(K.sum(p), other)[0]
    with pytest.raises(ValueError) as caught:
        use(absent)
    received, _, _ = parts(caught.value)
    assert "stranger" in received
    assert __file__ in received


@pytest.mark.parametrize(
    "use", [lambda g: g * 2.0, lambda g: 1.0 + g, lambda g: g[0], lambda g: K.placeholder((3,)) * g]
)
def test_an_absent_gradient_in_an_operator_is_an_error_keras_2_users_caught(use):
    p = K.placeholder((3,))
    with pytest.raises((TypeError, ValueError)):
        use(K.gradients(K.sum(p), K.placeholder((3,)))[0])


def test_gradients_of_a_nested_model():
    inner, x = dense_model(4, 2), layers.Input((4,), name="outer_input")
    outer = keras.Model(x, layers.Dense(1, name="top")(inner(layers.Dense(4, name="below")(x))))
    assert K.gradients(outer.output, inner.get_layer("hidden").output) == [None]
    grads = K.gradients(outer.output, [outer.get_layer("below").output, *inner.trainable_weights])
    values = tiers(K.function([outer.input], grads), [normal(2, 4, seed=14)])
    assert [value.shape for value in values] == [(2, 4), (4, 5), (5,), (5, 2), (2,)]
    own = K.gradients(inner.output[:, 0], inner.get_layer("hidden").output)[0]
    assert K.function([inner.input], [own])([normal(2, 4, seed=15)])[0].shape == (2, 5)


def test_gradients_of_an_embedding():
    tokens = layers.Input((3,), dtype="int32", name="tokens")
    table = layers.Embedding(5, 2, name="embedding")
    vectors = table(tokens)
    grads = K.gradients(K.sum(K.square(vectors)), [table.weights[0], vectors])
    assert K.gradients(vectors, tokens) == [None]
    dense, above = tiers(K.function([tokens], grads), [[[1, 1, 4]]])
    weights = K.get_value(table.weights[0])
    expected = np.zeros((5, 2))
    for row in (1, 1, 4):
        expected[row] += 2 * weights[row]
    np.testing.assert_allclose(dense, expected, rtol=1e-5)
    np.testing.assert_allclose(above[0], 2 * weights[[1, 1, 4]], rtol=1e-5)


def test_gradients_taken_inside_a_lambda():
    """A gradient penalty written as a layer: the gradient of one tensor of the evaluation with respect to another."""
    x = layers.Input((3,), name="x")
    y = layers.Dense(1, use_bias=False, name="linear")(x)
    squared = layers.Lambda(lambda pair: K.square(K.gradients(pair[0], pair[1])[0]), output_shape=(3,))([y * y, x])
    f = K.function([x], [squared])
    kernel = K.variable(keras.Model(x, y).get_weights()[0])
    value = normal(2, 3, seed=16)
    expected = (2 * (value @ K.eval(kernel)) * K.eval(kernel).T) ** 2
    np.testing.assert_allclose(tiers(f, [value])[0], expected, rtol=1e-4)


def test_gradients_through_dropout_share_its_draw():
    p = K.placeholder((1, 200))
    dropped = layers.Dropout(0.5)(p, training=True)
    value, gradient = K.function([p], [dropped, K.gradients(dropped, p)[0]])([np.ones((1, 200))])
    np.testing.assert_array_equal(value, gradient)
    assert 0 < (value == 0).sum() < 200


def test_the_gradient_at_a_layer_that_hands_its_input_through():
    """With respect to the output of an identity is not with respect to its input, which has another way to the loss."""
    x = layers.Input((2,), name="x")
    same = layers.Activation("linear", name="same")(x)
    grads = K.gradients(K.sum(same * same) + K.sum(x) * 10.0, [x, same])
    values = tiers(K.function([x], grads), [[[1.0, 2.0]]])
    np.testing.assert_allclose(values, [[[12.0, 14.0]], [[2.0, 4.0]]])


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        # d/dt of what the graph computes for d(t * t) / dx: 2 t times the derivative, which is made of t itself.
        (K.tanh, lambda t: 2 - 6 * t**2),
        (K.sigmoid, lambda t: 4 * t - 6 * t**2),
        (layers.Activation("tanh"), lambda t: 2 - 6 * t**2),
    ],
    ids=["tanh", "sigmoid", "layer"],
)
def test_gradients_of_gradients_that_pass_through_what_they_are_taken_to(function, expected):
    """The gradient of tanh is made of its result, so that a gradient to this result goes that way, too."""
    x = keras.layers.Input((2,), name="x")
    t = function(x)
    gradient = K.gradients(K.square(t), x)[0]
    f = K.function([x], [t, K.gradients(gradient, t)[0]])
    value, found = tiers(f, [[[0.5, -1.0]]])
    np.testing.assert_allclose(found, expected(value), rtol=1e-5)


def test_a_weight_as_the_loss():
    """It depends on itself and on nothing else, which is known at once."""
    model = dense_model()
    kernel, bias = model.get_layer("hidden").weights
    assert K.gradients(kernel, [model.input, bias, model.output]) == [None, None, None]
    for loss, expected in [(kernel, 1.0), ([kernel, kernel * 2.0], 3.0)]:
        [gradient] = K.gradients(loss, kernel)
        np.testing.assert_array_equal(tiers(K.function([], [gradient]), [])[0], np.full((4, 5), expected))


def test_a_gradient_is_the_output_of_a_model_that_predicts_and_is_trained():
    x, model = normal(3, 4), dense_model()
    slope = K.gradients(model.output[:, :1] ** 2, [model.input])[0]
    whole = keras.Model(model.input, slope)
    expected = K.function([model.input], [slope])([x])[0]
    outer = layers.Input((4,))
    nested = keras.Model(outer, whole(layers.Activation("linear")(outer)))
    assert np.allclose(whole.predict(x, verbose=0), expected, atol=1e-6)
    assert np.allclose(whole.predict_on_batch(x), expected, atol=1e-6)
    assert np.allclose(nested.predict(x, verbose=0), expected, atol=1e-6)
    assert len(whole.trainable_weights) == len(model.trainable_weights)
    whole.compile(keras.optimizers.SGD(0.1), "mse")
    losses = [float(whole.train_on_batch(x, 0 * x)) for _ in range(2)]
    assert losses[1] < losses[0] and np.isclose(losses[0], (expected**2).mean(), rtol=1e-4)


def test_a_condition_that_takes_another_branch_has_no_slope():
    x, dense = keras.layers.Input((3,), name="x"), layers.Dense(2, kernel_initializer="ones")
    y = dense(x)
    inside = layers.Lambda(lambda t: K.switch(K.sum(t) > 0, K.sum(t), K.constant(0.0)))(y)
    for loss in (K.switch(K.sum(y) > 0, K.sum(y), K.constant(0.0)), inside):
        f = K.function([x], K.gradients(loss, [y, dense.trainable_weights[0]]))
        for row, slope in (([[-1.0, -2.0, -3.0]], 0.0), ([[1.0, 2.0, 3.0]], 1.0)):
            of_outputs, of_kernel = tiers(f, [row])
            np.testing.assert_allclose(of_outputs, [[slope, slope]])
            np.testing.assert_allclose(of_kernel, slope * np.repeat(np.transpose(row), 2, axis=1))
