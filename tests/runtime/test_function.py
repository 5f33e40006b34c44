"""``K.function``: its two tiers, what may be fed and how errors name it, and what comes back."""

import collections
import warnings

import numpy as np
import pytest
import tensorflow as tf
from helpers import dense_model, normal, normalized_model, parts, tiers
from kerases import keras, layers

from k2compat import backend as K

Pair = collections.namedtuple("Pair", "left right")


@pytest.fixture
def doubled():
    """A function of a float32 placeholder "p" of shape (None, 2): it returns p * 2."""
    p = K.placeholder((None, 2), name="p")
    return K.function([p], [p * 2.0])


def test_the_eager_and_the_compiled_call_agree():
    model = normalized_model()
    grads = K.gradients(model.output[:, 0], [model.get_layer("bn").output, model.input])
    f = K.function([model.input, K.learning_phase()], [model.output, *grads, K.argmax(model.output)])
    tiers(f, [normal(3, 8), 0])


def test_a_function_is_compiled_once():
    traced = []

    def noted(x):
        traced.append(x)
        return x * 2.0

    p = K.placeholder((None, 2))
    f = K.function([p], [K.map_fn(noted, p)])
    recorded = len(traced)
    for size in (1, 2, 3, 1):
        f([np.ones((size, 2))])
    compiled = len(traced)
    for size in (5, 1, 2):
        np.testing.assert_allclose(f([np.ones((size, 2))])[0], np.full((size, 2), 2.0))
    assert compiled > recorded
    assert len(traced) == compiled


def test_batch_sizes_change_from_call_to_call(doubled):
    for size in (3, 1, 0, 7, 3):
        value = normal(size, 2, seed=size)
        np.testing.assert_allclose(doubled([value])[0], 2 * value, rtol=1e-6)


def test_images_of_any_size():
    x = layers.Input((None, None, 1), name="image")
    y = layers.Conv2D(1, 3, padding="same", kernel_initializer="ones")(x)
    f = K.function([x], [y, K.gradients(K.sum(y), x)[0]])
    for height, width in ((3, 4), (5, 5), (2, 7)):
        value, gradient = f([np.ones((1, height, width, 1))])
        assert value.shape == gradient.shape == (1, height, width, 1)
        assert value[0, 1, 1, 0] == min(height, 3) * min(width, 3)


def test_inputs_are_paired_in_the_order_given():
    p, q = K.placeholder((2,), name="p"), K.placeholder((2,), name="q")
    one, two = [1.0, 1.0], [2.0, 2.0]
    np.testing.assert_allclose(tiers(K.function([p, q], [p - q]), [one, two])[0], [-1, -1])
    np.testing.assert_allclose(tiers(K.function([q, p], [p - q]), [one, two])[0], [1, 1])


def test_a_missing_value_is_not_fed():
    p, q = K.placeholder((2,), name="p"), K.placeholder((2,), name="q")
    f = K.function([p, q], [q * 2.0])
    np.testing.assert_allclose(tiers(f, [None, [1.0, 2.0]])[0], [2, 4])
    with pytest.raises(tf.errors.InvalidArgumentError, match="'q'"):
        f([[1.0, 2.0]])


def test_the_same_function_with_and_without_an_optional_feed():
    """A fed intermediate value replaces what is above it for that call only."""
    p = K.placeholder((2,), name="p")
    squared = K.square(p)
    f = K.function([p, squared], [squared + 1.0])
    for _ in range(3):
        np.testing.assert_allclose(f([[1.0, 2.0], [10.0, 20.0]])[0], [11, 21])
        np.testing.assert_allclose(f([[1.0, 2.0]])[0], [2, 5])


