"""Rule swap.attribute."""

import pytest

from migrate.cases import check_left, check_noop, check_transformed

RULE = "swap."

CASES = {
    "import keras\nkeras.backend.mean(1)\n": "import keras\nfrom k2compat import backend as K\nK.mean(1)\n",
    "import keras.backend\nkeras.backend.mean(1)\n": "from k2compat import backend as K\nK.mean(1)\n",
    "import keras.backend\nkeras.backend.mean(keras.x)\n": (
        "import keras\nfrom k2compat import backend as K\nK.mean(keras.x)\n"
    ),
    "import keras, keras.backend\nkeras.backend.mean(1)\n": (
        "import keras\nfrom k2compat import backend as K\nK.mean(1)\n"
    ),
    "import keras.backend\n": "import k2compat.backend\n",
    "import keras\nimport keras.backend\nkeras.backend.x = keras.backend.mean\n": (
        "import keras\nfrom k2compat import backend as K\nK.x = K.mean\n"
    ),
    "import tensorflow as tf\nimport os\nx = [tf.keras.backend.mean(1), tf.keras.backend.sum(2)]\n": (
        "import tensorflow as tf\nfrom k2compat import backend as K\nimport os\nx = [K.mean(1), K.sum(2)]\n"
    ),
    "from tensorflow import keras as k\nk.backend.mean(1)\n": (
        "from tensorflow import keras as k\nfrom k2compat import backend as K\nK.mean(1)\n"
    ),
    "import keras\nkeras.layers.core.K.mean(1)\n": "import keras\nfrom k2compat import backend as K\nK.mean(1)\n",
    "from keras.callbacks import *\nx = 1\nK.set_value(x, K.mean(x))\n": (
        "from keras.callbacks import *\nfrom k2compat import backend as K\nx = 1\nK.set_value(x, K.mean(x))\n"
    ),
    "import tensorflow as tf\nK = tf.keras.backend\nK.mean(1)\n": (
        "import tensorflow as tf\nfrom k2compat import backend as K\nK.mean(1)\n"
    ),
    "import tensorflow as tf\nkeras = tf.keras\nbackend = keras.backend\nkeras.backend.mean(backend.x)\n": (
        "import tensorflow as tf\nkeras = tf.keras\nfrom k2compat import backend\nbackend.mean(backend.x)\n"
    ),
    "import keras\nfrom keras import backend\nkeras.backend.mean(1)\n": (
        "import keras\nfrom k2compat import backend\nbackend.mean(1)\n"
    ),
    "import keras\nfrom k2compat import backend as B\nkeras.backend.mean(1)\n": (
        "import keras\nfrom k2compat import backend as B\nB.mean(1)\n"
    ),
    "import keras\nK = 3\nkeras.backend.mean(K)\n": (
        "import keras\nimport k2compat.backend\nK = 3\nk2compat.backend.mean(K)\n"
    ),
    "def f():\n    import keras\n    return keras.backend.mean(1)\n": (
        "def f():\n    import keras\n    from k2compat import backend as K\n    return K.mean(1)\n"
    ),
    "def f():\n    try:\n        import keras\n    except ImportError:\n        from tensorflow import keras\n"
    "    return keras.backend.mean(1)\n": (
        "def f():\n    from k2compat import backend as K\n    try:\n        import keras\n    except ImportError:\n"
        "        from tensorflow import keras\n    return K.mean(1)\n"
    ),
    "try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras\nkeras.backend.mean(1)\n": (
        "from k2compat import backend as K\ntry:\n    import keras\nexcept ImportError:\n    from tensorflow import keras\n"
        "K.mean(1)\n"
    ),
    "from keras.layers.core import Dense\nimport keras\nkeras.backend.mean(1)\n": (
        "from k2compat import backend as K\nfrom keras.layers.core import Dense\nimport keras\nK.mean(1)\n"
    ),
    "import keras; keras.backend.mean(1)\n": "from k2compat import backend as K\nimport keras; K.mean(1)\n",
    "import keras\nx = (keras\n    .backend).mean(1)\n": (
        "import keras\nfrom k2compat import backend as K\nx = K.mean(1)\n"
    ),
    "import keras\ngetattr(keras, 'backend').mean(1)\n": (
        "import keras\nfrom k2compat import backend as K\nK.mean(1)\n"
    ),
    "import importlib\nK = importlib.import_module('keras.backend')\n": (
        "import importlib\nfrom k2compat import backend as K\n"
    ),
    "import keras\nkeras.backend.tensorflow_backend.set_session(1)\n": (
        "import keras\nfrom k2compat import backend as K\nK.tensorflow_backend.set_session(1)\n"
    ),
    "import keras\nfrom keras import backend as K\ndef f(K):\n    return keras.backend.mean(K)\n": (
        "import keras\nimport k2compat.backend\nfrom k2compat import backend as K\ndef f(K):\n"
        "    return k2compat.backend.mean(K)\n"
    ),
    "import keras\nfrom keras import backend as K\nx = keras.backend.mean\ndef f(K):\n    return keras.backend.mean(K)\n": (
        "import keras\nimport k2compat.backend\nfrom k2compat import backend as K\nx = K.mean\ndef f(K):\n"
        "    return k2compat.backend.mean(K)\n"
    ),
    "from tensorflow.keras import *\nx = backend.mean(layers)\n": (
        "from tensorflow.keras import *\nfrom k2compat import backend as K\nx = K.mean(layers)\n"
    ),
    "import keras\nif 1:\n    import keras.backend as B\nkeras.backend.mean(1)\n": (
        "import keras\nfrom k2compat import backend as K\nif 1:\n    import k2compat.backend as B\nK.mean(1)\n"
    ),
    "import keras\nif 1:\n    import keras.backend as B\nelse:\n    from keras import backend as B\nkeras.backend.mean(1)\n": (
        "import keras\nif 1:\n    import k2compat.backend as B\nelse:\n    from k2compat import backend as B\nB.mean(1)\n"
    ),
    "import keras\ndef f():\n    keras.backend.mean(1)\nfrom keras import backend as B\n": (
        "import keras\nfrom k2compat import backend as K\ndef f():\n    K.mean(1)\nfrom k2compat import backend as B\n"
    ),
    "import keras\nclass A:\n    def __init__(self):\n        self.K = keras.backend\n": (
        "import keras\nfrom k2compat import backend as K\nclass A:\n    def __init__(self):\n        self.K = K\n"
    ),
}


