"""Record or compute: which calls wait for a function, which are done at once, and what refuses to pass for a value."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import dense_model, floatx, normal, parts, tiers
from kerases import KIND, NAMED_P, keras, layers

from k2compat import backend as K
from k2compat.graph.symbols import is_symbol, variable_of

ARRAY = np.array([1.0, 2.0, 4.0])  # float64, as most arrays are


def placeholder():
    return K.placeholder((3,), name="p")


def unranked():
    return K.placeholder(name="unranked")


def variable():
    return K.variable(ARRAY, name="v")


def expression():
    return K.variable(ARRAY) * 1.0


def model_output():
    return dense_model().output


SYMBOLS = {f.__name__: f for f in (placeholder, unranked, variable, expression, model_output)}


def value_of(tensor, p=None, value=ARRAY):
    """What a tensor is when p is fed."""
    return K.function([] if p is None else [p], [tensor])([] if p is None else [value])[0]


# Rule 1: record or compute.


@pytest.mark.parametrize(
    "call", [K.exp, K.sum, tf.exp, tf.reduce_sum, lambda x: K.dot(K.reshape(x, (1, 3)), K.reshape(x, (3, 1)))]
)
def test_tensors_with_a_value_are_computed_at_once(call):
    found = call(tf.constant(ARRAY, tf.float32))
    assert tf.is_tensor(found)
    assert isinstance(found.numpy(), (np.ndarray, np.float32))


@pytest.mark.parametrize("make", [placeholder, variable, expression])
@pytest.mark.parametrize(
    "call", [K.exp, tf.exp, lambda x: x + 1.0, lambda x: x[1:]], ids=["K", "tf", "operator", "index"]
)
def test_symbolic_tensors_and_variables_are_recorded(make, call):
    found = call(make())
    assert K.is_tensor(found)
    assert is_symbol(found)


def test_a_variable_beside_a_tensor_with_a_value_is_computed():
    v = K.variable(ARRAY)
    for found in (K.maximum(v, tf.constant([2.0, 2.0, 2.0])), tf.maximum(v * 1.0, tf.constant([2.0, 2.0, 2.0]))):
        assert tf.is_tensor(found)
        np.testing.assert_allclose(found, [2, 2, 4])


def test_a_placeholder_beside_a_tensor_with_a_value_is_recorded():
    p = placeholder()
    found = K.maximum(tf.constant([2.0, 2.0, 2.0]), p)
    assert is_symbol(found)
    np.testing.assert_allclose(value_of(found, p), [2, 2, 4])


def test_constants_alone_are_recorded():
    c = K.constant(ARRAY)
    np.testing.assert_allclose(K.eval(c * 2.0 + K.exp(K.zeros((3,)))), [3, 5, 9])


# Rule 2, that any TensorFlow function records, has a file of its own: test_tensorflow_functions.py.


# Rule 3: results go on into Keras, and Keras's into K.


def test_recorded_results_go_into_layers_and_models():
    x = layers.Input((3,), name="x")
    scale = K.variable(2.0)
    y = layers.Dense(1, kernel_initializer="ones", use_bias=False)(K.square(x) * scale)
    model = keras.Model(x, [y, tf.reduce_sum(y, axis=-1) + 1.0])
    for factor in (2.0, 3.0):
        K.set_value(scale, factor)
        for predict in (lambda v: model.predict(v, verbose=0), model.predict_on_batch, K.function([x], model.outputs)):
            first, second = predict(np.array([[1.0, 2.0, 3.0]]))
            assert first[0, 0] == pytest.approx(14 * factor)
            assert second[0] == pytest.approx(14 * factor + 1)


def test_a_model_around_recorded_results_can_be_trained():
    x = layers.Input((3,), name="x")
    hidden = K.l2_normalize(layers.Dense(4, name="hidden")(x), axis=-1)
    model = keras.Model(x, layers.Dense(1, name="top")(hidden))
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(normal(8, 3), normal(8, 1), epochs=1, verbose=0)
    assert all(not np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("make", [variable, expression])
def test_variables_and_their_expressions_go_into_layers(make):
    tensor = K.reshape(make(), (1, 3))
    layer = layers.Dense(1, kernel_initializer="ones")
    output = layer(tensor)
    assert K.eval(output) == [[7.0]]
    assert K.function([], K.gradients(output, layer.kernel))([])[0].ravel().tolist() == [1.0, 2.0, 4.0]


def test_a_model_is_called_on_a_recorded_result():
    model, p = dense_model(), K.placeholder((None, 4))
    found = K.function([p], [model(p * 2.0), model(K.concatenate([p[:, :2], p[:, 2:]]))])([np.ones((1, 4))])
    np.testing.assert_allclose(found[0], model.predict(2 * np.ones((1, 4)), verbose=0), rtol=1e-5)
    np.testing.assert_allclose(found[1], model.predict(np.ones((1, 4)), verbose=0), rtol=1e-5)


# Rule 4: variables are live.


def test_expressions_of_variables_are_live():
    v = K.variable(2.0)
    e = K.square(v) + tf.exp(v * 0.0)
    p = placeholder()
    f = K.function([p], [p * e])
    for number in (2.0, 3.0, -1.0):
        K.set_value(v, number)
        assert K.eval(e) == number**2 + 1
        np.testing.assert_allclose(f([ARRAY])[0], ARRAY * (number**2 + 1))


@pytest.mark.parametrize("name", ["kernel", "bias"])
@pytest.mark.parametrize(
    ("combine", "expected"),
    [
        (lambda w: w - 0.5 * w, lambda w: 0.5 * w),
        (lambda w: 2.0 * w + ARRAY[:1], lambda w: 2 * w + 1),
        (lambda w: K.sum(w) / w, lambda w: w.sum() / w),
        (lambda w: -w, lambda w: -w),
        (tf.abs, np.abs),
        (lambda w: w**2 + K.variable(1.0), lambda w: w**2 + 1),
        (lambda w: w * w, lambda w: w * w),
        (lambda w: w[..., 0:1] + w[np.int64(0)], lambda w: w[..., 0:1] + w[0]),
        (lambda w: w[::2], lambda w: w[::2]),
    ],
    ids=["numbers", "array", "own", "negative", "tensorflow", "variable", "itself", "index", "slice"],
)
def test_arithmetic_with_weights_is_live(name, combine, expected):
    layer = dense_model().get_layer("hidden")
    weight = getattr(layer, name)
    e = combine(weight)
    for factor in (1.0, 3.0):
        K.set_value(weight, np.full(K.int_shape(weight), factor))
        np.testing.assert_allclose(K.eval(e), expected(np.full(K.int_shape(weight), factor)), rtol=1e-6)


def test_an_array_counts_as_it_was_when_the_expression_was_written():
    p, array = K.placeholder((300,)), np.ones(300, dtype="float32")
    tensors = [p + array, array * p, tf.maximum(p, array), K.constant(array) + p, K.variable(np.ones(300)) * array]
    array[:] = 7
    for tensor in tensors:
        for found in (K.function([p], [tensor])([np.ones(300)])[0],) * 2:
            assert found.max() <= 2


# Operators.

BINARY = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "truediv": lambda a, b: a / b,
    "floordiv": lambda a, b: a // b,
    "mod": lambda a, b: a % b,
    "pow": lambda a, b: a**b,
    "lt": lambda a, b: a < b,
    "ge": lambda a, b: a >= b,
}
OTHERS = {
    "array": np.array([3.0, 2.0, 0.5]),
    "float": 2.5,
    "float64": np.float64(2.5),
    "float32": np.float32(2.5),
    "int": 2,
    "int64": np.int64(2),
}


@pytest.mark.parametrize("make", [placeholder, variable, expression], ids=lambda f: f.__name__)
@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("operator", BINARY)
def test_an_operator_from_either_side(make, other, operator):
    """NumPy's float64 takes the tensor's type, as it did when graph mode made a constant of it."""
    tensor, number, apply = make(), OTHERS[other], BINARY[operator]
    pairs = [(apply(tensor, number), apply(ARRAY, number)), (apply(number, tensor), apply(number, ARRAY))]
    for symbolic, expected in pairs:
        found = value_of(symbolic, tensor if make is placeholder else None)
        assert found.dtype == (np.bool_ if operator in ("lt", "ge") else np.float32)
        np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("make", [placeholder, variable, expression], ids=lambda f: f.__name__)
def test_the_matrix_product_from_either_side(make):
    tensor, column = make(), np.array([[3.0], [2.0], [0.5]])
    row = K.reshape(tensor, (1, 3))
    for symbolic, expected in ((row @ column, [[9.0]]), (column @ row, column @ [ARRAY])):
        found = value_of(symbolic, tensor if make is placeholder else None)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected)


def test_float64_tensors_stay_float64():
    with floatx("float64"):
        p = K.placeholder((3,))
        tensors = [p * 2.0, p + ARRAY, ARRAY - p, p * np.float64(2)]
    assert {K.dtype(tensor) for tensor in tensors} == {"float64"}


@pytest.mark.parametrize("make", [placeholder, variable], ids=["placeholder", "variable"])
@pytest.mark.parametrize(
    "index", [1, np.int64(1), np.int32(1), np.uint8(1), np.array(1), np.argmax([0, 5, 1])], ids=repr
)
def test_any_integer_is_an_index(make, index):
    tensor = make()
    f = K.function(
        [tensor] if make is placeholder else [],
        [tensor[index], tensor[index:], tensor[None, index], tensor[..., index]],
    )
    found = f([ARRAY] if make is placeholder else [])
    assert [found[0], found[2].tolist(), found[3]] == [2.0, [2.0], 2.0]
    assert found[1].tolist() == [2.0, 4.0]


def test_a_symbolic_index():
    p, i = placeholder(), K.placeholder((), dtype="int32", name="i")
    f = K.function([p, i], [p[i], p[i:], p[K.argmax(p)]])
    assert [value.tolist() for value in tiers(f, [ARRAY, 1])] == [2.0, [2.0, 4.0], 4.0]


# What refuses to pass for a value.

USES = {
    "bool": bool,
    "if": lambda t: 1 if t > 0 else 2,
    "not": lambda t: not t,
    "len": len,
    "iter": list,
    "unpack": lambda t: [*t],
    "float": float,
    "int": int,
    "array": np.array,
    "asarray": lambda t: np.asarray(t, dtype="float32"),
    "numpy": np.mean,
}


# Keras 3 tells its tensors from structures of them by their having no length; the message is Python's own.
LENGTHS_OF_KERAS = {(make, "len") for make in ("placeholder", "model_output")} if KIND == "keras3" else set()


@pytest.mark.parametrize("make", SYMBOLS)
@pytest.mark.parametrize("use", USES)
def test_a_symbolic_tensor_is_no_value(make, use):
    tensor = SYMBOLS[make]()
    with pytest.raises(TypeError) as caught:
        USES[use](tensor)
    if (make, use) in LENGTHS_OF_KERAS:
        assert "has no len()" in str(caught.value)
    else:
        assert "K." in parts(caught.value)[2]


@pytest.mark.parametrize("make", SYMBOLS)
def test_equality_is_identity(make):
    t, u = SYMBOLS[make](), SYMBOLS[make]()
    assert t == t  # noqa: PLR0124
    assert (t == u) is False
    assert (t != u) is True
    assert t in [u, t]
    assert {t: 1, u: 2}[t] == 1


# Inside functions being traced, tapes and layers.


def test_inside_a_tf_function_variables_are_read_and_calls_computed():
    v = K.variable(2.0)

    @tf.function
    def scaled(x):
        return K.square(x) * v + K.sum(v * K.ones((2,)))

    assert scaled(tf.constant(3.0)).numpy() == 22.0
    K.set_value(v, 1.0)
    assert scaled(tf.constant(3.0)).numpy() == 11.0


def test_a_tape_records_what_k_computes():
    v = K.variable([1.0, 2.0])
    weight = dense_model().get_layer("hidden").bias
    with tf.GradientTape() as tape:
        loss = K.sum(K.square(v)) + tf.reduce_sum(weight * 3.0)
    assert tf.is_tensor(loss)
    gradients = tape.gradient(loss, [v.variable, variable_of(weight)])
    np.testing.assert_allclose(gradients[0], [2, 4])
    np.testing.assert_allclose(gradients[1], np.full(5, 3.0))


def test_a_layer_written_with_k_computes():
    class Scaled(layers.Layer):
        def build(self, input_shape):
            self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

        def call(self, inputs):
            return K.relu(inputs * self.scale + K.dot(inputs, K.ones((3, 1))))

    x = layers.Input((3,))
    model = keras.Model(x, Scaled(name="scaled")(x))
    expected = np.maximum(ARRAY + ARRAY.sum(), 0)
    np.testing.assert_allclose(model(tf.constant([ARRAY], tf.float32))[0], expected)
    np.testing.assert_allclose(model.predict(np.array([ARRAY]), verbose=0)[0], expected)
    np.testing.assert_allclose(tiers(K.function([x], [model.output]), [[ARRAY]])[0][0], expected)


def test_a_loss_and_a_metric_written_with_k_train():
    model, factor = dense_model(), K.variable(2.0)

    def loss(y_true, y_pred):
        return K.mean(K.square(y_true - y_pred), axis=-1) * factor

    def accuracy(y_true, y_pred):
        return K.cast(K.equal(K.argmax(y_true), K.argmax(y_pred)), K.floatx())

    model.compile(optimizer="sgd", loss=loss, metrics=[accuracy])
    x, y = normal(6, 4), np.eye(3)[[0, 1, 2, 0, 1, 2]]
    predicted = model.predict(x, verbose=0)
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    assert found["loss"] == pytest.approx(2 * ((predicted - y) ** 2).mean(), rel=1e-5)
    assert found["accuracy"] == pytest.approx((predicted.argmax(-1) == y.argmax(-1)).mean())
    model.fit(x, y, epochs=1, verbose=0)


def test_a_placeholder_used_inside_a_tf_function_is_named():
    p = placeholder()

    @tf.function(autograph=False)
    def closed_over(x):
        return x + K.square(p)

    with pytest.raises(ValueError, match=NAMED_P):
        closed_over(tf.constant(1.0))


def test_symbolic_tensors_have_no_length():
    tensors = [K.placeholder((2, 3)), dense_model().output, K.variable([1.0, 2.0]) * 2]
    for tensor in tensors:
        assert not hasattr(tensor, "__len__")  # by which programs tell several outputs from one
        with pytest.raises(TypeError, match=r"len\(\)"):
            len(tensor)


def test_weights_have_the_operation_of_tensors_where_programs_look_for_it():
    model = dense_model()
    for thing in (model.layers[-1].kernel, model.output):
        assert not hasattr(thing, "_op") or thing._op.type == thing.op.type != "Placeholder"
