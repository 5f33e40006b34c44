"""The catalogue is what it says: enough use shapes in every group, and exceptions that are about something."""

from collections import Counter

import pytest
from paths import ROOT

from goldens import registry
from reference import table
from reference.catalogue import GROUP_OF_MODULE, GROUPS, takes_gradients, use_shapes

pytestmark = pytest.mark.reference


def test_every_group_has_use_shapes():
    counts = Counter(GROUP_OF_MODULE[case.group] for case in use_shapes().values())
    assert set(counts) == set(GROUPS)
    assert min(counts.values()) >= 5
    assert len(use_shapes()) >= 40


def test_the_readme_counts_them():
    assert f"{len(use_shapes())} use shapes in {len(GROUPS)} groups" in " ".join(
        (ROOT / "README.md").read_text().split()
    )


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("grad_cam_of_the_book", True),  # K.gradients in its own code
        ("wgan_gp_penalty", True),  # in a function of its module, too
        ("reinforce_with_adam", True),  # by an optimizer, in a function of its module
        ("class_activation_map", False),
        ("mc_dropout", False),
    ],
)
def test_what_takes_gradients(name, answer):
    assert takes_gradients(registry.all_cases()[name]) == answer


class Report:
    """A test's report."""

    def __init__(self, *told):
        self.user_properties = []
        for case, check, error in told:
            table.told(lambda *pair: self.user_properties.append(pair), case, check, error)


def test_the_table_tells_what_was_found():
    first, second, *_ = use_shapes().values()
    stats = {
        "passed": [Report((first, "golden", None), (first, "golden", 3e-7)), Report()],
        "failed": [Report((second, "live", None))],
        "xfailed": [Report((second, "differences", None))],
    }
    lines = table.lines(stats, colours=False)
    [row] = [line for line in lines if first.name in line]
    assert "yes" in row and "3e-07" in row and "heatmaps" in row
    [row] = [line for line in lines if second.name in line]
    assert "NO" in row and "gap" in row
    assert any("2 use shapes in 1 group" in line for line in lines)


def test_no_table_without_use_shapes():
    assert table.lines({"passed": [Report()]}, colours=False) == []
