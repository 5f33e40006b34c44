"""Runs Keras's own tests with and without k2compat, each in a process of its own, and compares the outcomes."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parent.parent
# The folders of Keras's source whose tests are run.
FOLDERS = (
    "activations",
    "callbacks",
    "constraints",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "regularizers",
    "saving",
    "trainers",
)


def package(name):
    """Return the folder above an installed package, without importing it."""
    return Path(importlib.util.find_spec(name).submodule_search_locations[0]).parent


def outcomes(root, selected, options=(), workers=0):
    """Run tests in another process.

    Args:
        root: the folder from which test ids are counted.
        selected: files, folders or test ids below it.
        options: of the plugin.
        workers: how many processes share the work.

    Returns:
        Test id -> [outcome, error].
    """
    with tempfile.TemporaryDirectory() as scratch:
        found = Path(scratch) / "outcomes.json"
        configuration, listed = Path(scratch) / "pytest.ini", Path(scratch) / "selected.txt"
        configuration.write_text("[pytest]\npython_files = *_test.py\n")
        listed.write_text("\n".join(map(str, selected)))
        command = [sys.executable, "-m", "pytest", "-q", "-c", str(configuration), f"--rootdir={root}"]
        command += ["-p", "keras_suite.plugin", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:warnings"]
        command += ["--continue-on-collection-errors"]
        command += ["--no-header", "--tb=no", "--timeout=900", *(["-n", str(workers)] if workers else [])]
        command += [f"--outcomes={found}", *options, f"@{listed}"]
        environment = {**os.environ, "PYTHONPATH": search_path(), "TF_CPP_MIN_LOG_LEVEL": "3"}
        ran = subprocess.run(
            command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if not found.exists():
            raise RuntimeError(f"the tests did not run to their end:\n{ran.stdout[-3000:]}")
        return json.loads(found.read_text())


def search_path():
    """Return the search path of the other process: this folder's parent, and where k2compat comes from."""
    places = [str(TESTS), str(package("k2compat")), os.environ.get("PYTHONPATH", "")]
    return os.pathsep.join(place for place in places if place)


def failing(found):
    """Return the ids of the tests that failed, or of files that could not be imported."""
    return sorted(test for test, (outcome, _) in found.items() if outcome == "failed")


def harmed(with_it, without):
    """Return test id -> error for what fails with k2compat and not without it."""
    bad = set(failing(without))
    return {test: with_it[test][1] for test in failing(with_it) if test not in bad}


def compare(root, selected, workers=0):
    """Return the outcomes with k2compat, and what it harms.

    The tests that fail with k2compat run again by themselves, without it and with it: others depend on what ran
    before them, or on chance.
    """
    found = outcomes(root, selected, ["--with-k2compat"], workers)
    different = failing(found)
    if different:
        different = list(harmed({test: found[test] for test in different}, outcomes(root, different)))
    again = harmed(outcomes(root, different, ["--with-k2compat"]), {}) if different else {}
    return found, again


def judge(found, different, accepted):
    """Return a sentence for each difference that is not accepted, and for each accepted one that is none.

    Args:
        found: test id -> [outcome, error] of the tests that ran.
        different: test id -> error of those that k2compat harms.
        accepted: test id -> (repair, reason).
    """
    unlisted = [f"{test} fails with k2compat: {error}" for test, error in different.items() if test not in accepted]
    ran = {test.partition("::")[0] for test in found}
    stale = [
        f"{test} is listed as an accepted difference ({repair}), but it is none: take it off the list"
        for test, (repair, _) in accepted.items()
        if test not in different and test.partition("::")[0] in ran
    ]
    return unlisted + stale


def disproved(root, accepted):
    """Return a sentence for each accepted difference that stays when the repair it names is undone."""
    tests = defaultdict(list)
    for test, (repair, _) in accepted.items():
        tests[repair].append(test)
    return [
        f"{test} is listed as the meaning of {repair}, but fails without that repair, too: {found[test][1]}"
        for repair, named in tests.items()
        for undone in [[f"--without-repair={name}" for name in repair.split(" and ")]]
        for found in [outcomes(root, named, ["--with-k2compat", *undone])]
        for test in named
        if found.get(test, ["failed"])[0] == "failed"
    ]
