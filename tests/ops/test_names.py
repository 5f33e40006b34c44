"""The 161 names of ``keras.backend``: there, with the newest signature, each in a table or excused; and what old code
reached for beside them.
"""

import importlib
import inspect
import json

import numpy as np
import pytest
import tensorflow as tf
from helpers import normal, words
from paths import DATA

from goldens import table
from k2compat import backend as K

NAMES = json.loads((DATA / "legacy_api.json").read_text())["names"]
ROWS = table.all_rows()

# Functions that no row of the tables calls -> where else they are tested, or why they cannot be rows.
ELSEWHERE = {
    **dict.fromkeys(
        words(
            "backend cast_to_floatx clear_session epsilon floatx get_session get_uid image_data_format "
            "image_dim_ordering manual_variable_initialization name_scope normalize_data_format reset_uids set_epsilon "
            "set_floatx set_image_data_format set_image_dim_ordering set_session"
        ),
        "configuration: test_configuration.py",
    ),
    **dict.fromkeys(
        words(
            "batch_get_value batch_set_value constant count_params dtype eval eye function get_value "
            "get_variable_shape gradients int_shape is_keras_tensor is_placeholder is_sparse is_tensor is_variable "
            "learning_phase moving_average_update ndim ones placeholder set_learning_phase set_value update update_add "
            "update_sub variable zeros"
        ),
        "no function of tensors alone: goldens/cases, and below",
    ),
    **dict.fromkeys(
        words(
            "dropout random_binomial random_normal random_normal_variable random_uniform random_uniform_variable "
            "truncated_normal"
        ),
        "random: test_random.py",
    ),
    **dict.fromkeys(words("control_dependencies eager symbolic"), "below"),
}


def signature(function):
    """A signature without annotations."""
    found = inspect.signature(function)
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in found.parameters.values()]
    return str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def test_there_are_161_names_and_no_other():
    assert len(NAMES) == 161
    assert set(K.NAMES) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_has_the_newest_signature_and_a_docstring(name):
    assert signature(getattr(K, name)) == NAMES[name]["signature"]
    assert getattr(K, name).__doc__


@pytest.mark.parametrize("name", [name for name in NAMES if "older" in NAMES[name]])
def test_an_older_signature_is_a_beginning_of_the_newest(name):
    """So that positional arguments mean what they meant; the one exception is told apart by its type, see below."""
    for older in NAMES[name]["older"].values():
        if name != "batch_normalization":
            assert NAMES[name]["signature"].startswith(older[:-1])


def test_epsilon_has_its_place_of_keras_2_1_too():
    x, mean, var = normal(4, 3), normal(3, seed=1), np.abs(normal(3, seed=2))
    old = K.batch_normalization(tf.constant(x), mean, var, None, None, 0.1)
    np.testing.assert_allclose(old, (x - mean) / np.sqrt(var + 0.1), rtol=1e-5)


def test_every_name_is_in_a_table_or_excused():
    called = {row.function for row in ROWS.values()}
    assert called | set(ELSEWHERE) == set(NAMES)
    assert called & set(ELSEWHERE) == set()


def test_modules_and_private_names_old_code_reached_for():
    assert K.tf is tf
    assert K.np is np
    assert K._BACKEND == K.backend() == "tensorflow"
    assert K.tensorflow_backend._is_tf_1()
    assert K.tensorflow_backend._get_available_gpus() == []
    for module in ("tensorflow_backend", "common"):
        assert importlib.import_module(f"k2compat.backend.{module}") is K
        assert getattr(K, module) is K
    from k2compat.backend.tensorflow_backend import get_session, set_session

    assert (get_session, set_session) == (K.get_session, K.set_session)


def test_loops_of_the_modules_old_code_reached_for():
    p = K.placeholder((3,))
    start = K.constant([0.0, 0.0, 0.0])
    _, total = K.control_flow_ops.while_loop(lambda i, _: i < 3, lambda i, s: (i + 1, s + p), [0, start])
    doubled = K.functional_ops.map_fn(lambda e: e * 2.0, p)
    found = K.function([p], [total, doubled])([[1.0, 2.0, 3.0]])
    np.testing.assert_allclose(found, [[3, 6, 9], [2, 4, 6]])


@pytest.mark.parametrize("decorate", [K.symbolic, K.eager])
def test_decorators_hand_the_function_back(decorate):
    def function():
        return 1

    assert decorate(function) is function


