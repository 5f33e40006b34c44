"""How a module spells Keras, and which call a K call becomes."""

import re

import keras
import pytest
import tensorflow as tf

import k2compat.backend  # noqa: F401, fills the registry
from k2compat.ops.registry import NAMES
from k2compat.tables.native import NATIVE
from k2compat.tables.spellings import SETTINGS, TWINS
from migrate.cases import check_noop, check_transformed, run

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
        check_transformed(before, after, "native.unused-import")
    else:
        check_transformed(before + loss.format("K.square"), after + loss.format(spelling + ".square"), "native")


@pytest.mark.parametrize("name", sorted({**TWINS, **SETTINGS}))
def test_an_equivalent_is_what_the_page_of_the_api_names(name):
    equivalent = {**TWINS, **SETTINGS}[name].split()[0]
    assert name in NAMES
    found = {"keras": keras, "tf": tf}[equivalent.partition(".")[0]]
    for part in equivalent.split(".")[1:]:
        found = getattr(found, part)
    assert re.search(rf"`{re.escape(equivalent)}\b", NATIVE[name]), (equivalent, NATIVE[name])


def test_tf_keras_has_models():
    source = (
        "from tf_keras.layers import Dense\nfrom k2compat import backend as K\nf = K.function([m.input], [m.output])\n"
    )
    after = "import tf_keras\nfrom tf_keras.layers import Dense\nf = tf_keras.Model(m.input, m.output)\n"
    assert sorted(run(source, "native.").text.splitlines()) == sorted(after.splitlines())


def test_tf_keras_has_no_ops():
    source = "import tf_keras\nfrom k2compat import backend as K\ndef loss(y_true, y_pred):\n    return K.mean(K.epsilon())\n"
    reason = "this file is on tf_keras"
    check_noop(source, "native", manual=[(4, reason), (4, "`K.epsilon` stays")])
