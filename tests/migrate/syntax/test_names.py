"""What names refer to."""

import libcst as cst
import pytest

from k2compat.migrate.syntax.module import Module

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
