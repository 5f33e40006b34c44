"""Rule swap.third-party-backend."""

import pytest

from migrate.cases import check_noop
from migrate.swap_cases import THIRD_PARTY_BACKENDS


@pytest.mark.parametrize(("source", "manual"), THIRD_PARTY_BACKENDS)
def test_what_is_reported(source, manual):
    check_noop(source, "swap.third-party-backend", manual=manual)
