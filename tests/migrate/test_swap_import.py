"""Rule swap.import."""

import pytest

from migrate.cases import check_left, check_noop, check_transformed

RULE = "swap.import"

IN_PLACE = {
    "from keras import backend as K": "from k2compat import backend as K",
    "from keras import backend": "from k2compat import backend",
    "import keras.backend as K": "import k2compat.backend as K",
    "import keras.backend as k, numpy as np": "import k2compat.backend as k, numpy as np",
    "from keras.backend import gradients, function": "from k2compat.backend import gradients, function",
    "from keras.backend import *": "from k2compat.backend import *",
    "from tensorflow.keras import backend as kbackend": "from k2compat import backend as kbackend",
    "import tensorflow.keras.backend as KB": "import k2compat.backend as KB",
    "from tensorflow.python.keras import backend as K": "from k2compat import backend as K",
    "from tensorflow.contrib.keras import backend as K": "from k2compat import backend as K",
    "from tensorflow.contrib.keras.python.keras import backend as K": "from k2compat import backend as K",
    "from tensorflow.python.keras._impl.keras import backend as K": "from k2compat import backend as K",
    "from tensorflow.compat.v1.keras import backend as K": "from k2compat import backend as K",
    "from tf_keras import backend as K": "from k2compat import backend as K",
    "from keras.backend import tensorflow_backend as KTF": "from k2compat.backend import tensorflow_backend as KTF",
    "import keras.backend.tensorflow_backend as KTF": "import k2compat.backend as KTF",
    "from keras.backend.tensorflow_backend import set_session": "from k2compat.backend import set_session",
    "from keras.layers.core import K": "from k2compat import backend as K",
    "from keras.engine.topology import K as KK": "from k2compat import backend as KK",
    "from keras.layers import Dense, K": "from keras.layers import Dense\nfrom k2compat import backend as K",
    "from keras.backend.common import epsilon as eps": "from k2compat.backend import epsilon as eps",
    "from keras import (  # why\n    backend as K,\n)": "from k2compat import (  # why\n    backend as K,\n)",
    "from keras  import \\\n    backend  as  K": "from k2compat  import \\\n    backend  as  K",
    "import keras.backend as K; import numpy as np": "import k2compat.backend as K; import numpy as np",
    "def f():\n\tfrom keras import backend as K\n\treturn K": "def f():\n\tfrom k2compat import backend as K\n\treturn K",
    "from keras import layers, backend as K": "from keras import layers\nfrom k2compat import backend as K",
    "from keras import (\n    backend as K,  # a\n    layers,  # b\n)": (
        "from keras import (\n    layers,  # b\n)\nfrom k2compat import backend as K  # a"
    ),
    "from keras import backend as K, layers": "from keras import layers\nfrom k2compat import backend as K",
    "from keras.backend import mean, theano_backend": (
        "from keras.backend import theano_backend\nfrom k2compat.backend import mean"
    ),
    "if 1: from keras import backend as K, layers": "if 1: from keras import layers; from k2compat import backend as K",
    "try:\n    from keras import backend as K\nexcept ImportError:\n    K = None": (
        "try:\n    from k2compat import backend as K\nexcept ImportError:\n    K = None"
    ),
    "try:\n    from keras import backend as K\nexcept ImportError:\n    from tensorflow.keras import backend as K": (
        "from k2compat import backend as K"
    ),
    "if 1:\n  try:\n    import keras.backend as K\n  except:\n    from tensorflow.keras import backend as K\nx = 1": (
        "if 1:\n  import k2compat.backend as K\nx = 1"
    ),
    "try:\n    from keras import backend as K, layers\nexcept ImportError:\n    from tensorflow.keras import backend as K": (
        "try:\n    from keras import layers\n    from k2compat import backend as K\n"
        "except ImportError:\n    from k2compat import backend as K"
    ),
    "try:\n    from keras import backend as K  # old\nexcept ImportError:\n    from tensorflow.keras import backend as K": (
        "try:\n    from k2compat import backend as K  # old\nexcept ImportError:\n    from k2compat import backend as K"
    ),
}


