"""Runs every use shape under k2compat and, live, in compat.v1 graph mode of the installed TensorFlow."""

import pytest
from kerases import KIND, keras

from goldens import registry, store
from goldens.compare import differences, largest_error
from k2compat import backend as K
from reference.catalogue import KNOWN_GAPS, LIVE_GAPS, use_shapes
from reference.live import GraphModeError, graph_mode, missing
from reference.table import told

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`"),
]


def parameters():
    for case in use_shapes().values():
        reason = LIVE_GAPS.get(case.name) or KNOWN_GAPS.get((KIND, case.name))
        marks = (
            [pytest.mark.xfail(reason=reason, strict=True, raises=(AssertionError, GraphModeError))] if reason else []
        )
        yield pytest.param(case, id=f"{case.group}-{case.name}-{KIND}", marks=marks)


@pytest.mark.parametrize("case", list(parameters()))
def test_graph_mode_agrees(case, record_property, fresh_session):
    told(record_property, case, "live")
    expected = graph_mode().ask("case", case.name)
    found = registry.run_case(case, K, keras, store.SEED)
    found = {**found, **{name: expected[name] for name in case.differs if name in expected}}
    told(record_property, case, "live", largest_error(expected, found))
    problems = differences(expected, found, case.tolerance)
    assert not problems, "\n".join([f"{case.name} is not what graph mode gives:", *problems])


def test_gaps_are_use_shapes():
    assert set(LIVE_GAPS) <= set(use_shapes())
