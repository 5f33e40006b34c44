"""The order of samples, against what NumPy draws by itself, and how many go into a batch."""

import numpy as np
import pytest

from k2compat.training.batches import bounds, is_validated, shuffled, split_at


def test_batches_are_neighbours_and_the_last_may_be_smaller():
    assert bounds(7, 3) == [(0, 3), (3, 6), (6, 7)]
    assert bounds(6, 3) == [(0, 3), (3, 6)]


def test_an_epoch_shuffles_what_the_last_one_left():
    np.random.seed(5)
    order = np.arange(9)
    found = [shuffled(order, True, 4).copy() for _ in range(2)]
    np.random.seed(5)
    expected = np.arange(9)
    for one in found:
        np.random.shuffle(expected)
        assert one.tolist() == expected.tolist()


def test_whole_batches_are_shuffled_and_the_smaller_one_stays_last():
    np.random.seed(0)
    found = shuffled(np.arange(11), "batch", 3)
    assert sorted(found[:9:3].tolist()) == [0, 3, 6]
    assert found[:9:3].tolist() != [0, 3, 6]
    assert found[9:].tolist() == [9, 10]
    assert all(row.tolist() == list(range(row[0], row[0] + 3)) for row in found[:9].reshape(3, 3))


def test_without_shuffling_the_order_stays():
    assert shuffled(np.arange(4), False, 2).tolist() == [0, 1, 2, 3]


def test_the_split_rounds_down():
    assert split_at(83, 0.2) == 66
    assert split_at(10, 0.3) == 7


@pytest.mark.parametrize(("freq", "due"), [(1, [0, 1, 2, 3]), (2, [1, 3]), ([1, 4], [0, 3]), ((2,), [1])])
def test_epochs_that_end_with_a_validation(freq, due):
    assert [epoch for epoch in range(4) if is_validated(freq, epoch)] == due
