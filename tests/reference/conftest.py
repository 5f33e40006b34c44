"""A fresh session for each test here, and the table of use shapes after a run of the comparison."""

import pytest

from reference import table


@pytest.fixture
def fresh_session():
    """Leaves no session, graph or learning phase behind."""
    from k2compat import backend as K

    yield
    K.clear_session()


def pytest_terminal_summary(terminalreporter, config):
    """Prints the table, if the run was about these tests: one row for each use shape that ran."""
    if "reference" in config.option.markexpr and "not reference" not in config.option.markexpr:
        for line in table.lines(terminalreporter.stats, terminalreporter.isatty):
            terminalreporter.write_line(line)
