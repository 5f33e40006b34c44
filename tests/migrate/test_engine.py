"""The engine and what rules stand on: resolver, edits, suppression, byte-identity."""

import libcst as cst
import pytest

from k2compat.migrate.edits import Applied, Edit
from k2compat.migrate.engine import migrate
from k2compat.migrate.module import CannotParse, Module
from k2compat.migrate.rules.swap_import import SwapImport
from migrate.cases import check_noop, check_transformed, run

RESOLVED = {
    "from keras import backend as K\nX = K.mean": "keras.backend.mean",
    "import keras.backend as KB\nX = KB.mean": "keras.backend.mean",
    "import keras\nX = keras.backend.mean": "keras.backend.mean",
    "import keras.backend\nX = keras.backend.mean": "keras.backend.mean",
    "from keras.backend import mean as m\nX = m": "keras.backend.mean",
    "from keras.backend import *\nX = mean": "keras.backend.mean",
    "from tensorflow.keras import backend\nX = backend.mean": "keras.backend.mean",
    "import tensorflow as tf\nX = tf.keras.backend.mean": "keras.backend.mean",
    "import tensorflow.compat.v1 as tf\nX = tf.keras.backend.mean": "keras.backend.mean",
    "from tensorflow.python.keras import backend as B\nX = B.mean": "keras.backend.mean",
    "from tensorflow.contrib import keras as ck\nX = ck.backend.mean": "keras.backend.mean",
    "from tensorflow import keras as k\nX = k.backend.mean": "keras.backend.mean",
    "import tf_keras\nX = tf_keras.backend.mean": "keras.backend.mean",
    "import tensorflow as tf\nkeras = tf.keras\nK = keras.backend\nX = K.mean": "keras.backend.mean",
    "import tensorflow as tf\nK: object = tf.keras.backend\nX = K.mean": "keras.backend.mean",
    "import keras\nX = getattr(keras, 'backend').mean": "keras.backend.mean",
    "import importlib\nK = importlib.import_module('keras.backend')\nX = K.mean": "keras.backend.mean",
    "from importlib import import_module\nX = import_module('keras.' 'backend').mean": "keras.backend.mean",
    "X = __import__('keras.backend').backend.mean": "keras.backend.mean",
    "import sys, keras\nX = sys.modules['keras.backend'].mean": "keras.backend.mean",
    "from keras.backend import tensorflow_backend as KTF\nX = KTF.mean": "keras.backend.tensorflow_backend.mean",
    "try:\n    from keras import backend as K\nexcept ImportError:\n    K = None\nX = K.mean": "keras.backend.mean",
    "try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras\nX = keras.layers": "keras.layers",
    "try:\n    import keras\nexcept ImportError:\n    import other as keras\nX = keras.layers": None,
    "from keras import backend as K\ndef f(K):\n    X = K.mean": None,
    "from keras import backend as K\nfor K in range(3):\n    X = K.mean": None,
    "K = K\nX = K.mean": None,
    "from keras import backend as K\nclass A:\n    K = 3\n    def f(self):\n        X = K.mean": "keras.backend.mean",
    "def f():\n    from keras import backend as K\n    return lambda: [K.mean for i in X]\nX = K.mean": None,
    "X = len": "len",
    "from .backend import K\nX = K.mean": None,
    "import numpy as np\nX = np.mean": "numpy.mean",
}


@pytest.mark.parametrize("source", RESOLVED)
def test_what_a_name_refers_to(source):
    module = Module(source)
    values = [
        assign.value
        for kind in (module.nodes(cst.Assign), module.nodes(cst.AnnAssign))
        for assign in kind
        if module.text(assign).startswith("X")
    ]
    assert module.refers_to(values[-1]) == RESOLVED[source]


ODD_TEXTS = [
    "\fimport tensorflow as tf\f\r\n\ftf.disable_v2_behavior()\r\n\f\r\nif 1:\r\n\tx = 'ä\f€😀'\t\r\n\ttf.compat.v1.disable_v2_behavior()",
    "import tensorflow as tf\r\rtf.disable_v2_behavior()\rx = 1",
    "# 😀 ä\nimport tensorflow as tf # é\nx = '😀'; tf.disable_v2_behavior(); y = '''\r\n\f'''\n\n\n",
]


