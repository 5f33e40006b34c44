"""``pytest --every-keras``: a suite in each Keras, and the table of what came out."""

import subprocess
import sys
from pathlib import Path

import pytest

from k2compat.parity import suite
from k2compat.parity.pytest_plugin import without_options

SUITE = """
import os
import pytest

OLD = os.environ.get("TF_USE_LEGACY_KERAS") == "1"

def test_passes():
    pass

def test_fails_in_one():
    assert OLD

@pytest.mark.skipif(not OLD, reason="of Keras 2")
def test_of_keras2():
    pass
"""
ROOT = str(Path(__file__).parent.parent.parent)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "test_library.py").write_text(SUITE)
    monkeypatch.setenv("PYTHONPATH", ROOT)
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    monkeypatch.delenv("TF_USE_LEGACY_KERAS", raising=False)
    return tmp_path


@pytest.mark.slow
def test_the_table_says_where_a_suite_passes(folder):
    places = {place.name: suite.outcomes(place, ["-q", "-p", "no:cacheprovider"], folder) for place in suite.sides()}
    assert places["tf_keras"] == dict.fromkeys(places["tf_keras"], "passed")
    assert sorted(places["Keras 3"].values()) == ["failed", "passed", "skipped"]
    assert (
        suite.table(places)
        == """\
          passed  failed  skipped
tf_keras       3       0        0
Keras 3        1       1        1
test_library::test_fails_in_one: passed in tf_keras, failed in Keras 3
test_library::test_of_keras2: passed in tf_keras, skipped in Keras 3"""
    )


@pytest.mark.slow
def test_the_option_runs_the_suite_there_and_not_here(folder):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--every-keras", "-k", "fails"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "test_library::test_fails_in_one: passed in tf_keras, failed in Keras 3" in done.stdout
    assert "1 failed" not in done.stdout


def test_a_suite_that_does_not_run_is_an_error(folder):
    place = suite.SuiteSide("nowhere", (sys.executable, "-c", "raise SystemExit('no such thing')"))
    with pytest.raises(ValueError, match="the tests in nowhere did not run to their end: no such thing"):
        suite.outcomes(place, [], folder)


def test_options_of_its_own_are_not_passed_on():
    given = ["-q", "--every-keras", "--legacy-python", "old/python", "tests", "--legacy-python=other"]
    assert without_options(given) == ["-q", "tests"]
