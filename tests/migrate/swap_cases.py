"""Statements that rules of level swap rewrite, report or leave alone; those before a colon become those behind it."""

ATTRIBUTES = {
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

ATTRIBUTES_THAT_STAY = [
    ("import sys\nsys.modules['keras.backend'] = 1\n", [(2, "is set or deleted")]),
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

IMPORTS = {
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

IMPORTS_ABOVE = {
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

PRIVATE_MODULES = {
    "from tensorflow.python import keras\n": "from tensorflow import keras\n",
    "from tensorflow.contrib import keras as kr\n": "from tensorflow import keras as kr\n",
    "from tensorflow.python import debug, keras\n": (
        "from tensorflow.python import debug\nfrom tensorflow import keras\n"
    ),
    "from tensorflow.python.keras import Model, layers as L\n": "from tensorflow.keras import Model, layers as L\n",
    "from tensorflow.python.keras.layers import Dense\n": "from tensorflow.keras.layers import Dense\n",
    "from tensorflow.python.keras import layers, models\n": "from tensorflow.keras import layers, models\n",
    "import tensorflow.python.keras.layers as L\n": "import tensorflow.keras.layers as L\n",
    "from tensorflow.contrib.keras import layers\n": "from tensorflow.keras import layers\n",
    "from tensorflow.python.keras._impl.keras.preprocessing.image import load_img\n": (
        "from tensorflow.keras.preprocessing.image import load_img\n"
    ),
}

MISSING_NAMES = [
    ("from k2compat import backend as K\nK._preprocess_conv2d_input(1)\n", [(2, "no `_preprocess_conv2d_input`")]),
    ("from k2compat import backend as K\nK.mean(K.tf, K._get_available_gpus)\n", []),
    ("from k2compat import backend as K\nK.tensorflow_backend._SESSION\n", [(2, "no `_SESSION`")]),
    ("from keras.callbacks import *\nnp.floor(os.sep, np.e)\n", [(2, "`np` came by"), (2, "`os` came by")]),
    ("from keras.callbacks import *\nimport numpy as np\nnp.floor(1)\n", []),
    ("from keras.callbacks import *\nfrom pylab import *\nnp.floor(1)\n", []),
    ("from mine import K\nK.whatever\n", []),
]

DYNAMIC_IMPORTS = [
    ("import importlib\nimportlib.import_module('keras.' + name)\n", [(2, "computed name")]),
    ("import importlib\nimportlib.import_module(name)\n", []),
    ("import importlib\nimportlib.import_module('keras.layers')\n", []),
    ("__import__(f'keras.{name}')\n", [(1, "computed name")]),
    ("exec('from keras import backend as K')\n", [(1, "code in a string")]),
    ("exec('from keras import layers')\n", []),
    ("mock.patch('keras.backend.gradients')\n", [(1, "in a string")]),
    ("mock.patch('tensorflow.keras.backend')\n", [(1, "in a string")]),
    ("name = 'keras.backend'\n", [(1, "in a string")]),
    ("print('keras.backend is fine')\n", []),
    ("def f():\n    'keras.backend'\n", []),
    ("'''\n>>> K = 'keras.backend'\n'''\n", []),
    ("def f(keras):\n    return keras.backend.mean(1)\n", [(2, "what `keras` is in `keras.backend` is not known")]),
    ("class A:\n    def f(self):\n        self.keras.backend.mean(1)\n", [(3, "what `self.keras` is")]),
    ("from mine import keras\nkeras.layers.Dense(1)\n", []),
    ("x.backend.mean(1)  # keras\n", []),
]

THIRD_PARTY_BACKENDS = [
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
]