@pytest.mark.parametrize(
    ("value", "received"),
    [
        (np.ones((1, 3)), "(1, 3)"),
        (np.ones(2), "(2,)"),
        (np.ones((1, 2, 1)), "(1, 2, 1)"),
        (3.0, "()"),
        (tf.ones((4, 5)), "(4, 5)"),
        ([[1.0, 2.0, 3.0]], "(1, 3)"),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [ValueError, tf.errors.InvalidArgumentError])
def test_a_wrong_shape_names_the_input_and_both_shapes(doubled, value, received, kind):
    for _ in range(2):
        with pytest.raises(kind) as caught:
            doubled([value])
        first, expected, _ = parts(caught.value)
        assert "'p'" in first
        assert received in first
        assert "(None, 2)" in expected
    np.testing.assert_allclose(doubled([np.ones((1, 2))])[0], [[2, 2]])


def test_a_wrong_shape_for_a_model_names_its_input_layer():
    model = dense_model(name="features")
    f = K.function([model.get_layer("features")], [model.output])
    with pytest.raises(ValueError, match="'features'"):
        f([np.ones((1, 5))])


@pytest.mark.parametrize(
    "value",
    [
        np.array([["1", "b"]]),
        [["a", "b"]],
        "picture.png",
        np.array([[b"a", b"b"]]),
        tf.constant([["a", "b"]]),
        np.array([[1, None]], dtype=object),
        np.array([[object(), 1]], dtype=object),
        [[1, 2], [3]],
        {"p": 1},
        iter([[1.0, 2.0]]),
    ],
    ids=["array", "list", "path", "bytes", "tensor", "none", "objects", "ragged", "dict", "iterator"],
)
@pytest.mark.parametrize("kind", [ValueError, TypeError])
def test_text_and_objects_are_refused_by_name(doubled, value, kind):
    with pytest.raises(kind) as caught:
        doubled([value])
    received, expected, _ = parts(caught.value)
    assert "'p'" in received
    assert "float32" in expected


def test_an_object_array_of_numbers_is_taken(doubled):
    """The values of a table with columns of several types come so."""
    np.testing.assert_allclose(tiers(doubled, [np.array([[1, 2.5]], dtype=object)])[0], [[2, 5]])


def test_nan_and_infinity_are_data(doubled):
    np.testing.assert_array_equal(tiers(doubled, [[[np.nan, -np.inf]]])[0], [[np.nan, -np.inf]])
    p = K.placeholder((2,))
    (gradient,) = tiers(K.function([p], K.gradients(K.sum(p * p), p)), [[np.nan, 1.0]])
    np.testing.assert_array_equal(gradient, [np.nan, 2.0])


@pytest.mark.parametrize("dtype", ["float16", "float64", "int8", "int64", "uint8", "bool", "float32"])
def test_numbers_of_any_type_become_the_placeholders(doubled, dtype):
    value = np.array([[1, 0]]).astype(dtype)
    for fed in (value, tf.constant(value), value.tolist()):
        (found,) = tiers(doubled, [fed])
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, [[2, 0]])


@pytest.mark.parametrize(
    "make",
    [lambda: K.variable([[1.0, 2.0]]), lambda: K.variable([[0.5, 1.0]]) * 2.0, lambda: tf.Variable([[1.0, 2.0]])],
    ids=["variable", "expression", "tf.Variable"],
)
def test_variables_are_fed_by_their_value(doubled, make):
    np.testing.assert_allclose(tiers(doubled, [make()])[0], [[2, 4]])


def test_a_symbolic_tensor_is_no_value(doubled):
    with pytest.raises(TypeError) as caught:
        doubled([K.placeholder((1, 2), name="other")])
    assert "'p'" in parts(caught.value)[0]


def test_strings():
    s = K.placeholder((None,), dtype="string", name="words")
    f = K.function([s], [s, tf.strings.length(s)])
    for value in (
        ["cat", "horse"],
        np.array(["cat", "horse"]),
        np.array([b"cat", b"horse"]),
        tf.constant(["cat", "horse"]),
    ):
        words, lengths = f([value])
        assert words.tolist() == [b"cat", b"horse"]
        assert lengths.tolist() == [3, 5]
    with pytest.raises(TypeError) as caught:
        f([np.array([1, 2])])
    assert "'words'" in parts(caught.value)[0]


