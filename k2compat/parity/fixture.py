"""The pytest fixture ``parity``: keeps a comparison of a team's own model in its test suite.

Installed with the package; ``pytest --parity-record`` writes the recordings anew that tests compare with.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from k2compat.parity.run import Parity

OPTION = "--parity-record"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        OPTION, action="store_true", help="write the recordings anew that tests with `parity` compare with"
    )


@pytest.fixture
def parity(request: pytest.FixtureRequest, tmp_path: Path) -> Checks:
    """Checks that results stayed: ``parity.script(...)`` and ``parity.kept(...)``."""
    return Checks(request.config.getoption(OPTION), tmp_path)


class Checks:
    """What the fixture gives.

    Args:
        anew: whether recordings are written anew.
        scratch: a folder for what need not be kept.
    """

    def __init__(self, anew: bool, scratch: Path):
        self._anew, self._scratch = anew, scratch

    def script(self, script: str | Path, *arguments: str, **options: Any) -> Parity:
        """Runs a script in graph mode and under k2compat, as the command does.

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
        """Compares what a block pulls out of the backend with a recording that is kept in the repository.

        Results belong together by their order, so that lines may move. Recordings are made by this, with
        ``--parity-record``; or by the command's ``--keep``, which has that of graph mode in ``reference``.

        Args:
            folder: of the recording.
            rtol, atol: how far values may be apart: ``rtol`` of the array's largest absolute value, plus ``atol``.

        Raises:
            AssertionError: results differ, or there is no recording; the message says so.
        """
        from k2compat.parity.judge import compare
        from k2compat.parity.library import record
        from k2compat.parity.recording import Recording

        if self._anew:
            with record(folder):
                yield
            return
        reference = Recording(folder)
        if not reference.ended:
            pytest.fail(f"there is no recording in {folder}; run pytest {OPTION} to make it", pytrace=False)
        with record(self._scratch / "recording") as found:
            yield
        comparison = compare(reference, found, rtol=rtol, atol=atol, places=False)
        if not comparison.equal:
            pytest.fail(str(comparison), pytrace=False)
