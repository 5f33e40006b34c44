"""What the tests of f.map share: rows, functions of them, and what calls give."""

import time

import numpy as np
import tensorflow as tf
from helpers import dense_model, normal

from k2compat import backend as K

ROWS = normal(11, 4, seed=5).astype("float32")
BATCH = 4


def saliency_function():
    """Class scores and their gradient with respect to the input, compiled."""
    model = dense_model()
    f = K.function([model.input], [model.output, *K.gradients(model.output[:, 1], model.input)], tier="compiled")
    f([ROWS])
    return f


def doubling(shape=(None, 4), **how):
    x = K.placeholder(shape, name="p")
    return K.function([x], [x * 2.0], **how)


def by_calls(f, rows=ROWS, size=BATCH):
    """What calls with the same batches give, item by item."""
    batches = [f([rows[first : first + size]]) for first in range(0, len(rows), size)]
    return [[output[row] for output in batch] for batch in batches for row in range(len(batch[0]))]


def assert_same(found, expected):
    """Equal to the bit, in structure, dtype and order."""
    found, expected = list(found), list(expected)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert type(one) is type(other)
        for value, wanted in zip(tf.nest.flatten(one), tf.nest.flatten(other), strict=True):
            assert value.dtype == wanted.dtype
            np.testing.assert_array_equal(value, wanted)


class Pictures:
    """A sequence that reads its items when they are asked for; some cannot be read."""

    def __init__(self, rows=ROWS, unreadable=()):
        self.rows, self.unreadable, self.read = rows, unreadable, 0

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        self.read += 1
        if index in self.unreadable:
            raise OSError(f"{index}.png is truncated")
        return self.rows[index]


def counted(rows, pulled):
    """A generator that notes what was taken from it."""
    for number, row in enumerate(rows):
        pulled.append(number)
        yield row


def in_time(condition, seconds=10.0):
    """Whether something becomes true."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def inverses():
    x = K.placeholder((None, 2, 2))
    return K.function([x], [tf.linalg.inv(x)])


MATRICES = normal(7, 2, 2).astype("float32")
SINGULAR = np.where(np.arange(7)[:, None, None] == 5, np.float32(0), MATRICES)