def test_sparse_matrices():
    p = K.placeholder((None, 3), sparse=True, name="counts")
    f = K.function([p], [K.to_dense(p), K.dot(p, K.ones((3, 2))), p])
    matrix = np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]])
    indices = np.argwhere(matrix)
    triple = (indices, matrix[tuple(indices.T)], matrix.shape)
    for value in (tf.sparse.from_dense(matrix), triple, tf.compat.v1.SparseTensorValue(*triple), matrix):
        dense, product, back = f([value])
        np.testing.assert_allclose(dense, matrix)
        np.testing.assert_allclose(product, matrix @ np.ones((3, 2)))
        np.testing.assert_allclose(back.values, [2, 1, 3])
    for wrong in (np.eye(4), tf.sparse.from_dense(np.eye(4)), "text"):
        with pytest.raises(ValueError) as caught:
            f([wrong])
        assert "'counts'" in parts(caught.value)[0]


def test_an_unknown_keyword_is_named():
    p = K.placeholder((2,))
    with pytest.raises(ValueError) as caught:
        K.function([p], [p], givens={})
    received, expected, _ = parts(caught.value)
    assert "'givens'" in received
    assert "feed_dict" in expected


def test_an_unfed_placeholder_is_named_and_described():
    model, labels = dense_model(), K.placeholder((None, 3), dtype="int32", name="labels")
    f = K.function([model.input], [model.output * K.cast(labels, "float32")])
    for kind in (ValueError, tf.errors.InvalidArgumentError):
        with pytest.raises(
            kind, match="You must feed a value for placeholder tensor 'labels' with dtype int32"
        ) as caught:
            f([np.ones((1, 4))])
        assert "labels" in parts(caught.value)[1]


@pytest.mark.parametrize("outputs", [[None], None, (None,), {"a": None}, [[None]]], ids=str)
@pytest.mark.parametrize("kind", [TypeError, ValueError])
def test_none_among_the_outputs_is_told_at_once(outputs, kind):
    with pytest.raises(kind) as caught:
        K.function([K.placeholder((2,))], outputs)
    assert "None among its outputs" in parts(caught.value)[0]


@pytest.mark.parametrize("kind", [int, bool, float, np.array, np.bool_, np.float32, tf.constant, lambda n: [n]])
def test_the_phase_of_every_kind(kind):
    choice = K.function([K.learning_phase()], [K.in_train_phase(K.constant(5.0), K.constant(7.0))])
    for _ in range(2):
        assert choice([kind(0)])[0] == 7.0
        assert choice([kind(1)])[0] == 5.0


def test_the_phase_is_zero_when_it_is_not_fed():
    model = normalized_model()
    x = normal(3, 8)
    f = K.function([model.input, K.learning_phase()], [model.output])
    np.testing.assert_allclose(f([x])[0], model.predict(x, verbose=0), rtol=1e-4)
    assert not np.allclose(f([x, 1])[0], f([x, 0])[0])
    np.testing.assert_allclose(f([x, 0])[0], f([x])[0])


def test_outputs_may_be_the_values_of_a_dict():
    x = K.placeholder((None, 2))
    outputs = {"twice": x * 2, "sum": K.sum(x)}.values()
    twice, total = K.function([x], outputs)([[[1.0, 2.0]]])
    assert (twice.tolist(), total) == ([[2.0, 4.0]], 3.0)


def test_outputs_keep_their_structure():
    p = K.placeholder((2,))
    outputs = {"loss": K.sum(p), "both": (p, [p * 2.0]), "pair": Pair(p + 1.0, K.constant(3.0))}
    found = tiers(K.function([p], outputs), [[1.0, 2.0]])
    assert set(found) == {"loss", "both", "pair"}
    assert isinstance(found["both"], tuple)
    assert isinstance(found["both"][1], list)
    assert isinstance(found["pair"], Pair)
    assert found["loss"] == 3.0
    assert found["pair"].right == 3.0
    np.testing.assert_allclose(found["both"][1][0], [2, 4])


def test_one_output_in_and_out_of_a_list():
    p = K.placeholder((2,))
    assert isinstance(K.function([p], p)([[1.0, 2.0]]), np.ndarray)
    assert isinstance(K.function([p], [p])([[1.0, 2.0]]), list)
    assert isinstance(K.function([p], (p,))([[1.0, 2.0]]), tuple)
    assert K.function([p], [])([[1.0, 2.0]]) == []


