"""Rule keras3.tensorflow1-arguments."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "keras3.tensorflow1-arguments"
HEAD = "import keras\nimport tensorflow as tf\n"
CASES = {
    "tf.reduce_sum(x, reduction_indices=1, keep_dims=True)": "tf.reduce_sum(x, axis=1, keepdims=True)",
    "tf.zeros_like(tensor=x)": "tf.zeros_like(input=x)",
    "tf.nn.moments(x, [0], keep_dims=True)": "tf.nn.moments(x, [0], keepdims=True)",
    "tf.expand_dims(x, dim=1)": "tf.expand_dims(x, axis=1)",
    "tf.gather_nd(x, i, validate_indices=False)": "tf.gather_nd(x, i)",
    "tf.nn.dropout(x, keep_prob=0.8)": "tf.nn.dropout(x, rate=1 - 0.8)",
    "tf.nn.dropout(x, keep_prob=a if b else c)": "tf.nn.dropout(x, rate=1 - (a if b else c))",
    "tf.nn.conv2d(x, filter=w, strides=1, padding='SAME', use_cudnn_on_gpu=True)": (
        "tf.nn.conv2d(x, filters=w, strides=1, padding='SAME')"
    ),
}


@pytest.mark.parametrize("before", CASES)
def test_arguments_get_their_names(before):
    check_transformed(f"{HEAD}{before}\n", f"{HEAD}{CASES[before]}\n", RULE)


STAY = [
    "tf.reduce_sum(x, axis=1, keepdims=True)",
    "tf.reduce_sum(x, reduction_indices=1, axis=1)",
    "mine.reduce_sum(x, keep_dims=True)",
    "tf.stack(x, dim=1)",
]


@pytest.mark.parametrize("source", STAY)
def test_what_stays(source):
    check_noop(f"{HEAD}{source}\n", RULE)
