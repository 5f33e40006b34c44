"""Tests the tester: faults planted in k2compat must be reported by the checks of the suite."""

import contextlib
from unittest import mock

import numpy as np
import pytest
from kerases import keras

from goldens import registry, store
from goldens.compare import differences
from k2compat import backend as K
from k2compat.graph.updates import Update
from reference import finite

pytestmark = pytest.mark.reference

CASES, GOLDENS = registry.all_cases(), store.read_arrays()


def on_function(change):
    """A K.function whose results are changed, those of its first call too."""
    make = K.function

    def planted(*args, **kwargs):
        function = make(*args, **kwargs)
        return lambda values=(): change(function(values))

    return mock.patch.object(K, "function", planted)


def one_thousandth_off(values):
    return [values[0] * np.float32(1.001), *values[1:]]


def outputs_swapped(values):
    return [values[1], values[0], *values[2:]]


def wider_dtype(values):
    return [values[0].astype("float64"), *values[1:]]


def integers(values):
    return [np.rint(values[0]).astype("int32"), *values[1:]]


def weights_that_stay():
    """Updates are computed and not stored: the weights that are read afterwards are stale."""
    return mock.patch.object(Update, "run", lambda self, *args, **kwargs: None)


def gradients_changed(change):
    make = K.gradients
    return mock.patch.object(K, "gradients", lambda loss, variables: change(make(loss, variables)))


# Case -> the fault, and arrays that must be named.
PLANTED = [
    ("saliency_of_both_siamese_inputs", lambda: on_function(one_thousandth_off), {"left"}),
    ("saliency_of_both_siamese_inputs", lambda: on_function(outputs_swapped), {"left", "right"}),
    ("saliency_of_both_siamese_inputs", lambda: on_function(wider_dtype), {"left"}),
    ("saliency_of_both_siamese_inputs", lambda: on_function(integers), {"left"}),
    ("reinforce_by_hand_written_updates", weights_that_stay, {"w1", "losses", "rate"}),
    ("soft_target_update", weights_that_stay, {"w00", "w01", "w02", "w03"}),
]


@pytest.mark.parametrize(("name", "plant", "named"), PLANTED)
def test_a_planted_fault_is_reported(name, plant, named, fresh_session):
    case = CASES[name]
    with plant():
        found = registry.run_case(case, K, keras, store.SEED)
    problems = differences(GOLDENS[name], found, case.tolerance)
    assert {problem.split(":")[0] for problem in problems} == named


def off_by_one_thousandth(gradients):
    return [gradients[0] * 1.001, *gradients[1:]]


def swapped(gradients):
    return [gradients[1], gradients[0], *gradients[2:]]


def one_element_off(gradients):
    shape = K.int_shape(gradients[-1])
    factor = np.ones(shape)
    factor[(0,) * len(shape)] = 1.001
    return [*gradients[:-1], gradients[-1] * K.constant(factor)]


@pytest.mark.parametrize("change", [off_by_one_thousandth, swapped, one_element_off])
def test_finite_differences_report_a_wrong_gradient(change, fresh_session):
    case = CASES["saliency_of_both_siamese_inputs"]
    for plant, wrong in [(contextlib.nullcontext(), False), (gradients_changed(change), True)]:
        with plant:
            checked, unchecked, error = finite.largest_error(case, K, keras)
        assert checked == 3 and unchecked == 0
        assert (error > finite.TOLERANCE) == wrong


def test_finite_differences_report_a_stale_weight(fresh_session):
    """A function that never sees new weights gives the same loss everywhere."""

    def case(K, keras, load):
        v = K.variable([1.0, 2.0])
        stale = K.constant([1.0, 2.0])
        loss = K.sum(K.square(stale) + 0.0 * v)
        return {"value": K.function([], [loss, *K.gradients(K.sum(K.square(v)), v)])([])[0]}

    good = registry.Case("good", "group", case, (), {}, 1e-4, "2.3.1")
    assert finite.largest_error(good, K, keras)[2] <= finite.TOLERANCE
    with mock.patch.object(K, "set_value", lambda variable, value: None):
        assert finite.largest_error(good, K, keras)[2] > 0.5