def test_an_output_asked_for_twice_comes_as_two_arrays():
    p = K.placeholder((2,))
    y = p * 3.0
    f = K.function([p], [y, y, p, p])
    for _ in range(2):
        first, second, third, fourth = f([[1.0, 2.0]])
        first[:] = third[:] = 0
        np.testing.assert_allclose(second, [3, 6])
        np.testing.assert_allclose(fourth, [1, 2])


def test_seeded_draws_go_on_from_call_to_call_and_begin_anew_with_the_function():
    p = K.placeholder((32,))

    def draws():
        f = K.function([p], [K.dropout(p, 0.5, seed=3), K.random_normal((4,), seed=4)])
        return [np.concatenate(f([np.ones(32)])) for _ in range(3)]

    first, again = draws(), draws()
    np.testing.assert_array_equal(first, again)
    assert len({row.tobytes() for row in first}) == 3


def test_results_belong_to_the_caller():
    """Old scripts write into what they get; neither the fed array, nor a variable, nor the next call may notice."""
    p, v, c = K.placeholder((3,)), K.variable(np.ones(3)), K.constant(np.ones(3))
    f = K.function([p], [p, p * 1.0, v, c, K.identity(v)])
    fed = np.ones(3, dtype="float32")
    for _ in range(3):
        results = f([fed])
        for result in results:
            np.testing.assert_array_equal(result, 1)
            result[:] = 7
    np.testing.assert_array_equal(fed, 1)
    for read in (K.get_value, K.eval, K.get_session().run):
        read(v)[:] = 7
        np.testing.assert_array_equal(K.get_value(v), 1)


def test_what_is_given_stays_the_callers():
    array = np.ones(300, dtype="float32")
    made, was_set, moved = K.variable(array), K.variable(np.zeros(300)), K.variable(np.zeros(300))
    K.set_value(was_set, array)
    p = K.placeholder((300,))
    K.function([p], [], updates=[(moved, p)])([array])
    array[:] = 7
    for variable in (made, was_set, moved):
        np.testing.assert_array_equal(K.get_value(variable), 1)


def test_scalars_come_back_as_numpy_scalars():
    p = K.placeholder((2,))
    outputs = [K.sum(p), K.argmax(p), K.constant(1.0, dtype="float64"), K.any(p), K.variable(3, dtype="int32")]
    found = tiers(K.function([p], outputs), [[1.0, 2.0]])
    assert [type(value) for value in found] == [np.float32, np.int64, np.float64, np.bool_, np.int32]


def test_too_many_values_are_dropped_with_a_warning_at_the_callers_line(doubled):
    doubled([np.ones((1, 2))])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        np.testing.assert_allclose(doubled([np.ones((1, 2)), 0, 1])[0], [[2, 2]])
    (warning,) = caught
    assert "3 values for 1 inputs" in str(warning.message)
    assert warning.filename == __file__


def test_a_tensor_of_a_model_of_several_inputs_names_the_one_missing():
    a, b = layers.Input((2,), name="left"), layers.Input((2,), name="right")
    model = keras.Model([a, b], layers.Add()([a, b]))
    with pytest.raises(ValueError, match="'right'"):
        K.function([a], [model.output])([np.ones((1, 2))])
    f = K.function(model.inputs, model.outputs)
    np.testing.assert_allclose(tiers(f, [np.ones((1, 2)), np.ones((1, 2))])[0], [[2, 2]])


def test_run_metadata_holds_the_graph_if_it_is_asked_for_and_nothing_of_an_earlier_call():
    x, metadata = K.placeholder(()), tf.compat.v1.RunMetadata()
    options = tf.compat.v1.RunOptions(output_partition_graphs=True)
    assert K.function([x], [x + 1.0], options=options, run_metadata=metadata)([2.0]) == [3.0]
    (graph,) = metadata.partition_graphs
    assert {"AddV2"} <= {node.op for node in graph.node}
    assert K.function([x], [x + 1.0], run_metadata=metadata)([2.0]) == [3.0]
    assert not metadata.partition_graphs
