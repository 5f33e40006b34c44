"""A pytest plugin for Keras's own tests: imports k2compat before them if asked to, and writes down what came out."""

import json
import sys
import types
from pathlib import Path

import pytest

# A test's outcome is the worst of its phases.
ORDER = ("passed", "skipped", "xfailed", "failed")


def pytest_addoption(parser):
    group = parser.getgroup("keras suite")
    group.addoption("--with-k2compat", action="store_true", help="Apply the repairs before the tests are imported.")
    group.addoption("--without-repair", action="append", default=[], help="Undo this repair again.")
    group.addoption("--outcomes", help="The JSON file for the outcomes.")


def pytest_configure(config):
    config.addinivalue_line("markers", "requires_trainable_backend: always the case")
    config.addinivalue_line("markers", "multi_device: of Keras")
    sys.modules.setdefault("conftest", conftest())
    if config.getoption("--with-k2compat"):
        import k2compat.backend

        for repair in k2compat.repairs():
            if repair.name in config.getoption("--without-repair"):
                repair.undo()
    if config.getoption("--outcomes") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Outcomes(Path(config.getoption("--outcomes"))))


def pytest_collection_modifyitems(items):
    for item in items:
        if "multi_device" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="Requires multiple devices"))


def conftest():
    """Make the module that Keras's tests import from the root of its repository, which the wheel lacks."""
    module = types.ModuleType("conftest")

    def skip_if_backend(name, reason):
        import keras

        return pytest.mark.skipif(keras.backend.backend() == name, reason=reason)

    module.skip_if_backend = skip_if_backend
    return module


class Outcomes:
    """The outcome of each test, and the last line of the error of those that failed."""

    def __init__(self, path):
        self.path = path
        self.found = {}

    def pytest_runtest_logreport(self, report):
        outcome = "xfailed" if hasattr(report, "wasxfail") and report.outcome == "skipped" else report.outcome
        before = self.found.get(report.nodeid, ["passed", ""])
        error = error_of(report) if outcome == "failed" else ""
        self.found[report.nodeid] = max(before, [outcome, error], key=lambda pair: ORDER.index(pair[0]))

    def pytest_collectreport(self, report):
        if report.failed:
            self.found[report.nodeid] = ["failed", error_of(report)]

    def pytest_sessionfinish(self):
        self.path.write_text(json.dumps(self.found, indent=0))


def error_of(report):
    """Return the line of a report that says what went wrong."""
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = str(crash.message if crash else report.longrepr).strip().splitlines()
    return (lines[0] if crash else lines[-1])[:300] if lines else ""
