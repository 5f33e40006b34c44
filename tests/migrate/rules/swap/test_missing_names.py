"""Rule swap.missing-names."""

import pytest

from migrate.cases import check_manual, check_noop, check_transformed
from migrate.swap_cases import MISSING_NAMES


@pytest.mark.parametrize(("source", "manual"), MISSING_NAMES)
def test_what_is_reported(source, manual):
    check_noop(source, "swap.missing-names", manual=manual)


def test_a_missing_name_does_not_keep_the_rest():
    done = check_transformed(
        "from keras import backend as K\nK.mean(1)\nK._helper(1)\n",
        "from k2compat import backend as K\nK.mean(1)\nK._helper(1)\n",
        "swap",
    )
    check_manual(done, [(3, "no `_helper`")])
