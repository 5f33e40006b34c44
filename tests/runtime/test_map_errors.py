"""f.map with items that cannot be read, fed or computed."""

import numpy as np
import pytest
import tensorflow as tf
from map_cases import (
    BATCH,
    MATRICES,
    ROWS,
    SINGULAR,
    Pictures,
    assert_same,
    by_calls,
    doubling,
    inverses,
    saliency_function,
)

from k2compat import backend as K
from k2compat.errors import FeedError, ItemError, K2CompatError


@pytest.fixture(scope="module")
def saliency():
    return saliency_function()


def with_a_bad_one(kind):
    if kind == "shape":
        return [row if number != 6 else row[:3] for number, row in enumerate(ROWS)]
    if kind == "text":
        return [row if number != 6 else "text" for number, row in enumerate(ROWS)]
    if kind == "labels":
        return [row if number != 6 else (row, 1) for number, row in enumerate(ROWS)]
    if kind == "sequence":
        return Pictures(unreadable={6})
    if kind == "map":
        return map(Pictures(unreadable={6}).__getitem__, range(len(ROWS)))
    bad = tf.data.Dataset.from_tensor_slices((ROWS, tf.range(len(ROWS))))
    return bad.map(lambda row, number: tf.debugging.check_numerics(row / tf.cast(number != 6, row.dtype), "bad"))


BAD = {
    "shape": (FeedError, "fed"),
    "text": (TypeError, "fed"),
    "labels": (ValueError, "fed"),
    "sequence": (OSError, "read"),
    "map": (OSError, "read"),
    "dataset": (tf.errors.InvalidArgumentError, "read"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_item_raises_behind_the_results_before_it(kind):
    found = []
    with pytest.raises(ItemError, match=f"Item 6 of .* could not be {BAD[kind][1]}") as caught:
        for item in doubling().map(with_a_bad_one(kind), batch_size=BATCH):
            found.append(item)
    assert caught.value.index == 6
    assert isinstance(caught.value.__cause__, BAD[kind][0])
    assert_same(found, [[row * 2] for row in ROWS[:6]])


@pytest.mark.parametrize("kind", BAD)
def test_bad_items_can_be_left_out(kind):
    results = doubling().map(with_a_bad_one(kind), batch_size=BATCH, on_error="skip")
    with pytest.warns(UserWarning, match="left out 1 bad items: 6. .*item 6: "):
        found = list(results)
    assert_same(found, [[row * 2] for number, row in enumerate(ROWS) if number != 6])
    ((index, error),) = results.errors
    assert index == 6
    assert isinstance(error, BAD[kind][0])
    assert error.__traceback__ is None, "the frames keep the items in memory"


def test_a_generator_that_raises_has_ended():
    def rows():
        yield from ROWS[:6]
        raise OSError("gone")

    results = doubling().map(rows(), batch_size=BATCH, on_error="skip")
    with pytest.warns(UserWarning, match="1 bad items: 6"):
        assert len(list(results)) == 6


def test_not_a_number_is_not_bad():
    rows = ROWS.copy()
    rows[2] = np.nan
    assert_same(doubling().map(rows, batch_size=BATCH), [[row * 2] for row in rows])


def test_an_item_that_cannot_be_computed_is_found_in_its_batch():
    found = []
    with pytest.raises(ItemError, match="Item 5 of .* could not be computed: InvalidArgumentError") as caught:
        for item in inverses().map(SINGULAR, batch_size=BATCH):
            found.append(item)
    assert caught.value.index == 5
    np.testing.assert_allclose([item[0] for item in found], np.linalg.inv(MATRICES[:5]), rtol=1e-3)


def test_an_item_that_cannot_be_computed_is_left_out_alone():
    results = inverses().map(SINGULAR, batch_size=BATCH, on_error="skip")
    with pytest.warns(UserWarning, match="1 bad items: 5"):
        found = list(results)
    np.testing.assert_allclose([item[0] for item in found], np.linalg.inv(np.delete(MATRICES, 5, 0)), rtol=1e-3)


def test_a_batch_whose_updates_failed_is_left_out_whole():
    x, counter = K.placeholder((None, 2, 2)), K.variable(0.0)
    f = K.function([x], [tf.linalg.inv(x)], updates=[K.update_add(counter, 1.0)])
    results = f.map(SINGULAR, batch_size=3, on_error="skip")
    with pytest.warns(UserWarning, match="3 bad items: 3, 4, 5"):
        assert len(list(results)) == 4
    assert K.get_value(counter) == 2.0


def test_an_endless_source_of_errors_ends():
    class Broken:
        def __iter__(self):
            return self

        def __next__(self):
            raise OSError("no connection")

    with pytest.raises(ItemError, match="no connection"):
        list(doubling().map(Broken(), on_error="skip"))


def test_what_fails_for_all_items_is_none_of_theirs():
    x, y = K.placeholder((None, 4)), K.placeholder((None, 4), name="unfed")
    with pytest.raises(K2CompatError, match="'unfed'") as caught:
        list(K.function([x], [x + y]).map(ROWS, on_error="skip"))
    assert not isinstance(caught.value, ItemError)


def test_an_error_leaves_a_function_that_works(saliency):
    with pytest.raises(ItemError):
        list(saliency.map([ROWS[0], None], batch_size=1))
    assert_same(saliency.map(ROWS, batch_size=BATCH), by_calls(saliency))