@pytest.mark.parametrize("before", IN_PLACE)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"], ids=repr)
def test_imports(before, end):
    source, result = (text.replace("\n", end or "\n") + end for text in (before, IN_PLACE[before]))
    check_transformed(source, result, RULE)


GONE = {
    "from keras.losses import mse\nfrom keras import (  # a\n    backend as K,  # b\n)  # c\n": (
        "from k2compat import (  # a\n    backend as K,  # b\n)  # c\nfrom keras.losses import mse\n"
    ),
    "from keras.layers.core import Dense\nfrom keras import backend as K\n": (
        "from k2compat import backend as K\nfrom keras.layers.core import Dense\n"
    ),
    "import numpy\ntry:\n    import keras.engine.topology\nexcept ImportError:\n    pass\nimport keras.backend as K\n": (
        "import numpy\nimport k2compat.backend as K\ntry:\n    import keras.engine.topology\nexcept ImportError:\n    pass\n"
    ),
    "from keras.losses import mse\nif mse:\n    from keras import backend as K\n": (
        "import k2compat.backend\nfrom keras.losses import mse\nif mse:\n    from k2compat import backend as K\n"
    ),
    "from keras import backend as K\nfrom keras.utils import np_utils\n": (
        "from k2compat import backend as K\nfrom keras.utils import np_utils\n"
    ),
    "from tensorflow.keras.losses import mse\nfrom keras import backend as K\n": (
        "from tensorflow.keras.losses import mse\nfrom k2compat import backend as K\n"
    ),
    "from keras.preprocessing.image import ImageDataGenerator\nfrom keras import layers, backend as K\n": (
        "import k2compat.backend\nfrom keras.preprocessing.image import ImageDataGenerator\n"
        "from keras import layers\nfrom k2compat import backend as K\n"
    ),
}


@pytest.mark.parametrize("before", GONE)
def test_what_only_k2compat_brings_back_is_imported_below_it(before):
    check_transformed(before, GONE[before], RULE)


STAY = [
    ("from keras import layers\n", []),
    ("from keras_contrib import backend as K\n", []),
    ("from .keras import backend as K\n", []),
    ("from mine.keras import backend as K\n", []),
    ("'''\n>>> from keras import backend as K\n'''\n", []),
    ("from keras.backend import theano_backend as K\n", [(1, "`theano_backend`")]),
    ("import keras.backend.theano_backend as K\n", [(1, "`theano_backend`")]),
    ("from keras.backend import result_type\n", [(1, "`result_type`")]),
    ("from keras import backend as K\nK.mean\nK.result_type(1)\n", [(1, "`K.result_type` in line 3")]),
    ("from keras import backend as K\nB = K\nB.result_type(1)\n", [(1, "`B.result_type` in line 3")]),
    (
        "if x:\n    from keras import backend as K\nelse:\n    from mine import backend as K\n",
        [(2, "binds it to `mine.backend`")],
    ),
    (
        "try:\n    from keras.backend import tensorflow_backend as K\nexcept:\n    from keras.backend import cntk_backend as K",
        [(2, "`keras.backend.cntk_backend`"), (4, "`cntk_backend`")],
    ),
]


@pytest.mark.parametrize(("source", "left"), STAY)
def test_what_stays(source, left):
    check_noop(source, RULE, left=left)


def test_each_scope_is_for_itself():
    done = check_transformed(
        "from keras import backend as K\ndef f():\n    from keras import backend as K\n    K.result_type(1)\n",
        "from k2compat import backend as K\ndef f():\n    from keras import backend as K\n    K.result_type(1)\n",
        RULE,
    )
    check_left(done, [(3, "`K.result_type` in line 4")])


def test_a_name_that_is_bound_to_something_else_later_is_swapped():
    check_transformed("from keras import backend as K\nK = 3\n", "from k2compat import backend as K\nK = 3\n", RULE)
