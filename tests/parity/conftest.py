"""A fresh session for each test here, and the table of use shapes after a run of the parity suite."""

import pytest

from parity import table


@pytest.fixture
def fresh_session():
    """Leaves no session, graph or learning phase behind."""
    from k2compat import backend as K

    yield
    K.clear_session()


def pytest_terminal_summary(terminalreporter, config):
    """Prints the table, if the run was about parity: one row for each use shape that ran."""
    if "parity" in config.option.markexpr and "not parity" not in config.option.markexpr:
        for line in table.lines(terminalreporter.stats, terminalreporter.isatty):
            terminalreporter.write_line(line)
