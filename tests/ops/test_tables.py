"""Replays every row of the tables in three modes, and compares with what Keras 2.3.1 gave."""

import numpy as np
import pytest
import tensorflow as tf

from goldens import store, table
from k2compat import backend as K

ROWS = table.all_rows()
STORED = {subject: table.read(subject) for subject in sorted({row.subject for row in ROWS.values()})}
GOLDENS = {name: arrays for results, _ in STORED.values() for name, arrays in results.items()}


def value(item):
    """What a row's result is compared by."""
    return item.numpy() if tf.is_tensor(item) else np.asarray(item)


def recorded(row):
    """From placeholders, run by a function."""
    fed = []

    def placeholder(array, sparse):
        shape = (None,) * array.ndim if sparse else array.shape
        fed.append((K.placeholder(shape, dtype=array.dtype.name, sparse=sparse), array))
        return fed[-1][0]

    outputs = row.call(K, placeholder)
    return K.function([symbol for symbol, _ in fed], outputs)([array for _, array in fed])


def constant(array, sparse):
    return tf.sparse.from_dense(array) if sparse else tf.constant(array)


def eager(row):
    """From tensors that have values."""
    return [K.eval(item) if K.is_variable(item) else value(item) for item in computed(row.call(K, constant))]


def computed(outputs):
    """Results of calls without a tensor are symbolic, because variables are live."""
    return [K.get_session().run(item) if K.is_tensor(item) and not tf.is_tensor(item) else item for item in outputs]


def traced(row):
    """Inside a function that TensorFlow traces."""
    arrays = []
    row.call(K, lambda array, sparse: arrays.append(constant(array, sparse)) or arrays[-1])

    @tf.function(autograph=False)
    def run(*tensors):
        given = iter(tensors)
        return row.call(K, lambda *_: next(given))

    return [value(item) for item in run(*arrays)]


MODES = {"recorded": recorded, "eager": eager, "traced": traced}


@pytest.fixture(autouse=True)
def fresh():
    """Nothing of one row is left for the next."""
    yield
    tf.random.set_seed(store.SEED)


@pytest.mark.parametrize(
    "mode", ["recorded", *(pytest.param(mode, marks=pytest.mark.reference) for mode in ("eager", "traced"))]
)
@pytest.mark.parametrize("row", list(ROWS.values()), ids=list(ROWS))
def test_a_row_gives_its_golden(row, mode):
    if row.error:
        with pytest.raises(Exception):  # noqa: B017  (of whatever class)
            MODES[mode](row)
        return
    found = MODES[mode](row)
    if row.lenient:
        assert all(np.all(np.isfinite(array)) for array in found)
    else:
        assert row.problem(GOLDENS[row.id], found) is None


def test_every_row_is_recorded_and_nothing_else():
    assert list(GOLDENS) and set(GOLDENS) == set(ROWS)


def test_the_judge_is_keras_2_3_1():
    for _, recorded_with in STORED.values():
        assert recorded_with["keras"] == "2.3.1"
        assert recorded_with["tensorflow"].startswith("1.15")


def test_rows_that_failed_are_those_that_say_so():
    failed = {name for name, arrays in GOLDENS.items() if arrays is None}
    assert failed == {row.id for row in ROWS.values() if row.error or row.lenient}


@pytest.mark.parametrize(
    "change", [lambda a: a + 1e-3, lambda a: a.astype("float64"), lambda a: a[..., :-1], np.negative]
)
def test_a_wrong_value_is_found(change):
    golden = [np.array([[1.0, 2.0]], "float32")]
    row = ROWS["exp(float32[2,3])"]
    assert row.problem(golden, golden) is None
    assert row.problem(golden, [change(golden[0])])
    assert row.problem(golden, [])
