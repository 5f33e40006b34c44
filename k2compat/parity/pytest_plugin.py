"""The pytest fixture ``parity``: keeps a comparison of a team's own model in its test suite.

Installed with the package; ``pytest --parity-record`` writes the recordings again that tests compare with;
``pytest --every-keras`` runs the suite in each Keras, and prints where it passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from k2compat.parity.recording import Recording
    from k2compat.parity.side import Parity

OPTION = "--parity-record"
EVERY, LEGACY = "--every-keras", "--legacy-python"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        OPTION, action="store_true", help="write the recordings again that tests with `parity` compare with"
    )
    parser.addoption(
        EVERY,
        action="store_true",
        help="run the suite under k2compat in tf_keras and in Keras 3, each in a process of its own, and print a table",
    )
    parser.addoption(LEGACY, metavar="PYTHON", help=f"with {EVERY}: a Python with Keras 2, where the suite runs, too")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run the suite in each Keras instead of here, if that is asked for.

    Returns:
        1 if a test fails anywhere; None to go on as usual.
    """
    if not config.getoption(EVERY):
        return None
    from k2compat.parity import suite

    arguments = without_options(list(config.invocation_params.args))
    places = suite.sides(config.getoption(LEGACY))
    found = {place.name: suite.outcomes(place, arguments, config.invocation_params.dir) for place in places}
    print(suite.table(found))
    return int(any(outcome == suite.FAILED for tests in found.values() for outcome in tests.values()))


def without_options(arguments: list[str]) -> list[str]:
    """Return arguments of pytest without those that ask for every Keras."""
    kept, given = [], iter(arguments)
    for argument in given:
        if argument == LEGACY:
            next(given, None)
        elif argument != EVERY and not argument.startswith(f"{LEGACY}="):
            kept.append(argument)
    return kept


@pytest.fixture
def parity(request: pytest.FixtureRequest, tmp_path: Path) -> Checks:
    """Check that results stayed: ``parity.script(...)`` and ``parity.kept(...)``."""
    return Checks(request.config.getoption(OPTION), tmp_path)


class Checks:
    """What the fixture gives.

    Args:
        again: whether recordings are written again.
        scratch: a folder for what need not be kept.
    """

    def __init__(self, again: bool, scratch: Path):
        self._again, self._scratch = again, scratch

    def script(self, script: str | Path, *arguments: str, **options: Any) -> Parity:
        """Run a script in graph mode and under k2compat, as the command does.

        Args:
            script: the file.
            *arguments: for the script.
            **options: of ``k2compat.parity.parity``, such as ``rtol`` and ``legacy_python``.

        Returns:
            What came out.

        Raises:
            AssertionError: results differ, or a side failed; the message is the report.
        """
        from k2compat.parity import report
        from k2compat.parity.run import parity as run

        options.setdefault("folder", self._scratch / "parity")
        done = run(script, arguments, **options)
        if done.exit_code:
            pytest.fail(report.plain(report.rendered(done)), pytrace=False)
        return done

    @contextmanager
    def kept(self, folder: str | Path, rtol: float = 1e-4, atol: float = 1e-8) -> Iterator[None]:
        """Compare what a block pulls out of the backend with a recording that is kept in the repository.

        Results belong together by their order, so that lines may move. Recordings are made by this, with
        ``--parity-record``; or by the command's ``--keep``, which has that of graph mode in ``reference``.

        Args:
            folder: of the recording.
            rtol, atol: how far values may be apart: ``rtol`` of the array's largest absolute value, plus ``atol``.

        Raises:
            AssertionError: results differ, or there is no recording; the message says so.
        """
        from k2compat.parity.in_process import record
        from k2compat.parity.recording import Recording
        from k2compat.parity.report import as_text
        from k2compat.parity.verdicts import compare

        if self._again:
            with record(folder) as made:
                yield
            check_not_empty(made)
            return
        reference = Recording(folder)
        if not reference.ended:
            pytest.fail(f"there is no recording in {folder}; run pytest {OPTION} to make it", pytrace=False)
        with record(self._scratch / "recording") as found:
            yield
        check_not_empty(found)
        comparison = compare(reference, found, rtol=rtol, atol=atol, places=False)
        if not comparison.equal:
            pytest.fail(as_text(comparison), pytrace=False)


def check_not_empty(recording: Recording) -> None:
    """Fail where a block computed nothing that could be compared."""
    if not recording.events:
        pytest.fail(
            "The block of parity.kept recorded no result. Call a K.function, K.eval, predict or similar inside it.",
            pytrace=False,
        )
