"""Rule swap.attribute."""

import pytest

from migrate.cases import check_manual, check_noop, check_transformed
from migrate.swap_cases import ATTRIBUTES, ATTRIBUTES_THAT_STAY

RULE = "swap."


@pytest.mark.parametrize("before", ATTRIBUTES)
def test_the_backend_through_its_package(before):
    check_transformed(before, ATTRIBUTES[before], RULE)


@pytest.mark.parametrize(("source", "manual"), ATTRIBUTES_THAT_STAY)
def test_what_stays(source, manual):
    check_noop(source, "swap.attribute", manual=manual)


def test_one_suppressed_line_keeps_all_that_goes_through_the_name():
    check_noop("import keras\nkeras.backend.mean(1)\nkeras.backend.sum(2)  # k2compat: ignore\n", RULE)


def test_each_line_is_in_the_report():
    done = check_transformed(
        "import keras\n\nkeras.backend.mean(1)\nkeras.backend.sum(2)\n",
        "import keras\nfrom k2compat import backend as K\n\nK.mean(1)\nK.sum(2)\n",
        RULE,
    )
    assert [(entry.line, entry.new_line) for entry in done.changes] == [(1, 1), (3, 4), (4, 5)]
    check_manual(done, [])
