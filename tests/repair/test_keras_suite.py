"""The runner of Keras's own tests: what it calls a difference."""

import pytest
from keras_suite.accepted import KERAS2, KERAS3
from keras_suite.checkout import copied
from keras_suite.run import compare, disproved, harmed, judge
from kerases import KIND

import k2compat

pytestmark = pytest.mark.keras3_only

GOOD, BAD = ["passed", ""], ["failed", "AssertionError: 1 != 2"]
# A test that passes without a repair and fails with it, one that passes, and one that fails.
PLANTED = """
import keras
import numpy as np

def test_tuple():
    x = keras.Input((2,))
    assert type(keras.Model(x, (x + 1, x + 2)).predict(np.ones((1, 2)), verbose=0)) is tuple

def test_good():
    assert True

def test_bad():
    assert False
"""


def test_a_difference_is_a_test_that_fails_with_k2compat_only():
    with_it = {"f::a": GOOD, "f::b": BAD, "f::c": BAD, "f::d": BAD, "g": BAD}
    without = {"f::a": GOOD, "f::b": GOOD, "f::c": BAD, "f::d": ["skipped", ""], "g::e": GOOD}
    assert harmed(with_it, without) == {"f::b": BAD[1], "f::d": BAD[1], "g": BAD[1]}


def test_an_unlisted_difference_and_a_stale_entry_are_reported():
    found, different = {"f::a": BAD, "f::b": GOOD}, {"f::a": BAD[1]}
    assert judge(found, different, {"f::a": ("repair", "reason")}) == []
    assert "f::a fails with k2compat" in judge(found, different, {})[0]
    stale = judge(found, different, {"f::a": ("r", "s"), "f::b": ("r", "s"), "other::c": ("r", "s")})
    assert len(stale) == 1
    assert stale[0].startswith("f::b is listed")


def test_every_accepted_difference_names_a_repair_and_a_reason():
    names = {repair.name for repair in k2compat.repairs()}
    for repair, reason in (KERAS2 if KIND == "keras2" else KERAS3).values():
        assert set(repair.split(" and ")) <= names
        assert reason.endswith(".")
        assert len(reason.split()) > 5


def test_tests_of_a_checkout_import_what_the_wheel_has(tmp_path):
    place = tmp_path / "tf_keras" / "layers" / "core"
    place.mkdir(parents=True)
    (place / "dense_test.py").write_text("import tf_keras\nfrom tf_keras.engine import base_layer\nimport tensorflow")
    target = tmp_path / "target"
    target.mkdir()
    copied(tmp_path, target)
    assert (target / "layers" / "core__dense_test.py").read_text() == (
        "import tf_keras.src as tf_keras\nfrom tf_keras.src.engine import base_layer\nimport tensorflow"
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_planted_differences_are_found_and_traced_to_their_repair(tmp_path):
    (tmp_path / "planted_test.py").write_text(PLANTED)
    found, different = compare(tmp_path, ["planted_test.py"])
    assert {test: outcome for test, (outcome, _) in found.items()} == {
        "planted_test.py::test_tuple": "failed",
        "planted_test.py::test_good": "passed",
        "planted_test.py::test_bad": "failed",
    }
    assert list(different) == ["planted_test.py::test_tuple"]
    assert disproved(tmp_path, {"planted_test.py::test_tuple": ("predicted_list", "It is its meaning.")}) == []
    assert len(disproved(tmp_path, {"planted_test.py::test_tuple": ("model_nodes", "It is not.")})) == 1
