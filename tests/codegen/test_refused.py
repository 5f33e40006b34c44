"""What ``f.to_source()`` says of what cannot be written."""

import functools

import pytest
import tensorflow as tf
from helpers import parts
from kerases import KIND, keras, layers

from k2compat import backend as K
from k2compat.errors import SourceError


def x_and_w():
    return K.placeholder((None, 3), name="x"), K.variable([0.5, 1.0, 2.0], name="w")


def loop_of_tensorflow():
    x, _ = x_and_w()

    def below_three(number, _):
        return number < 3

    loop = tf.while_loop(below_three, lambda number, y: (number + 1, y * 2.0), [tf.constant(0), x])
    return K.function([x], [loop[1]])


def recurrence():
    steps = K.placeholder((None, None, 3), name="steps")
    return K.function([steps], [K.rnn(lambda now, states: (now + states[0], [now]), steps, [steps[:, 0]])[1]])


def function_with_a_counter():
    number, (_, w) = [1], x_and_w()
    double, inside = w * 2.0, layers.Input((3,))

    def as_many_as_before_and_one(y):
        return [y * double for _ in range(number[0])]

    function = K.function([inside], layers.Lambda(as_many_as_before_and_one)(inside))
    number[0] += 1
    return function


def function_that_keeps_a_tensor():
    x, kept = x_and_w()[0], {}

    def scaled(row):
        return row * kept.get("row", 2.0)

    def keeping(row):
        kept["row"] = row
        return row

    first = K.function([x], [K.map_fn(keeping, x)])
    kept.clear()
    second = K.function([x], [K.map_fn(scaled, x)])
    first.to_source()
    return second


def partial_of_a_function():
    x, _ = x_and_w()
    return K.function([x], [K.map_fn(functools.partial(lambda factor, row: row * factor, 2.0), x)])


def operator_of_keras():
    pictures = layers.Input((2, 2, 1))
    return K.function([pictures], [keras.ops.image.resize(pictures, (4, 4))])


REFUSED = [
    (loop_of_tensorflow, "tf.while_loop with the function below_three", "tf.map_fn", "use one of these"),
    (recurrence, "recurrence of <", "number of steps that is not known", "by hand"),
    (function_with_a_counter, "as_many_as_before_and_one, which gives 2 tensors and gave 1", "as many", "a counter"),
    (function_that_keeps_a_tensor, "shape=(3,) dtype=float32>, which a function", "from outside", "return the tensor"),
    (partial_of_a_function, "of type partial as an argument", "def or lambda", "put a lambda around it"),
    (operator_of_keras, "the Keras operator Resize", "keras.ops", "a K or TensorFlow function"),
]


@pytest.mark.parametrize(
    ("build", "received", "expected", "advice"), REFUSED, ids=[build.__name__ for build, *_ in REFUSED]
)
def test_what_cannot_be_written_is_named(build, received, expected, advice):
    if build is operator_of_keras and KIND != "keras3":
        pytest.skip("only Keras 3 has operators of its own")
    function = build()
    with pytest.raises(SourceError) as caught:
        function.to_source()
    said = parts(caught.value)
    assert received in said[0]
    assert expected in said[1]
    assert advice.lower() in said[2].lower()
    assert "write this part by hand, and feed its result as a placeholder." in said[2].lower()
