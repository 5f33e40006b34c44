"""Rule native.k-ops."""

import pytest

from migrate.cases import NEW, check_noop, check_transformed, run

HEAD = "import keras\nimport tensorflow as tf\nfrom k2compat import backend as K\n"


BARE = "import keras\nimport tensorflow as tf\n"


# A loss before and after; the import of the shim goes with the last K name.
IN_A_LOSS = [
    ("K.mean(y_true, axis=-1, keepdims=True)", "keras.ops.mean(y_true, axis=-1, keepdims=True)"),
    ("K.sum(y_true, -1)", "keras.ops.sum(y_true, -1)"),
    ("K.argmax(y_true)", "keras.ops.argmax(y_true, axis=-1)"),
    ("K.argmax(y_true, axis=1)", "keras.ops.argmax(y_true, axis=1)"),
    ("K.argmax(y_true, 1)", "keras.ops.argmax(y_true, 1)"),
    ("K.cumsum(y_true)", "keras.ops.cumsum(y_true, axis=0)"),
    ("K.expand_dims(y_true)", "keras.ops.expand_dims(y_true, axis=-1)"),
    ("K.concatenate([y_true, y_pred])", "keras.ops.concatenate([y_true, y_pred], axis=-1)"),
    ("K.concatenate(tensors=[y_true], axis=0)", "keras.ops.concatenate(xs=[y_true], axis=0)"),
    ("K.flatten(y_true)", "keras.ops.reshape(y_true, (-1,))"),
    ("K.reshape(y_true, shape=(-1, 2))", "keras.ops.reshape(y_true, newshape=(-1, 2))"),
    ("K.permute_dimensions(y_true, pattern=(1, 0))", "keras.ops.transpose(y_true, axes=(1, 0))"),
    ("K.clip(y_pred, 0, 1)", "keras.ops.clip(y_pred, 0, 1)"),
    ("K.clip(y_pred, K.epsilon(), 1)", "keras.ops.clip(y_pred, keras.config.epsilon(), 1)"),
    ("K.pow(y_true, 2)", "keras.ops.power(y_true, 2)"),
    ("K.gather(y_true, [0])", "keras.ops.take(y_true, [0], axis=0)"),
    ("K.reverse(y_true, axes=1)", "keras.ops.flip(y_true, axis=1)"),
    ("K.repeat(y_true, 3)", "keras.ops.repeat(keras.ops.expand_dims(y_true, 1), 3, axis=1)"),
    ("K.sqrt(K.sum(K.square(y_true)))", "keras.ops.sqrt(keras.ops.sum(keras.ops.square(y_true)))"),
    ("K.sqrt(y_true ** 2 + K.epsilon())", "keras.ops.sqrt(y_true ** 2 + keras.config.epsilon())"),
    ("K.sqrt(y_true)", "keras.ops.sqrt(keras.ops.maximum(y_true, 0.0))"),
    ("K.hard_sigmoid(y_true + 1)", "keras.ops.clip(0.2 * (y_true + 1) + 0.5, 0.0, 1.0)"),
    ("K.l2_normalize(y_true, axis=-1)", "tf.math.l2_normalize(y_true, axis=-1)"),
    ("K.shape(y_true)[0]", "tf.shape(y_true)[0]"),
    ("K.cast(y_true, K.dtype(y_pred))", "keras.ops.cast(y_true, y_pred.dtype)"),
    ("K.constant(3) * y_true", "tf.constant(3, dtype=keras.config.floatx()) * y_true"),
    ("K.int_shape(y_true)[1]", "y_true.shape[1]"),
    ("K.int_shape(y_true + 1)[1:]", "tuple((y_true + 1).shape)[1:]"),
    ("K.ndim(y_true)", "len(y_true.shape)"),
    ("K.random_normal(K.shape(y_true), 0., stddev=2.)", "tf.random.normal(tf.shape(y_true), 0., stddev=2.)"),
    ("K.dropout(y_true, level=0.5)", "tf.nn.dropout(y_true, rate=0.5)"),
    ("K.identity(y_true)", "tf.identity(y_true)"),
    ("K.switch(y_pred > 0, y_pred, y_true)", "keras.ops.where(y_pred > 0, y_pred, y_true)"),
    ("K.batch_flatten(y_true)", "keras.ops.reshape(y_true, (keras.ops.shape(y_true)[0], -1))"),
    ("K.dot(y_true, y_pred)", "keras.ops.dot(y_true, y_pred)"),
]


@pytest.mark.parametrize(("before", "after"), IN_A_LOSS, ids=[before for before, _ in IN_A_LOSS])
def test_in_a_loss(before, after):
    loss = "def loss(y_true, y_pred):\n    return {}\n"
    check_transformed(HEAD + loss.format(before), BARE + loss.format(after), "native")


# What stays in a loss, and part of the reason.
LEFT_IN_A_LOSS = [
    ("K.clip(y_pred, None, 1)", "two bounds"),
    ("K.clip(y_pred, 1, 0)", "the lower one first"),
    ("K.mean(K.argmax(y_true, 1) * 0 + y_true, name='m')", "name='m'"),
    ("K.mean(*y_true)", "is not known"),
    ("K.cast(y_true, int)", "`int`"),
    ("K.stop_gradient([y_true])", "one tensor"),
    ("K.relu(y_true, max_value=6)", "max_value"),
    ("K.dtype(y_true)", "gives a text"),
    ("K.binary_crossentropy(y_true, y_pred)", "no spelling of one call"),
    ("K.sum(K.gradients(y_pred, y_true)[0])", "goes in here"),
    ("map(K.mean, y_true)", "not called here"),
    ("K.switch(flag, y_pred, y_true)", "chooses by element"),
    ("K.sum(K.variable(2.0) * y_true)", "stays on the shim"),
]


@pytest.mark.parametrize(("source", "reason"), LEFT_IN_A_LOSS, ids=[source for source, _ in LEFT_IN_A_LOSS])
def test_what_stays_in_a_loss_is_named(source, reason):
    before = HEAD + f"def loss(y_true, y_pred):\n    return {source}\n"
    done = check_transformed(
        before, before.replace("K.argmax(y_true, 1)", "keras.ops.argmax(y_true, 1)"), "native.k-ops"
    )
    assert {entry.line for entry in done.manual} == {5}
    assert any(reason in entry.message for entry in done.manual), done.manual
    assert all(entry.advice.startswith("natively: ") for entry in done.manual)


def test_what_native_writes_is_nothing_to_swap():
    done = check_transformed(
        "import keras\nx = keras.backend.backend()\ny = keras.backend.epsilon()\n",
        "import keras\nx = keras.config.backend()\ny = keras.config.epsilon()\n",
    )
    assert done.manual == []


@pytest.mark.parametrize(
    ("name", "advice"),
    [("_BACKEND", "`keras.config.backend()`"), ("np", "`import numpy as np`"), ("tf", "`import tensor")],
)
def test_what_came_along_with_the_backend_has_an_advice_of_its_own(name, advice):
    (found,) = run(f"{NEW}print(K.{name})\n", "native.k-ops").manual
    assert found.advice.startswith(f"natively: {advice}")


@pytest.mark.parametrize(
    "source",
    [
        "x = keras.backend.epsilon()\n",
        "def loss(y_true, y_pred):\n    return mine.square(y_true)\n",
        "K = 3\nK.square(1)\n",
    ],
)
def test_what_is_no_function_of_the_shim_stays(source):
    check_noop("import keras\n" + source, "native.k-ops")


def test_functions_are_for_another_rule():
    check_noop(HEAD + "f = K.function([model.input], [model.output])\n", "native.k-ops")
