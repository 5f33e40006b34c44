"""Rule swap.private-keras."""

import pytest

from migrate.cases import check_noop, check_transformed
from migrate.swap_cases import PRIVATE_MODULES

RULE = "swap.private-keras"


@pytest.mark.parametrize("before", PRIVATE_MODULES)
def test_the_public_module_is_imported(before):
    check_transformed(before, PRIVATE_MODULES[before], RULE)


STAY = [
    ("from tensorflow.keras.layers import Dense\n", []),
    ("from tensorflow.python.keras import backend as K\n", []),
    ("from tensorflow.python.ops import math_ops\n", []),
    ("from tensorflow.python.keras.engine import network\n", []),
    ("import tensorflow.python.keras.layers\n", []),
    ("from tensorflow.python.keras import layers, losses_utils\n", [(1, "does not know")]),
    ("from tensorflow.python.keras.saving import hdf5_format\n", [(1, "does not know")]),
    ("import tensorflow.python.keras.utils.tf_utils as t\n", [(1, "does not know")]),
]


@pytest.mark.parametrize(("source", "manual"), STAY)
def test_what_stays(source, manual):
    check_noop(source, RULE, manual=manual)


def test_together_with_the_backend():
    check_transformed(
        "from tensorflow.python.keras import layers, backend as K\n",
        "from tensorflow.keras import layers\nfrom k2compat import backend as K\n",
        "swap.",
    )


@pytest.mark.parametrize(
    "source", ["from tensorflow.python.keras.engine import network\n", "import tensorflow.python.keras.layers\n"]
)
def test_what_the_import_hooks_have_gets_them(source):
    check_transformed(source, f"import k2compat.auto\n{source}", "swap.")


def test_settings_are_those_of_the_backend():
    check_transformed(
        "from tensorflow.python.keras import backend_config\nbackend_config.epsilon()\n",
        "from k2compat import backend as backend_config\nbackend_config.epsilon()\n",
        "swap.",
    )
    check_transformed(
        "from tensorflow.python.keras.backend_config import floatx\n", "from k2compat.backend import floatx\n", "swap."
    )
