"""Rules native.ops and native.settings, and what native.import makes of the rest."""

import re

import keras
import pytest
import tensorflow as tf

from k2compat.backend.registry import NAMES
from k2compat.tables.native import NATIVE
from k2compat.tables.spellings import SETTINGS, TWINS
from migrate.cases import NEW, check_noop, check_transformed, run

HEAD = "import keras\nimport tensorflow as tf\nfrom k2compat import backend as K\n"
BARE = "import keras\nimport tensorflow as tf\n"

# What stands in a loss, before and after; the import of the shim goes with the last K name.
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
]


@pytest.mark.parametrize(("source", "reason"), LEFT_IN_A_LOSS, ids=[source for source, _ in LEFT_IN_A_LOSS])
def test_what_stays_in_a_loss_is_named(source, reason):
    before = HEAD + f"def loss(y_true, y_pred):\n    return {source}\n"
    done = check_transformed(before, before.replace("K.argmax(y_true, 1)", "keras.ops.argmax(y_true, 1)"), "native.ops")
    assert {entry.line for entry in done.left} == {5}
    assert any(reason in entry.message for entry in done.left), done.left
    assert all(entry.advice.startswith("natively: ") for entry in done.left)


# Code whose K.square runs on tensors with a value.
REAL = {
    "a loss that is compiled": "def f(a, b):\n    return K.square(a - b)\nmodel.compile('sgd', loss=f)\n",
    "a metric": "def f(a, b):\n    return K.square(a - b)\nmodel.compile('sgd', 'mse', metrics=['acc', f])\n",
    "a factory": "def make(g=2.):\n    def f(y_true, y_pred):\n        return g * K.square(g * y_true)\n    return f\n",
    "a Lambda layer": "y = keras.layers.Lambda(lambda x: K.square(x))(z)\n",
    "a named lambda": "f = lambda x: K.square(x)\ny = keras.layers.Lambda(f)(z)\n",
    "an activation": "def f(x):\n    return K.square(x)\nkeras.layers.Dense(3, activation=f)\n",
    "a layer": "class L(keras.layers.Layer):\n    def call(self, x):\n        return K.square(x) * self.w\n",
    "a layer of a layer": "class A(keras.layers.Layer):\n    pass\n"
    "class L(A):\n    def call(self, x):\n        return K.square(x)\n",
    "a constraint": "class C(keras.constraints.Constraint):\n    def __call__(self, w):\n        return K.square(w)\n",
    "a helper": "def h(x):\n    return K.square(x)\ndef f(y_true, y_pred):\n    return h(y_true)\n",
    "a method of a layer": "class L(keras.layers.Layer):\n    def call(self, x):\n        return self.h(x)\n"
    "    def h(self, x):\n        return K.square(x)\n",
    "a number of the module": "a = float(3)\ndef f(y_true, y_pred):\n    return K.square(a * y_true)\n",
    "a function for others": "def f(x):\n    return K.square(x)\n",
    "a tape": "def f(x):\n    with tf.GradientTape() as tape:\n        return K.square(x)\nf(other)\n",
}


@pytest.mark.parametrize("name", REAL)
def test_where_tensors_have_a_value(name):
    check_transformed(HEAD + REAL[name], BARE + REAL[name].replace("K.square", "keras.ops.square"), "native")


# Code whose K.square may be symbolic.
SYMBOLIC = {
    "at the top": "x = K.square(model.output)\n",
    "a function of symbols": "def f(x):\n    return K.square(x)\nf(model.output)\n",
    "a loss that is called with a variable": "def f(y_true, y_pred):\n    return K.square(y_true)\n"
    "f(K.variable(1.), 2)\n",
    "a closure over a tensor": "z = Dense(3)(x)\ndef f(y_true, y_pred):\n    return K.square(z)\n",
    "what a factory is given": "def make(z):\n    def f(y_true, y_pred):\n        return K.square(z)\n    return f\n",
    "an attribute": "class L(keras.layers.Layer):\n    def build(self, s):\n        self.c = K.variable(1.)\n"
    "    def call(self, x):\n        return K.square(self.c)\n",
}


@pytest.mark.parametrize("name", SYMBOLIC)
def test_where_tensors_may_be_symbolic(name):
    source = HEAD + SYMBOLIC[name]
    done = check_transformed(source, source, "native")
    line = 1 + source[: source.index("K.square")].count("\n")
    assert any(entry.line == line and "`K.square` stays: " in entry.message for entry in done.left), done.left


SPELLED = [
    ("import keras\nfrom k2compat import backend as K\n", "import keras\n", "keras.ops"),
    ("import tensorflow as tf\nfrom k2compat import backend as K\n", "import tensorflow as tf\n", "tf.keras.ops"),
    (
        "from tensorflow.keras.layers import Dense\nfrom k2compat import backend as K\n",
        "from tensorflow.keras.layers import Dense\nfrom tensorflow import keras\n",
        "keras.ops",
    ),
    (
        "from keras.layers import Dense\nfrom k2compat import backend as K\n",
        "from keras.layers import Dense\nimport keras\n",
        "keras.ops",
    ),
    (
        "from tensorflow import keras as k\nfrom k2compat import backend as K\n",
        "from tensorflow import keras as k\n",
        "k.ops",
    ),
    ("from k2compat.backend import square, mean\nx = mean\n", "from k2compat.backend import mean\nx = mean\n", None),
]


