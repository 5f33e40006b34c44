"""Rule swap.dynamic-import."""

import pytest

from migrate.cases import check_noop
from migrate.swap_cases import DYNAMIC_IMPORTS


@pytest.mark.parametrize(("source", "manual"), DYNAMIC_IMPORTS)
def test_what_is_reported(source, manual):
    check_noop(source, "swap.dynamic-import", manual=manual)
