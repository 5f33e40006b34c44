"""Rule native.repairs."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "native.repairs"

HEAD = "import keras\nimport tensorflow as tf\nfrom k2compat import backend as K\n"


BARE = "import keras\nimport tensorflow as tf\n"


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
    check_noop(HEAD + source + "\n", "native", manual=[(3, f"`{word}`")])
    check_transformed(HEAD + source + "\n", BARE + source + "\n", "native", unsafe=True)


@pytest.mark.parametrize(
    "source",
    [
        HEAD + "model.compile('rmsprop', 'mse')\nprint(K.learning_phase())\n",
        HEAD + "model.compile('sgd', 'mse')\n",
        HEAD + "__all__ = ['K']\nmodel = keras.models.load_model('old.h5')\n",
        BARE + "model = keras.models.load_model('old.h5')\n",
    ],
    ids=["read", "nothing repaired", "exported", "no import"],
)
def test_other_imports_are_for_other_rules(source):
    check_noop(source, RULE, unsafe=True)
