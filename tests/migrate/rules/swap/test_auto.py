"""Rule swap.auto."""

import pytest

from k2compat.cli import main
from migrate.cases import check_noop, check_transformed, run, write

RULE = "swap.auto"
LINE = "import k2compat.auto\n"

OLD = "from keras.layers import Dense\nDense(2)\n"
CASES = {
    OLD: LINE + OLD,
    f"'''text'''\nfrom __future__ import division\nimport os\n{OLD}": (
        f"'''text'''\nfrom __future__ import division\nimport os\n{LINE}{OLD}"
    ),
    "from tensorflow.keras.layers import Dense\nfrom keras.utils.np_utils import to_categorical\n": (
        f"{LINE}from tensorflow.keras.layers import Dense\nfrom keras.utils.np_utils import to_categorical\n"
    ),
    "try:\n    import keras.engine as KE\nexcept ImportError:\n    KE = None\n": (
        f"{LINE}try:\n    import keras.engine as KE\nexcept ImportError:\n    KE = None\n"
    ),
    "import keras\nkeras.optimizers.adam(1e-3)\n": f"{LINE}import keras\nkeras.optimizers.adam(1e-3)\n",
}


@pytest.mark.parametrize("before", CASES)
def test_the_line_goes_above_the_first_keras(before):
    check_transformed(before, CASES[before], RULE)


TENSORFLOW = "import tensorflow as tf\n"
NEEDED = [
    "tf.keras.Sequential([tf.keras.layers.CuDNNLSTM(2)])",
    "tf.keras.layers.Dense(tf.log(2.0))",
    "tf.keras.Sequential().fit_generator(data)",
    "tf.keras.Sequential().predict_classes(x)",
    "tf.keras.optimizers.Adam(lr=0.1)",
    "tf.keras.Model(input=a, output=b)",
    "tf.keras.Model().layers[1].output_shape",
    "tf.keras.Model().compile(tf.train.AdamOptimizer())",
]


@pytest.mark.parametrize("needed", NEEDED)
def test_a_file_of_tensorflow_gets_the_line_where_something_needs_it(needed):
    check_transformed(f"{TENSORFLOW}{needed}\n", f"{LINE}{TENSORFLOW}{needed}\n", RULE)


LATE = [
    "from keras.layers import Dense\nmodel = Dense(2)\nfrom keras import backend as K\n",
    "from keras.layers import Dense\nmodel = Dense(2)\ndef f():\n    from keras import backend as K\n",
    "import tensorflow as tf\ntf.set_random_seed(1)\nfrom keras import backend as K\n",
    "from tensorflow import set_random_seed\nfrom keras import backend as K\n",
    "import keras\nengine = keras.engine\nfrom keras import backend as K\n",
]


@pytest.mark.parametrize("source", LATE)
def test_what_stands_above_the_backend_gets_the_line_above_it(source):
    check_transformed(source, LINE + source, RULE)
    check_transformed(source, LINE + source.replace("from keras import b", "from k2compat import b"), "swap.")


STAY = [
    "from keras.datasets import mnist\n",
    "import tensorflow as tf\ntf.keras.Sequential()\n",
    "import keras\nkeras.ops.mean(1)\n",
    "from keras import backend as K\nfrom keras.layers import Dense\n",
    "import keras\nkeras.backend.mean(1)\nkeras.layers.Dense(1)\n",
    f"{LINE}{OLD}",
    "import numpy  # keras\n",
    "from tensorflow import keras\nkeras.Sequential().fit(x, epochs=2)\n",
    "import tensorflow as tf\nfrom tensorflow.keras import layers\ntf.compat.v1.logging.info('x')\nlayers.Dense(2)\n",
    "from keras.layers import Dense\nfrom keras import backend as K\nmodel = Dense(2)\n",
    "from keras.layers import Dense\ndef make():\n    return Dense(2)\nfrom keras import backend as K\n",
]


@pytest.mark.parametrize("source", STAY)
def test_what_stays(source):
    check_noop(source, RULE)


def test_native_takes_it_out():
    assert run(LINE + OLD, "native.unused-import").text == OLD


def test_a_file_that_takes_the_backend_from_another_one_needs_no_line(here):
    compat = "import keras\nK = keras.backend\n"
    uses = "from .compat import keras, K\nclass L(keras.layers.Layer):\n    def call(self, x):\n"
    uses += "        self.add_update(x)\n        return x\nkeras.layers.CuDNNLSTM(3)\n"
    write(here, p____init___py="", p__compat_py=compat, p__a_py=uses)
    assert main(["migrate", "-q", "--write", "p"]) == 0
    assert (here / "p/a.py").read_text() == uses
    above = uses.replace("from", "import tensorflow as tf\nx = tf.log(2.0)\nfrom")
    write(here, p__a_py=above)
    assert main(["migrate", "-q", "--write", "p"]) == 0
    assert (here / "p/a.py").read_text() == LINE + above
