"""Settings that every test needs before TensorFlow is imported, and the tests that are about Keras 3 alone."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# TensorFlow's start-up notes would hide what a failing test prints.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# Last on the path: `benchmarks` and `goldens` are found, while an installed k2compat goes before the checkout's.
PLACES = (ROOT, ROOT / "tests", ROOT / "tests" / "support")
sys.path += [path for path in map(str, PLACES) if path not in sys.path]

pytest.register_assert_rewrite("repair.probes")

# What a file says that is about Keras 3 alone.
ONLY = "\npytestmark = pytest.mark.keras3_only\n"


def pytest_ignore_collect(collection_path):
    """Leave files about Keras 3 alone out of a run for Keras 2 before they import it: both would be in use then."""
    from chosen import IS_KERAS_2

    if IS_KERAS_2 and collection_path.suffix == ".py" and ONLY in collection_path.read_text(encoding="utf-8"):
        return True
    return None


def pytest_collection_modifyitems(config, items):
    """Leave single tests with the marker ``keras3_only`` out of a run for Keras 2."""
    from chosen import IS_KERAS_2

    out = [item for item in items if IS_KERAS_2 and item.get_closest_marker("keras3_only")]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if not item.get_closest_marker("keras3_only")]


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    """Fail what leaves settings behind, rather than a test that happens to come after it."""
    from leftovers import left_behind, settings

    before = settings()
    yield
    assert not left_behind(before, settings())


@pytest.fixture(scope="session")
def run_script():
    """Return the function that runs Python in a process of its own; see ``processes.run_script``."""
    from processes import run_script

    return run_script


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Return an empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
