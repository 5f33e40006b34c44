"""Checks every gradient a use shape takes by finite differences."""

import pytest
from kerases import KIND, keras

from k2compat import backend as K
from reference import finite
from reference.catalogue import UNCHECKED, takes_gradients, use_shapes
from reference.table import told

pytestmark = pytest.mark.reference

SHAPES = [case for case in use_shapes().values() if takes_gradients(case)]


def parameters():
    for case in SHAPES:
        reason = UNCHECKED.get(case.name) or UNCHECKED.get((KIND, case.name))
        marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
        yield pytest.param(case, id=f"{case.group}-{case.name}-{KIND}", marks=marks)


@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")
@pytest.mark.parametrize("case", list(parameters()))
def test_gradients_are_finite_differences(case, record_property, fresh_session):
    told(record_property, case, "differences")
    checked, unchecked, error = finite.largest_error(case, K, keras)
    told(record_property, case, "differences", error)
    assert checked and not unchecked, f"{checked} gradients were checked, {unchecked} were not"
    assert error <= finite.TOLERANCE


def test_exceptions_are_use_shapes_with_gradients():
    named = {name if isinstance(name, str) else name[1] for name in UNCHECKED}
    assert named <= {case.name for case in SHAPES}
