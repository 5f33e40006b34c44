"""The checks of arrays: what they make of what users give, beside the errors, which goldens hold."""

import re

import numpy as np
import pytest

from k2compat.training.input_checks import Signature, batch_size_of, standardize, validation_parts, weights_of_classes

ONE = Signature(["x"], [(None, 3)], ["y"], [(None, 2)], ["mean_squared_error"], [None])
TWO = Signature(["a", "b"], [(None, 3), (None, 1)], ["y", "z"], [(None, 2), None], ["mean_squared_error", ""])
LABELS = Signature(
    ["x"], [(None, None)], ["y"], [(None, None, 1)], ["sparse_categorical_crossentropy"], [None], sparse=[True]
)
TEXTS = Signature(["x"], [(None,)])


def shapes(found):
    return [[None if array is None else array.shape for array in arrays] for arrays in found]


@pytest.mark.parametrize(
    ("signature", "given", "expected"),
    [
        pytest.param(ONE, {"x": np.ones((5, 3)), "y": np.ones((5, 2))}, [[(5, 3)], [(5, 2)], [None]], id="arrays"),
        pytest.param(ONE, {"x": [np.ones((5, 3))], "y": [np.ones((5, 2))]}, [[(5, 3)], [(5, 2)], [None]], id="lists"),
        pytest.param(ONE, {"x": {"x": np.ones((5, 3)), "other": 1}}, [[(5, 3)], [], []], id="more than is needed"),
        pytest.param(
            TWO,
            {"x": {"b": np.ones(4), "a": np.ones((4, 3))}, "y": {"z": np.ones((4, 7)), "y": np.ones((4, 2))}},
            [[(4, 3), (4, 1)], [(4, 2), (4, 7)], [None, None]],
            id="dicts, a column",
        ),
        pytest.param(
            LABELS, {"x": np.ones((4, 6)), "y": np.ones((4, 6))}, [[(4, 6)], [(4, 6, 1)], [None]], id="labels of steps"
        ),
        pytest.param(TEXTS, {"x": np.array(["a", "b"])}, [[(2,)], [], []], id="one axis"),
    ],
)
def test_arrays_come_in_the_order_of_the_model(signature, given, expected):
    assert shapes(standardize(signature, **given)) == expected


def test_weights_of_samples_and_classes_are_multiplied():
    x, y = np.ones((3, 3)), np.eye(2)[[0, 1, 1]]
    given = {"sample_weight": np.array([1.0, 2.0, 3.0]), "class_weight": {0: 0.5, 1: 4.0}}
    assert standardize(ONE, x, y, **given)[2][0].tolist() == [0.5, 8.0, 12.0]
    by_output = standardize(TWO, [x, np.ones(3)], [y, np.array([0, 1, 0])], class_weight={"z": {0: 2.0, 1: 7.0}})[2]
    assert by_output[0] is None
    assert by_output[1].tolist() == [2.0, 7.0, 2.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: batch_size_of(2, Signature(["x"], [(4, 3)], batch_size=4)), "The `batch_size` argument value 2 is"),
        (lambda: validation_parts((1, 2, 3, 4)), "however it contains 4 items"),
        (lambda: standardize(ONE, np.ones((2, 3)), np.ones((2, 2)), np.ones((2, 3))), 'sample_weight_mode="temporal"'),
    ],
)
def test_errors_have_the_text_of_keras_2(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_the_size_of_batches_is_that_of_the_input_layer():
    assert batch_size_of(None, Signature(["x"], [(4, 3)], batch_size=4)) == 4
    assert batch_size_of(None, ONE) == 32
    assert batch_size_of(None, ONE, steps=3) is None


@pytest.mark.parametrize("y", [[0, 2, 1], [[0], [2], [1]], np.eye(3)[[0, 2, 1]]], ids=["numbers", "column", "rows"])
def test_weights_follow_classes(y):
    assert weights_of_classes(np.array(y), {0: 1.0, 1: 3.0, 2: 0.25}).tolist() == [1.0, 0.25, 3.0]
