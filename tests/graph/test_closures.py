"""Functions given to K and to Lambda layers use symbolic tensors from outside, and gradients pass through them."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import dense_model, finite_differences, normal, tiers
from kerases import keras, layers

from k2compat import backend as K

ROWS = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]])
OUTSIDE = np.array([2.0, 0.5])


def step(outside):
    """A step of a recurrence that uses a tensor from outside it."""

    def run(inputs, states):
        output = inputs * outside + 0.5 * states[0]
        return output, [output]

    return run


def stopped_step(outside):
    """The same where no gradient passes to the tensor from outside."""

    def run(inputs, states):
        return step(K.stop_gradient(outside))(inputs, states)

    return run


def summed_by_hand(rows, outside):
    state = np.zeros(2)
    for row in rows:
        state = row * outside + 0.5 * state
    return state


# Name -> (expression of rows and an outside tensor, the same in NumPy).
CLOSURES = {
    "switch": (
        lambda x, o: K.switch(K.sum(x) > 0.0, lambda: x * o, lambda: x - o),
        lambda x, o: x * o,
    ),
    "switch_other": (
        lambda x, o: K.switch(K.sum(x) < 0.0, lambda: x * o, lambda: x - K.square(o)),
        lambda x, o: x - o**2,
    ),
    "nested_switch": (
        lambda x, o: K.switch(
            K.sum(o) > 0.0, lambda: K.switch(x[0, 0] > 5.0, lambda: x, lambda: x * K.exp(o)), lambda: -x
        ),
        lambda x, o: x * np.exp(o),
    ),
    "map_fn": (
        lambda x, o: K.map_fn(lambda row: row * o + K.sum(row), x),
        lambda x, o: x * o + x.sum(axis=1, keepdims=True),
    ),
    "map_of_map": (
        lambda x, o: K.map_fn(lambda row: K.map_fn(lambda item: item * K.sum(o), row), x),
        lambda x, o: x * o.sum(),
    ),
    "foldl": (lambda x, o: K.foldl(lambda a, row: 0.5 * a + row * o, x, K.zeros((2,)) * o), summed_by_hand),
    "foldr": (
        lambda x, o: K.foldr(lambda a, row: 0.5 * a + row * o, x, o * 0.0),
        lambda x, o: summed_by_hand(x[::-1], o),
    ),
    "rnn": (lambda x, o: K.rnn(step(o), K.expand_dims(x, 0), [K.zeros((1, 2))])[0][0], summed_by_hand),
    "rnn_unrolled": (lambda x, o: K.rnn(step(o), x[None], [K.zeros((1, 2))], unroll=True)[0][0], summed_by_hand),
    "rnn_backwards": (
        lambda x, o: K.rnn(step(o), x[None], [K.zeros((1, 2))], go_backwards=True)[0][0],
        lambda x, o: summed_by_hand(x[::-1], o),
    ),
    "lambda": (
        lambda x, o: layers.Lambda(lambda t: t * o + K.mean(o), output_shape=(2,))(x),
        lambda x, o: x * o + o.mean(),
    ),
    "tf_cond": (lambda x, o: tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * o, lambda: x), lambda x, o: x * o),
    "tf_map_fn": (lambda x, o: tf.map_fn(lambda row: row - o, x), lambda x, o: x - o),
    "in_train_phase": (lambda x, o: K.in_train_phase(lambda: x - 100.0, lambda: x * o), lambda x, o: x * o),
}
# What "outside" is: a placeholder, an expression of it, a variable, an expression of one, a weight of a layer.
OUTSIDES = ["placeholder", "expression", "variable", "variable_expression"]


def outside_tensor(kind):
    """(tensor, what has to be fed for it, what its gradient is taken to, what holds its value)."""
    if kind in ("placeholder", "expression"):
        o = K.placeholder((2,), name="outside")
        return (o if kind == "placeholder" else o * 1.0), [o], o
    v = K.variable(OUTSIDE)
    return (v if kind == "variable" else v * 1.0), [], v


@pytest.mark.parametrize("kind", OUTSIDES)
@pytest.mark.parametrize("name", CLOSURES)
def test_values_and_gradients(name, kind):
    build, expected = CLOSURES[name]
    x = K.placeholder((3, 2), name="x")
    tensor, fed, source = outside_tensor(kind)
    y = build(x, tensor)
    gradients = K.gradients(K.sum(y), [x, source])
    assert None not in gradients
    feeds = [ROWS, *[OUTSIDE] * len(fed)]
    value, *slopes = tiers(K.function([x, *fed], [y, *gradients]), feeds)
    np.testing.assert_allclose(value, expected(ROWS, OUTSIDE), rtol=1e-5)
    wanted = finite_differences(lambda a, b: expected(a, b).sum(), [ROWS, OUTSIDE])
    for found, by_differences in zip(slopes, wanted, strict=True):
        np.testing.assert_allclose(found, by_differences, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", CLOSURES)
def test_variables_from_outside_are_live(name):
    build, expected = CLOSURES[name]
    x, v = K.placeholder((3, 2), name="x"), K.variable(OUTSIDE)
    f = K.function([x], [build(x, v)])
    for factor in (1.0, 2.0, 3.0):
        K.set_value(v, OUTSIDE * factor)
        np.testing.assert_allclose(f([ROWS])[0], expected(ROWS, OUTSIDE * factor), rtol=1e-5)


def test_a_function_computes_on_demand_what_nothing_else_needs():
    """The outer layer is in no argument: only the function given to the Lambda knows of it."""
    model, other = dense_model(), dense_model(name="other_input")
    hidden = other.get_layer("hidden").output
    mixed = layers.Lambda(lambda t: t * K.sum(hidden), output_shape=(3,))(model.output)
    a, b = normal(2, 4, seed=1), normal(2, 4, seed=2)
    value, gradient = tiers(K.function([model.input, other.input], [mixed, K.gradients(mixed, other.input)[0]]), [a, b])
    total = keras.Model(other.input, hidden).predict(b, verbose=0).sum()
    np.testing.assert_allclose(value, model.predict(a, verbose=0) * total, rtol=1e-4)
    assert np.abs(gradient).max() > 0


def test_a_lambda_hands_on_a_tensor_from_outside():
    x, o = K.placeholder((3, 2)), K.placeholder((2,))
    handed = layers.Lambda(lambda t: o, output_shape=(2,))(x)
    value, slope = tiers(K.function([x, o], [handed, *K.gradients(K.square(handed), o)]), [ROWS, OUTSIDE])
    np.testing.assert_allclose(value, OUTSIDE)
    np.testing.assert_allclose(slope, 2 * OUTSIDE)


def test_an_unfed_tensor_from_outside_is_named():
    x, o = K.placeholder((3, 2), name="x"), K.placeholder((2,), name="outside")
    for build in (
        lambda: K.map_fn(lambda row: row * o, x),
        lambda: layers.Lambda(lambda t: t * o, output_shape=(2,))(x),
    ):
        with pytest.raises(ValueError, match="'outside'"):
            K.function([x], [build()])([ROWS])


def test_a_gradient_from_outside_is_used_in_a_function():
    """A guided gradient: the function uses both a tensor and its gradient."""
    x = K.placeholder((3, 2), name="x")
    y = K.square(x)
    gradient = K.gradients(y, x)[0]
    chosen = K.switch(K.sum(x) > 0.0, lambda: gradient * y, lambda: y)
    mapped = K.map_fn(lambda row: row + K.sum(gradient), x)
    found = tiers(K.function([x], [chosen, mapped]), [ROWS])
    np.testing.assert_allclose(found[0], 2 * ROWS**3, rtol=1e-5)
    np.testing.assert_allclose(found[1], ROWS + 2 * ROWS.sum(), rtol=1e-5)


def test_second_order_through_a_function():
    x, o = K.placeholder((3, 2)), K.placeholder((2,))
    y = K.map_fn(lambda row: row * row * o, x)
    (first,) = K.gradients(y, x)
    gradients = K.gradients(K.sum(first * first), [x, o])
    found = tiers(K.function([x, o], gradients), [ROWS, OUTSIDE])
    np.testing.assert_allclose(found[0], 8 * ROWS * OUTSIDE**2, rtol=1e-5)
    np.testing.assert_allclose(found[1], (8 * ROWS**2 * OUTSIDE).sum(axis=0), rtol=1e-5)


STOPPED = {
    "lambda": lambda x, o: layers.Lambda(lambda t: t * K.stop_gradient(o), output_shape=(2,))(x),
    "lambda_argmax": lambda x, o: layers.Lambda(lambda t: t + K.cast(K.argmax(o), "float32"), output_shape=(2,))(x),
    "switch": lambda x, o: K.switch(K.sum(x) > 0.0, lambda: x * K.stop_gradient(o), lambda: x),
}
# TensorFlow cannot tell what a loop stops from what it does not, so that a gradient exists there: zeros.
STOPPED_IN_LOOPS = {
    "map_fn": lambda x, o: K.map_fn(lambda row: row * K.stop_gradient(o), x),
    "map_fn_argmax": lambda x, o: K.map_fn(lambda row: row + K.cast(K.argmax(o), "float32"), x),
    "foldl": lambda x, o: K.foldl(lambda a, row: a + row * K.stop_gradient(o), x, K.zeros((2,))),
    "foldr": lambda x, o: K.foldr(lambda a, row: a + row * K.stop_gradient(o), x, K.zeros((2,))),
    "rnn": lambda x, o: K.rnn(stopped_step(o), x[None], [K.zeros((1, 2))])[0],
}


@pytest.mark.parametrize("name", STOPPED)
def test_no_gradient_through_what_a_function_stops(name):
    x, o = K.placeholder((3, 2)), K.placeholder((2,))
    to_x, to_o = K.gradients(STOPPED[name](x, o), [x, o])
    assert to_x is not None
    assert to_o is None


@pytest.mark.parametrize("name", STOPPED_IN_LOOPS)
def test_zeros_for_the_gradient_through_what_a_loop_stops(name):
    x, o = K.placeholder((3, 2)), K.placeholder((2,))
    gradients = K.gradients(STOPPED_IN_LOOPS[name](x, o), [x, o])
    to_x, to_o = tiers(K.function([x, o], gradients), [ROWS, OUTSIDE])
    assert np.abs(to_x).min() > 0
    np.testing.assert_array_equal(to_o, np.zeros(2))
    (alone,) = tiers(K.function([x, o], gradients[1:]), [ROWS, OUTSIDE])
    np.testing.assert_array_equal(alone, np.zeros(2))


def test_only_the_branch_taken_is_computed():
    x, printed = K.placeholder((2,)), []

    def noted(name, tensor):
        def run(value):
            printed.append(name)
            return value

        return lambda: tf.py_function(run, [tensor], tf.float32)

    f = K.function([x], [K.switch(x[0] > 0.0, noted("then", x), noted("else", -x))])
    for value in ([1.0, 1.0], [-1.0, 1.0], [1.0, 1.0]):
        f([value])
    assert printed == ["then", "else", "then"]


def test_lambda_layers_in_a_model_and_in_k_functions_agree():
    x = layers.Input((2,), name="x")
    gate = layers.Dense(2, activation="sigmoid", name="gate")(x)
    y = layers.Lambda(lambda t: t * gate, output_shape=(2,))(layers.Dense(2, name="values")(x))
    f = K.function([x], [y, *K.gradients(y, [x, gate])])
    value, to_x, to_gate = tiers(f, [ROWS])
    by_hand = K.function([x], [layers.Multiply()([keras.Model(x, gate)(x), y / gate])])([ROWS])[0]
    np.testing.assert_allclose(value, by_hand, rtol=1e-4)
    assert to_x.shape == to_gate.shape == (3, 2)