@pytest.mark.parametrize(("before", "after", "spelling"), SPELLED)
def test_keras_is_spelt_as_the_file_does(before, after, spelling):
    loss = "def loss(y_true, y_pred):\n    return {}(y_true)\n"
    if spelling is None:
        check_transformed(before, after, "native.import")
    else:
        check_transformed(before + loss.format("K.square"), after + loss.format(spelling + ".square"), "native")


def test_settings_go_anywhere():
    check_transformed(
        HEAD + "K.set_image_data_format('channels_last')\nK.clear_session()\nn = K.floatx()\n"
        "K.set_value(model.optimizer.learning_rate, K.get_value(model.optimizer.learning_rate) * 0.5)\n",
        BARE + "keras.config.set_image_data_format('channels_last')\nkeras.utils.clear_session()\n"
        "n = keras.config.floatx()\n"
        "model.optimizer.learning_rate.assign(model.optimizer.learning_rate.numpy() * 0.5)\n",
        "native",
    )


def test_the_learning_phase_0_goes_where_nothing_is_trained():
    check_transformed(HEAD + "K.set_learning_phase(0)\n", BARE, "native")
    trained = HEAD + "K.set_learning_phase(0)\nmodel.fit(x, y)\n"
    check_noop(trained, "native", left=[(4, "`K.set_learning_phase` stays")])
    check_noop(HEAD + "K.set_learning_phase(1)\n", "native", left=[(4, "`K.set_learning_phase` stays")])


def test_todays_keras_backend_stays():
    check_noop("import keras\nx = keras.backend.epsilon()\n", "native")


REPAIRED = [
    ("model = keras.models.load_model('old.h5')", "load_model"),
    ("model.compile('rmsprop', 'mse')", "rmsprop"),
    ("from keras.layers.core import Dense", "keras.layers.core.Dense"),
    ("x = keras.utils.np_utils.to_categorical", "keras.utils.np_utils.to_categorical"),
    ("print(layer.output_shape)", "output_shape"),
    ("m = keras.Sequential()\nx = m.output", "Sequential.output"),
    ("with tf.GradientTape() as t:\n    y = unknown.outputs[0]", "Sequential.add"),
]


@pytest.mark.parametrize(("source", "word"), REPAIRED)
def test_an_import_stays_for_its_repairs(source, word):
    check_noop(HEAD + source + "\n", "native", left=[(3, f"`{word}`")])
    check_transformed(HEAD + source + "\n", BARE + source + "\n", "native", unsafe=True)


def test_an_idle_import_goes():
    done = check_transformed(
        HEAD + "def build(input_shape):\n    pass\n", BARE + "def build(input_shape):\n    pass\n", "native"
    )
    assert [entry.rule for entry in done.changes] == ["native.import"]


STAR = "from k2compat.backend import *\n"


def test_an_idle_star_goes():
    done = check_transformed(STAR + "mean = 1\nprint(mean)\n", "mean = 1\nprint(mean)\n", "native")
    assert [entry.rule for entry in done.changes] == ["native.import"]
    check_transformed(STAR + "x.mean(sum=1)\n", "x.mean(sum=1)\n", "native")


def test_a_star_that_may_be_used_is_listed():
    check_noop(STAR + "print(sum(x))\n", "native", left=[(1, "`sum` in line 2 may be from there")])
    # Where the use is listed, that says it all.
    check_noop(STAR + "from numpy import *\nmean(x)\n", "native", left=[(3, "`mean` stays")])


@pytest.mark.parametrize("name", sorted({**TWINS, **SETTINGS}))
def test_a_twin_is_what_the_page_of_the_api_names(name):
    twin = {**TWINS, **SETTINGS}[name].split()[0]
    assert name in NAMES
    found = {"keras": keras, "tf": tf}[twin.partition(".")[0]]
    for part in twin.split(".")[1:]:
        found = getattr(found, part)
    assert re.search(rf"`{re.escape(twin)}\b", NATIVE[name]), (twin, NATIVE[name])


def test_tf_keras_has_no_ops():
    source = "import tf_keras\nfrom k2compat import backend as K\ndef loss(y_true, y_pred):\n    return K.mean(K.epsilon())\n"
    reason = "this file is on tf_keras"
    check_noop(source, "native", left=[(4, reason), (4, "`K.epsilon` stays")])


def test_what_native_writes_is_nothing_to_swap():
    done = check_transformed(
        "import keras\nx = keras.backend.backend()\ny = keras.backend.epsilon()\n",
        "import keras\nx = keras.config.backend()\ny = keras.config.epsilon()\n",
    )
    assert done.left == []


def test_functions_for_other_files_that_take_sizes_may_build_expressions():
    source = "from k2compat import backend as K\ndef grid(x):\n    return K.reshape(x, [K.shape(x)[1], -1])\n"
    done = check_transformed(source, source, "native")
    assert [entry.message.split()[0] for entry in done.left] == ["`K.reshape`", "`K.shape`"]


@pytest.mark.parametrize(
    ("name", "advice"),
    [("_BACKEND", "`keras.config.backend()`"), ("np", "`import numpy as np`"), ("tf", "`import tensor")],
)
def test_what_came_along_with_the_backend_has_an_advice_of_its_own(name, advice):
    (left,) = run(f"{NEW}print(K.{name})\n", "native.ops").left
    assert left.advice.startswith(f"natively: {advice}")
