"""Tests the comparison the goldens are judged by: every planted error must be found, and told with its name."""

import numpy as np
import pytest

from goldens import registry
from goldens.compare import differences
from goldens.tools import outcome, printed

pytestmark = pytest.mark.reference

TOLERANCE = registry.TOLERANCE


def golden():
    random = np.random.RandomState(0)
    return {
        "heatmap": random.uniform(0.5, 1.0, size=(4, 4)).astype("float32"),
        "grads": random.standard_normal((3, 5)).astype("float32"),
        "classes": np.array([3, 1, 2]),
        "none": np.array([True, False]),
        "outcome": np.array("TypeError"),
        "zeros": np.zeros(3, "float32"),
        "empty": np.zeros((0, 2), "float32"),
    }


def one_thousandth_off(arrays):
    arrays["heatmap"] = arrays["heatmap"].copy()
    arrays["heatmap"][2, 1] *= 1.001


def small_element_off(arrays):
    arrays["grads"] = arrays["grads"] + np.float32(0.001) * np.abs(arrays["grads"]).max()


def swapped(arrays):
    arrays["heatmap"], arrays["grads"] = arrays["grads"], arrays["heatmap"]


def two_values_swapped(arrays):
    arrays["grads"] = arrays["grads"].copy()
    arrays["grads"][0, [0, 1]] = arrays["grads"][0, [1, 0]]


def transposed(arrays):
    arrays["heatmap"] = arrays["heatmap"].T


def one_axis_more(arrays):
    arrays["grads"] = arrays["grads"][np.newaxis]


def broadcast(arrays):
    arrays["zeros"] = np.float32(0)


def name_missing(arrays):
    del arrays["classes"]


def name_added(arrays):
    arrays["surprise"] = np.ones(2)


def integers_for_floats(arrays):
    arrays["zeros"] = arrays["zeros"].astype("int32")


def floats_for_integers(arrays):
    arrays["classes"] = arrays["classes"].astype("float32")


def float64_for_float32(arrays):
    arrays["heatmap"] = arrays["heatmap"].astype("float64")


def booleans_for_text(arrays):
    arrays["outcome"] = np.array(True)


def not_a_number(arrays):
    arrays["grads"] = arrays["grads"].copy()
    arrays["grads"][1, 1] = np.nan


def all_not_a_number(arrays):
    arrays["heatmap"] = np.full((4, 4), np.nan, "float32")


def infinite(arrays):
    arrays["zeros"] = np.array([0, np.inf, 0], "float32")


def not_quite_zero(arrays):
    arrays["zeros"] = np.array([0, 1e-12, 0], "float32")


def another_class(arrays):
    arrays["classes"] = np.array([3, 1, 1])


def another_flag(arrays):
    arrays["none"] = np.array([True, True])


def another_error(arrays):
    arrays["outcome"] = np.array("ValueError")


def emptied(arrays):
    arrays["grads"] = arrays["grads"][:0]


PLANTED = {
    one_thousandth_off: {"heatmap"},
    small_element_off: {"grads"},
    swapped: {"heatmap", "grads"},
    two_values_swapped: {"grads"},
    transposed: {"heatmap"},
    one_axis_more: {"grads"},
    broadcast: {"zeros"},
    name_missing: {"classes"},
    name_added: {"surprise"},
    integers_for_floats: {"zeros"},
    floats_for_integers: {"classes"},
    float64_for_float32: {"heatmap"},
    booleans_for_text: {"outcome"},
    not_a_number: {"grads"},
    all_not_a_number: {"heatmap"},
    infinite: {"zeros"},
    not_quite_zero: {"zeros"},
    another_class: {"classes"},
    another_flag: {"none"},
    another_error: {"outcome"},
    emptied: {"grads"},
}


@pytest.mark.parametrize("plant", list(PLANTED), ids=lambda plant: plant.__name__)
def test_planted_error_is_found_and_named(plant):
    arrays = golden()
    plant(arrays)
    problems = differences(golden(), arrays, TOLERANCE)
    assert {problem.split(":")[0] for problem in problems} == PLANTED[plant]


def test_equal_arrays_pass():
    assert differences(golden(), golden(), TOLERANCE) == []


def test_errors_within_the_tolerance_pass():
    arrays = golden()
    arrays["heatmap"] = arrays["heatmap"] * np.float32(1 + 0.9 * TOLERANCE)
    assert differences(golden(), arrays, TOLERANCE) == []


def test_tolerance_is_relative_to_the_largest_value():
    large, tiny = {"a": np.array([1e6, 1.0])}, {"a": np.array([1e-6, 0.0])}
    assert differences(large, {"a": np.array([1e6, 1.0 + 50])}, TOLERANCE) == []
    assert differences(tiny, {"a": np.array([1e-6, 1e-8])}, TOLERANCE)


def test_the_width_of_integers_does_not_count():
    arrays = golden()
    arrays["classes"] = arrays["classes"].astype("uint8")
    assert differences(golden(), arrays, TOLERANCE) == []


def test_outcome_tells_class_and_name():
    def fail():
        raise FileNotFoundError("no model.h5 here")

    assert outcome(lambda: 1, ValueError) == "ok"
    assert outcome(fail) == "FileNotFoundError"
    assert outcome(fail, ValueError, OSError) == "OSError"
    assert outcome(fail, OSError, naming="model.h5") == "OSError naming model.h5"
    assert outcome(fail, OSError, naming="other.h5") == "OSError"


def test_printed_catches_and_gives_back(capfd):
    with printed(1, 2) as text:
        print("inside")
    print("outside")
    assert text == ["inside\n"]
    assert capfd.readouterr().out == "outside\n"


def test_object_arrays_are_refused():
    case = registry.Case("odd", "group", lambda K, keras, load: {"a": [None, 1]}, (), {}, TOLERANCE, "2.3.1")

    class Backend:
        clear_session = staticmethod(lambda: None)

    with pytest.raises(TypeError, match="object array"):
        registry.run_case(case, Backend, None, 0)


def test_cases_name_only_rows_there_are():
    with pytest.raises(ValueError, match="unknown rows"):
        registry.case(rows=["no-such-row"])(golden)


def test_two_cases_of_one_name_are_refused():
    name = next(iter(registry.all_cases()))
    again = type(golden)(golden.__code__, globals(), name)
    with pytest.raises(ValueError, match="keys of the manifest"):
        registry.case()(again)
