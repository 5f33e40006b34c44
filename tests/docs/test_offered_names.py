"""The tables of names that ``migrate`` reads are what the backend and Keras 3 have."""

import keras
import pytest
import tensorflow as tf

from k2compat import backend as K
from k2compat.ops.registry import NAMES
from k2compat.tables.offered import ITSELF, OFFERED, ONLY_IN_KERAS3
from k2compat.tables.old_names import KEPT_BY_TENSORFLOW, is_gone

pytestmark = pytest.mark.keras3_only


def test_what_is_offered_is_there():
    assert [name for name in OFFERED if not hasattr(K, name)] == []
    assert set(NAMES) <= OFFERED
    assert all(getattr(K, name) is K for name in ITSELF)


def test_only_in_keras_3_are_the_names_that_work_today_and_would_not_after_the_swap():
    names = {name for module in (keras.backend, tf.keras.backend) for name in dir(module) if not name.startswith("_")}
    assert {name for name in names if not hasattr(K, name)} == set(ONLY_IN_KERAS3)


KEPT = """
import importlib, sys
for module in sys.argv[1:]:
    ours, kept = (importlib.import_module(f"{package}.{module}") for package in ("keras", "keras._tf_keras.keras"))
    print(*(name for name in dir(kept) if not hasattr(ours, name)))
"""


@pytest.mark.slow
def test_what_only_tensorflow_has_of_keras(run_script):
    # In a process of its own: the names are put into Keras by a repair.
    done = run_script(KEPT, *KEPT_BY_TENSORFLOW)
    found = [set(line.split()) for line in done.stdout.splitlines()]
    assert found == [set(names.split()) for names in KEPT_BY_TENSORFLOW.values()]


def test_what_is_gone_and_what_is_not():
    assert is_gone("keras.layers.core.Dense")
    assert is_gone("keras.utils.np_utils")
    assert is_gone("keras.preprocessing.text.Tokenizer")
    assert not is_gone("keras.layers.Dense")
    assert not is_gone("tensorflow.keras.losses.mse")
