"""Replays every golden case under k2compat and compares with what real Keras 2 on TensorFlow 1.15 computed."""

import numpy as np
import pytest
from kerases import KIND, keras

from goldens import registry, store
from goldens.compare import difference, differences, largest_error
from goldens.rows import ROWS
from k2compat import backend as K
from k2compat.adapters.registry import ADAPTERS
from reference.catalogue import KNOWN_GAPS
from reference.table import told

pytestmark = pytest.mark.reference

CASES = registry.all_cases()
MANIFEST = store.read_manifest()
GOLDENS = store.read_arrays()


def parameters():
    for case in CASES.values():
        reason = KNOWN_GAPS.get((KIND, case.name))
        marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
        yield pytest.param(case, id=f"{case.group}-{case.name}-{KIND}", marks=marks)


def expected_arrays(case):
    """The golden, with the deliberate differences in place of what they differ from."""
    return {**GOLDENS[case.name], **{name: differs.value for name, differs in case.differs.items()}}


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")  # Keras 3 tells where a mask ends
@pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras and NumPy, on saving
@pytest.mark.filterwarnings("ignore:`epsilon` argument is deprecated")  # as Keras 2 said
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")  # tf_keras
@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")  # Keras 3 on what was the way to write it
@pytest.mark.parametrize("case", list(parameters()))
def test_case_gives_its_golden(case, record_property, fresh_session):
    told(record_property, case, "golden")
    found = registry.run_case(case, K, keras, MANIFEST["seed"])
    told(record_property, case, "golden", largest_error(expected_arrays(case), found))
    problems = differences(expected_arrays(case), found, case.tolerance)
    assert not problems, "\n".join([f"{case.name} is not what Keras {case.keras} gives:", *problems])


@pytest.mark.parametrize("row", list(ROWS))
def test_row_is_covered(row):
    covering = [case.name for case in CASES.values() if row in case.rows]
    assert covering, f"no case covers the row {row!r}: {ROWS[row]}"


def test_every_case_is_recorded_and_nothing_else():
    assert set(GOLDENS) == set(CASES) == set(MANIFEST["cases"])


@pytest.mark.parametrize("case", list(CASES.values()), ids=list(CASES))
def test_manifest_describes_the_arrays(case):
    assert MANIFEST["cases"][case.name] == store.describe(case, GOLDENS[case.name])


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.differs], ids=lambda case: case.name)
def test_deliberate_difference_is_one(case):
    for name, differs in case.differs.items():
        golden, value = GOLDENS[case.name][name], np.asarray(differs.value)
        assert difference(golden, value, case.tolerance), f"{name}: the golden says the same; drop the exception"
        assert differs.reason


def test_manifest_names_the_judges():
    judges = {case.keras for case in CASES.values()}
    assert judges == set(MANIFEST["recorded_with"])
    for versions in MANIFEST["recorded_with"].values():
        assert versions["tensorflow"].startswith("1.15")
        assert versions["python"].startswith("3.7")


def test_models_are_those_the_goldens_were_recorded_with():
    assert store.model_digests() == MANIFEST["models"]


def test_known_gaps_are_cases():
    assert {name for _, name in KNOWN_GAPS} <= set(CASES)
    assert {kind for kind, _ in KNOWN_GAPS} <= set(ADAPTERS)