@pytest.mark.parametrize("before", CASES)
def test_the_backend_through_its_package(before):
    check_transformed(before, CASES[before], RULE)


STAY = [
    ("import keras\nkeras.layers.Dense(1)\n", []),
    ("import mine\nmine.keras.backend.mean(1)\n", []),
    ("def f(keras):\n    return keras.backend.mean(1)\n", []),
    ("import keras\nkeras.backend = 3\n", [(2, "is set or deleted")]),
    ("import keras\ndel keras.backend\n", [(2, "is set or deleted")]),
    ("import keras\nkeras.backend.mean(1)\nkeras.backend.result_type(1)\n", [(3, "in 2 places")]),
    (
        "try:\n    import keras\nexcept ImportError:\n    import mine as keras\nkeras.backend.mean(1)\n",
        [(5, "in another branch")],
    ),
]


@pytest.mark.parametrize(("source", "left"), STAY)
def test_what_stays(source, left):
    check_noop(source, "swap.attribute", left=left)


def test_one_suppressed_line_keeps_all_that_goes_through_the_name():
    check_noop("import keras\nkeras.backend.mean(1)\nkeras.backend.sum(2)  # k2compat: ignore\n", RULE)


def test_each_line_is_in_the_report():
    done = check_transformed(
        "import keras\n\nkeras.backend.mean(1)\nkeras.backend.sum(2)\n",
        "import keras\nfrom k2compat import backend as K\n\nK.mean(1)\nK.sum(2)\n",
        RULE,
    )
    assert [(entry.line, entry.new_line) for entry in done.changes] == [(1, 1), (3, 4), (4, 5)]
    check_left(done, [])