@pytest.mark.parametrize("kind", ["update", "pair of updates"])
def test_control_dependencies_run_an_update_first(kind):
    v, w = K.variable(1.0), K.variable(2.0)
    updates = K.update(v, w * 3.0)
    with K.control_dependencies(updates if kind == "update" else [updates, K.update_add(w, 1.0)]):
        after = K.identity(v)
    outside = K.identity(v)
    assert K.get_value(v) == 1.0
    for _ in range(2):
        K.set_value(v, 1.0)
        K.set_value(w, 2.0)
        assert K.get_session().run(after) == 6.0
        assert K.get_value(w) == (2.0 if kind == "update" else 3.0)
    K.set_value(v, 1.0)
    assert K.get_session().run(outside) == 1.0


def test_control_dependencies_compute_tensors_and_end_after_an_error():
    seen, p = [], K.placeholder((2,))
    noted = tf.numpy_function(lambda x: (seen.append(x.tolist()), x)[1], [p], tf.float32)
    with pytest.raises(KeyError), K.control_dependencies([noted]):
        raise KeyError
    with K.control_dependencies([noted]):
        waiting = K.square(p)
    free = K.square(p)
    assert K.function([p], [free])([[1.0, 2.0]])[0].tolist() == [1, 4]
    assert seen == []
    assert K.function([p], [waiting])([[1.0, 2.0]])[0].tolist() == [1, 4]
    assert seen == [[1.0, 2.0]]


def test_a_moving_average_moves_when_it_is_run():
    v = K.variable([1.0, 2.0])
    moved = K.moving_average_update(v, K.constant([3.0, 4.0]), 0.75)
    np.testing.assert_allclose(K.get_value(v), [1, 2])
    K.get_session().run(moved)
    np.testing.assert_allclose(K.get_value(v), [1.5, 2.5])


def test_static_knowledge_of_tensors():
    p, v = K.placeholder((None, 3), dtype="float64"), K.variable(np.ones((2, 3)))
    assert (K.int_shape(p), K.ndim(p), K.dtype(p)) == ((None, 3), 2, "float64")
    assert (K.int_shape(v), K.get_variable_shape(v), K.count_params(v)) == ((2, 3), (2, 3), 6)
    assert K.int_shape(np.ones((2, 1))) == (2, 1)
    assert [K.is_placeholder(item) for item in (p, v, p * 2.0)] == [True, False, False]
    assert [K.is_variable(item) for item in (p, v, v * 2.0)] == [False, True, False]
    assert [K.is_tensor(item) for item in (p, v, v * 2.0, tf.constant(1), 1.0)] == [True] * 4 + [False]
    assert [K.is_sparse(item) for item in (p, K.placeholder((2, 2), sparse=True))] == [False, True]


def test_made_tensors_have_the_default_float_type():
    for made in (K.zeros((2,)), K.ones((2,)), K.eye(2), K.constant(1), K.variable(1), K.random_normal((2,))):
        assert K.dtype(made) == "float32"
    np.testing.assert_array_equal(K.eval(K.eye((2, 3), dtype="int32")), np.eye(2, 3))
    np.testing.assert_array_equal(K.eval(K.constant(2.0, shape=(2, 1))), [[2], [2]])


def test_variables_are_plain_tensors_in_a_traced_function():
    @tf.function(autograph=False)
    def run(x):
        return x + K.zeros((2,)) + K.ones((2,)) + K.eye(2)

    np.testing.assert_array_equal(run(tf.zeros(2)), [[2, 1], [1, 2]])


def test_a_sparse_matrix_makes_a_sparse_tensor():
    sparse = pytest.importorskip("scipy.sparse")
    matrix = np.array([[0.0, 1.0, 0.0], [2.0, 0.0, 3.0]], "float32")
    for kind in (sparse.csr_matrix, sparse.csc_matrix, sparse.coo_matrix):
        v = K.variable(kind(matrix))
        assert K.is_sparse(v)
        assert K.int_shape(v) == (2, 3)
        np.testing.assert_array_equal(K.eval(v), matrix)
        np.testing.assert_allclose(K.eval(K.dot(v, K.ones((3, 2)))), matrix @ np.ones((3, 2)))
        p = K.placeholder((None, 3), sparse=True)
        np.testing.assert_array_equal(K.function([p], [K.to_dense(p)])([kind(matrix)])[0], matrix)
