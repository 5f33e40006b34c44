"""What a test leaves behind in its process is noticed at its end."""

import sys

from kerases import KIND, keras
from leftovers import left_behind, settings

from k2compat import backend as K


def test_what_is_left_behind_is_named(monkeypatch, tmp_path):
    before = settings()
    assert left_behind(before, settings()) == []
    with monkeypatch.context() as changes:
        changes.setenv("K2COMPAT_TIER", "eager")
        changes.chdir(tmp_path)
        K.set_floatx("float64")
        K.set_learning_phase(1)
        found = left_behind(before, settings())
    K.set_floatx("float32")
    K.clear_session()
    assert found == ["the environment", "the current folder", "the learning phase", "the float type"]
    assert left_behind(before, settings()) == []


def test_a_generator_that_goes_before_numpys_is_named():
    before = settings()
    keras.utils.set_random_seed(1)
    found = left_behind(before, settings())
    if KIND == "keras2":
        backend = sys.modules[keras.Model.__module__.partition(".src")[0] + ".src.backend"]
        del backend._SEED_GENERATOR.generator
    assert found == (["the generator of seeds"] if KIND == "keras2" else [])
