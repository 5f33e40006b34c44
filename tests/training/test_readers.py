"""Readers of generators and sequences: errors, ends, and that no thread is left."""

import threading

import pytest

from k2compat.training.readers import reader_of


class Squares:
    def __init__(self):
        self.ends = 0

    def __len__(self):
        return 4

    def __getitem__(self, index):
        if index == 3:
            raise KeyError("no fourth one")
        return index**2

    def on_epoch_end(self):
        self.ends += 1


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_the_error_of_a_sequence_is_raised_where_its_batch_is_taken(workers):
    reader = reader_of(Squares(), workers=workers)
    reader.start()
    try:
        assert [reader.take() for _ in range(3)] == [0, 1, 4]
        with pytest.raises(KeyError, match="fourth"):
            reader.take()
    finally:
        reader.stop()


@pytest.mark.parametrize("workers", [0, 1])
def test_a_generator_ends(workers):
    reader = reader_of(iter(range(2)), workers=workers)
    reader.start()
    assert [reader.take(), reader.take()] == [0, 1]
    with pytest.raises(StopIteration):
        reader.take()
    reader.stop()


def test_a_reader_that_is_stopped_leaves_no_thread_and_reads_no_further():
    read, before = [], threading.active_count()

    def numbers():
        while True:
            read.append(len(read))
            yield read[-1]

    reader = reader_of(numbers(), ahead=2)
    reader.start()
    assert reader.take() == 0
    reader.stop()
    assert threading.active_count() == before
    assert len(read) <= 1 + 2 + 1


class Own(Squares):
    """Has an order of its own for a loop, as the iterators of ``ImageDataGenerator`` have."""

    def __init__(self):
        super().__init__()
        self.drawn = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.drawn += 1
        return -self.drawn


def test_the_main_thread_reads_a_sequence_as_a_loop_does_if_it_has_an_order_for_one():
    reader = reader_of(Own(), workers=0)
    assert [reader.take() for _ in range(5)] == [-1, -2, -3, -4, -5]
    plain = reader_of(Squares(), workers=0)
    assert [plain.take() for _ in range(3)] == [0, 1, 4]
