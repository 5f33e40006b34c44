"""Rules swap.names and swap.dynamic, which only report."""

import pytest

from migrate.cases import check_left, check_noop, check_transformed

LEFT = [
    ("from k2compat import backend as K\nK._preprocess_conv2d_input(1)\n", [(2, "no `_preprocess_conv2d_input`")]),
    ("from k2compat import backend as K\nK.mean(K.tf, K._get_available_gpus)\n", []),
    ("from k2compat import backend as K\nK.tensorflow_backend._SESSION\n", [(2, "no `_SESSION`")]),
    ("from keras.callbacks import *\nnp.floor(os.sep, np.e)\n", [(2, "`np` came by"), (2, "`os` came by")]),
    ("from keras.callbacks import *\nimport numpy as np\nnp.floor(1)\n", []),
    ("from keras.callbacks import *\nfrom pylab import *\nnp.floor(1)\n", []),
    ("from mine import K\nK.whatever\n", []),
    ("import importlib\nimportlib.import_module('keras.' + name)\n", [(2, "computed name")]),
    ("import importlib\nimportlib.import_module(name)\n", []),
    ("import importlib\nimportlib.import_module('keras.layers')\n", []),
    ("__import__(f'keras.{name}')\n", [(1, "computed name")]),
    ("exec('from keras import backend as K')\n", [(1, "code in a text")]),
    ("exec('from keras import layers')\n", []),
    ("mock.patch('keras.backend.gradients')\n", [(1, "in a text")]),
    ("mock.patch('tensorflow.keras.backend')\n", [(1, "in a text")]),
    ("name = 'keras.backend'\n", [(1, "in a text")]),
    ("print('keras.backend is fine')\n", []),
    ("def f():\n    'keras.backend'\n", []),
    ("'''\n>>> K = 'keras.backend'\n'''\n", []),
    ("def f(keras):\n    return keras.backend.mean(1)\n", [(2, "cannot be told what `keras` is")]),
    ("class A:\n    def f(self):\n        self.keras.backend.mean(1)\n", [(3, "what `self.keras` is")]),
    ("from keras_contrib import backend as K\nK.mean(K.own(1))\n", [(1, "`keras_contrib.backend` seems")]),
    ("import keras_contrib.backend as C\nC.mean(1)\n", [(1, "`keras_contrib.backend` seems")]),
    ("import keras_contrib\nkeras_contrib.backend.mean(1)\n", [(1, "`keras_contrib.backend` seems")]),
    ("from keras_contrib.backend import mean, own\n", [(1, "(`mean`)")]),
    ("from keras_contrib.backend import own\n", []),
    ("from other.common import K\nx = K\nx.sum(K.mean(1))\n", [(1, "(`mean`, `sum`)")]),
    ("from other.common import K\nK.sum(K.own(1))\n", []),
    ("from other.common import K\n", []),
    ("from .common import K\nK.mean(1)\n", []),
    ("import numpy as K\nK.mean(1)\n", []),
    ("from mine import keras\nkeras.layers.Dense(1)\n", []),
    ("x.backend.mean(1)  # keras\n", []),
    ("import sys\nsys.modules['keras.backend'] = 1\n", [(2, "is set or deleted")]),
]


@pytest.mark.parametrize(("source", "left"), LEFT)
def test_what_is_reported(source, left):
    check_noop(source, "swap", left=left)


def test_a_missing_name_does_not_keep_the_rest():
    done = check_transformed(
        "from keras import backend as K\nK.mean(1)\nK._helper(1)\n",
        "from k2compat import backend as K\nK.mean(1)\nK._helper(1)\n",
        "swap",
    )
    check_left(done, [(3, "no `_helper`")])