@pytest.mark.parametrize("end", ["  \n  ", "\n\n  \n\t", "  \r\n  "])
def test_blanks_in_the_last_line_are_part_of_a_text(end):
    done = migrate(f"from keras import backend as K\n{end}", [SwapImport()])
    assert done.text == f"from k2compat import backend as K\n{end}"


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_what_is_not_edited_stays_to_the_byte(text):
    done = run(text)
    expected = text
    for call in ("\ftf.disable_v2_behavior()\r\n", "tf.disable_v2_behavior()\r", "tf.disable_v2_behavior(); "):
        expected = expected.replace(call, "")
    expected = expected.replace("\ttf.compat.v1.disable_v2_behavior()", "")
    assert done.changes
    assert done.text == expected


def test_python_2_is_named_as_such():
    with pytest.raises(CannotParse, match="line 2"):
        run("import keras\nprint 'hello'\n")


@pytest.mark.parametrize("comment", ["ignore", "ignore[swap]", "ignore[swap.graph-mode]", "ignore[keras3.lr, swap]"])
def test_a_line_can_be_kept_from_rules(comment):
    check_noop(f"import tensorflow as tf\ntf.disable_v2_behavior(\n)  # k2compat: {comment}\n")


def test_a_line_is_kept_from_the_named_rules_only():
    check_transformed(
        "import tensorflow as tf\ntf.disable_v2_behavior()  # k2compat: ignore[keras3]\n", "import tensorflow as tf\n"
    )


def test_a_file_can_be_kept_from_rules():
    check_noop("import tensorflow as tf\n# k2compat: ignore-file[swap]\ntf.disable_v2_behavior()\n")


def test_a_text_that_looks_like_the_comment_is_none():
    check_transformed(
        "import tensorflow as tf\nx = '# k2compat: ignore-file'\ntf.disable_v2_behavior()\n",
        "import tensorflow as tf\nx = '# k2compat: ignore-file'\n",
    )


def test_places_before_and_after_edits():
    applied = Applied("abcdefgh", [Edit(4, 6, "XYZ"), Edit(1, 3, ""), Edit(8, 8, "!")])
    assert applied.text == "adXYZgh!"
    assert [applied.forward(place) for place in (0, 3, 4, 6, 7)] == [0, 1, 2, 5, 6]
    assert [applied.back(place) for place in (0, 1, 2, 5, 6)] == [0, 3, 4, 6, 7]


ARGUMENTS = [
    ("f(a=1)", "a", "f()"),
    ("f(a=1,)", "a", "f()"),
    ("f(x, a=1)", "a", "f(x)"),
    ("f(x, a=1, )", "a", "f(x, )"),
    ("f(a=1, b=2, c=3)", "ab", "f(c=3)"),
    ("f(a=1, b=2, c=3)", "bc", "f(a=1)"),
    ("f(a=1, b=2, c=3)", "ac", "f(b=2)"),
    ("f(\n    x,\n    a=1,  # why\n)", "a", "f(\n    x,  # why\n)"),
]


@pytest.mark.parametrize(("before", "dropped", "after"), ARGUMENTS)
def test_arguments_are_taken_out_with_their_commas(before, dropped, after):
    module = Module(before)
    (call,) = module.nodes(cst.Call)
    edits = module.drop_arguments(call, [module.argument(call, name) for name in dropped])
    assert Applied(before, edits).text == after


IMPORTS = [
    ("x = 1\n", "import n\nx = 1\n"),
    ("", "import n\n"),
    ("# head\n\nx = 1\n", "# head\n\nimport n\nx = 1\n"),
    (
        '"""doc"""\nfrom __future__ import division\nimport os\n',
        '"""doc"""\nfrom __future__ import division\nimport n\nimport os\n',
    ),
    ("import os\nimport keras\nimport sys\n", "import os\nimport keras\nimport n\nimport sys\n"),
    ("import keras", "import keras\nimport n"),
    ("import keras\r\nx=1\r\n", "import keras\r\nimport n\r\nx=1\r\n"),
    ("import keras\nimport n\n", "import keras\nimport n\n"),
]


@pytest.mark.parametrize(("before", "after"), IMPORTS)
def test_where_an_import_is_added(before, after):
    assert Applied(before, Module(before).add_import("import n")).text == after
