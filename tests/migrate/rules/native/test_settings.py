"""Rule native.settings."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "native.settings"

HEAD = "import keras\nimport tensorflow as tf\nfrom k2compat import backend as K\n"


BARE = "import keras\nimport tensorflow as tf\n"


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
    check_noop(trained, "native", manual=[(4, "`K.set_learning_phase` stays")])
    check_noop(HEAD + "K.set_learning_phase(1)\n", "native", manual=[(4, "`K.set_learning_phase` stays")])


def test_todays_keras_backend_stays():
    check_noop("import keras\nx = keras.backend.epsilon()\n", "native")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("print(K.int_shape(x))", "print(tuple(x.shape))"),
        ("print(K.int_shape(x)[-1], K.ndim(x))", "print(x.shape[-1], len(x.shape))"),
        ("print(K.get_value(layer.kernel))", "print(layer.kernel.numpy())"),
        ("print(K.epsilon(), K.floatx())", "print(keras.config.epsilon(), keras.config.floatx())"),
    ],
)
def test_shapes_values_and_settings(before, after):
    check_transformed(f"{HEAD}{before}\n", f"{HEAD}{after}\n", RULE)


@pytest.mark.parametrize(
    "source",
    [
        "print(K.get_value(variable))",
        "print(K.int_shape(x=x), K.int_shape(*x))",
        "K.set_value(model.optimizer.learning_rate, *values)",
        "f(K.epsilon)",
        "self.kernel = K.variable(1.)\nprint(K.get_value(self.kernel))",
        "K.set_learning_phase(0)\nK.clear_session()\nmodel.fit(x, y)",
    ],
)
def test_what_may_need_the_backend_stays(source):
    check_noop(f"{HEAD}{source}\n", RULE)
