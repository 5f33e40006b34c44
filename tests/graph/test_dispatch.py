"""TensorFlow's own functions take symbolic tensors and variables: each call is recorded, loops and branches too."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import parts, tiers

from k2compat import backend as K
from k2compat.graph.symbols import is_symbol

ARRAY = np.array([1.0, 2.0, 4.0])

# Name -> (a call of TensorFlow, the same in NumPy).
FUNCTIONS = {
    "square": (tf.square, np.square),
    "softmax": (tf.nn.softmax, lambda x: np.exp(x) / np.exp(x).sum()),
    "reduce_mean": (lambda x: tf.reduce_mean(x, axis=0), np.mean),
    "where": (lambda x: tf.where(x > 1.5, x, -x), lambda x: np.where(x > 1.5, x, -x)),
    "cast": (lambda x: tf.cast(tf.cast(x, tf.int32), tf.float32), np.trunc),
    "stack": (lambda x: tf.stack([x, 2.0 * x]), lambda x: np.stack([x, 2 * x])),
    "concat": (lambda x: tf.concat([x, x], 0), lambda x: np.concatenate([x, x])),
    "add_n": (lambda x: tf.add_n([x, x, x]), lambda x: 3 * x),
    "einsum": (lambda x: tf.einsum("i,j->ij", x, x), lambda x: np.outer(x, x)),
    "keywords": (lambda x: tf.add(x=x, y=1.0), lambda x: x + 1),
    "second": (lambda x: tf.pow(2.0, x), lambda x: 2**x),
    "one_hot": (lambda x: tf.one_hot(tf.argmax(x), 3), lambda x: np.eye(3)[x.argmax()]),
    "gather": (lambda x: tf.gather(x, [2, 0]), lambda x: x[[2, 0]]),
    "boolean_mask": (lambda x: tf.boolean_mask(x, x > 1.5), lambda x: x[x > 1.5]),
    "range": (lambda x: tf.range(tf.shape(x)[0]), lambda x: np.arange(len(x))),
    "fill": (lambda x: tf.fill([tf.shape(x)[0], 2], 1.5), lambda x: np.full((len(x), 2), 1.5)),
    "zeros_like": (tf.zeros_like, np.zeros_like),
    "identity": (tf.identity, np.asarray),
    "convert_to_tensor": (tf.convert_to_tensor, np.asarray),
    "log1p": (tf.math.log1p, np.log1p),
    "norm": (tf.linalg.norm, np.linalg.norm),
    "clip_by_value": (lambda x: tf.clip_by_value(x, 1.5, 3.0), lambda x: np.clip(x, 1.5, 3)),
    "clip_by_global_norm": (lambda x: tf.clip_by_global_norm([x], 1.0)[0][0], lambda x: x / np.linalg.norm(x)),
    "py_function": (lambda x: tf.py_function(lambda v: v * 2.0, [x], tf.float32), lambda x: 2 * x),
    "numpy_function": (lambda x: tf.numpy_function(lambda v: v * 2, [x], tf.float32), lambda x: 2 * x),
    "cond": (lambda x: tf.cond(tf.reduce_sum(x) > 0.0, lambda: x, lambda: -x), np.asarray),
    "case": (lambda x: tf.case([(tf.reduce_sum(x) < 0.0, lambda: x)], default=lambda: -x), np.negative),
    "map_fn": (lambda x: tf.map_fn(lambda item: item * 2.0, x), lambda x: 2 * x),
    "vectorized_map": (lambda x: tf.vectorized_map(lambda item: item * 2.0, x), lambda x: 2 * x),
    "scan": (lambda x: tf.scan(lambda total, item: total + item, x), np.cumsum),
    "foldl": (lambda x: tf.foldl(lambda total, item: total * item, x), np.prod),
    "while_loop": (
        lambda x: tf.while_loop(lambda n, a: n < 3, lambda n, a: (n + 1, a * 2.0), [0, x])[1],
        lambda x: 8 * x,
    ),
    "while_condition": (
        lambda x: tf.while_loop(lambda a: tf.reduce_sum(a) < 20.0, lambda a: [a * 2.0], [x])[0],
        lambda x: 4 * x,
    ),
    "loss": (lambda x: tf.compat.v1.losses.mean_squared_error(x, 3.0 * x), lambda x: (4 * x**2).mean()),
    "gradients": (lambda x: tf.gradients(x**3, x)[0], lambda x: 3 * x**2),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    "make", [lambda: K.placeholder((3,)), lambda: K.variable(ARRAY)], ids=["placeholder", "variable"]
)
def test_a_call_is_recorded(name, make):
    call, expected = FUNCTIONS[name]
    tensor = make()
    inputs, feeds = ([], []) if K.is_variable(tensor) else ([tensor], [ARRAY])
    symbolic = call(tensor)
    assert is_symbol(symbolic)
    (found,) = tiers(K.function(inputs, [symbolic]), feeds)
    np.testing.assert_allclose(found, expected(ARRAY.astype("float32")), rtol=1e-5)


def test_several_results_are_recorded_each():
    p = K.placeholder((3,))
    mean, variance = tf.nn.moments(p, [0])
    first, *rest = tf.unstack(p)
    values, indices = tf.nn.top_k(p, 2)
    assert values is not indices
    found = tiers(K.function([p], [mean, variance, first, rest[1], values, indices]), [ARRAY])
    np.testing.assert_allclose(found[:2], [ARRAY.mean(), ARRAY.var()], rtol=1e-6)
    assert found[2:4] == [1.0, 4.0]
    assert [found[4].tolist(), found[5].tolist()] == [[4.0, 2.0], [2, 1]]


def test_an_assertion_is_recorded():
    p = K.placeholder((3,))
    tf.debugging.assert_positive(p)


def test_a_random_tensor_of_a_symbolic_shape():
    p = K.placeholder((None, 2))
    drawn = tf.random.normal(tf.shape(p)), K.random_normal(K.shape(p)), p * tf.random.uniform(tf.shape(p))
    f = K.function([p], [*drawn, drawn[0] * 1.0])
    for rows in (3, 5, 3):
        values = f([np.ones((rows, 2))])
        assert [value.shape for value in values] == [(rows, 2)] * 4
        np.testing.assert_array_equal(values[0], values[3])
        assert len({value[0, 0] for value in values[:3]}) == 3


def test_a_symbolic_tensor_evaluates_itself():
    p, v = K.placeholder((3,)), K.variable(ARRAY)
    np.testing.assert_allclose((p * v).eval(session=K.get_session(), feed_dict={p: ARRAY}), ARRAY**2)
    np.testing.assert_allclose((v * 2.0).eval(session=K.get_session()), 2 * ARRAY)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda v: v.assign(v * 3.0), 6.0),
        (lambda v: v.assign_add(1.0), 3.0),
        (lambda v: v.assign_sub(0.5), 1.5),
        (lambda v: tf.compat.v1.assign(v, 7.0), 7.0),
        (lambda v: tf.compat.v1.assign_add(v, 7.0), 9.0),
    ],
    ids=["assign", "assign_add", "assign_sub", "tf.assign", "tf.assign_add"],
)
def test_assignments_are_updates(change, expected):
    v = K.variable(2.0)
    update = change(v)
    assert K.get_value(v) == 2.0
    K.get_session().run(update)
    assert K.get_value(v) == expected


def test_static_shapes_answer_as_tensorflow_1_shapes_did():
    for tensor in (K.placeholder((None, 3)), K.variable(np.ones((2, 3))) * 1.0):
        shape = tensor.get_shape()
        assert shape.as_list() == list(K.int_shape(tensor))
        assert shape.ndims == shape.rank == len(shape) == 2
        assert shape[1] == 3
        assert shape.is_compatible_with((2, 3))
        assert not shape.is_compatible_with((2, 4))
        assert shape.with_rank(2).as_list() == shape.as_list()
        assert shape.num_elements() == (None if shape[0] is None else 6)
        assert shape.concatenate([5]).as_list() == [*shape.as_list(), 5]


def test_what_tensorflow_refuses_it_refuses_when_the_call_is_written():
    p, q = K.placeholder((None, 2)), K.placeholder((3, 3))
    for call in (lambda: tf.matmul(p, q), lambda: K.dot(p, q), lambda: p + q, lambda: tf.concat([p, q], 0)):
        with pytest.raises(ValueError):
            call()
    for call in (lambda: tf.reduce_sum(p, axis=7), lambda: K.reshape(q, (4, 4)), lambda: K.sum(q, axis=2)):
        with pytest.raises(ValueError):
            call()


def test_objects_that_are_no_tensors_are_refused_by_tensorflow_itself():
    with pytest.raises((TypeError, ValueError)):
        tf.square(object())
    with pytest.raises(ValueError) as caught:
        K.square(None)
    assert "None" in parts(caught.value)[0]
