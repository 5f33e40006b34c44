"""Rule swap.inner-keras."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "swap.inner-keras"

CASES = {
    "from tensorflow.python.keras.layers import Dense\n": "from tensorflow.keras.layers import Dense\n",
    "from tensorflow.python.keras import layers, models\n": "from tensorflow.keras import layers, models\n",
    "import tensorflow.python.keras.layers as L\n": "import tensorflow.keras.layers as L\n",
    "from tensorflow.contrib.keras import layers\n": "from tensorflow.keras import layers\n",
    "from tensorflow.python.keras._impl.keras.preprocessing.image import load_img\n": (
        "from tensorflow.keras.preprocessing.image import load_img\n"
    ),
}


@pytest.mark.parametrize("before", CASES)
def test_the_public_module_is_imported(before):
    check_transformed(before, CASES[before], RULE)


STAY = [
    ("from tensorflow.keras.layers import Dense\n", []),
    ("from tensorflow.python.keras import backend as K\n", []),
    ("from tensorflow.python.ops import math_ops\n", []),
    ("from tensorflow.python.keras.engine import network\n", [(1, "does not know")]),
    ("import tensorflow.python.keras.layers\n", [(1, "does not know")]),
]


@pytest.mark.parametrize(("source", "left"), STAY)
def test_what_stays(source, left):
    check_noop(source, RULE, left=left)


def test_together_with_the_backend():
    check_transformed(
        "from tensorflow.python.keras import layers, backend as K\n",
        "from tensorflow.keras import layers\nfrom k2compat import backend as K\n",
        "swap.",
    )
