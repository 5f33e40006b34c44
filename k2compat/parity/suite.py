"""A library's own tests in every Keras: the real Keras 2, tf_keras and Keras 3, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from k2compat.errors import K2ValueError, three_parts

# Test id -> "passed", "failed" or "skipped".
Outcomes = dict[str, str]
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
RUN = ("-m", "k2compat", "run", "--keras")
# TensorFlow 2 sets the switch of its behaviour for processes that it starts; TensorFlow 1 would obey.
OF_KERAS_2 = {"PYTHONPATH": "", "TF2_BEHAVIOR": "0"}


@dataclass(frozen=True)
class SuiteSide:
    """One of the places where a suite is run.

    Attributes:
        name: what the table calls it.
        command: the words in front of ``-m pytest``.
        environment: what is set beside the present environment.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def sides(legacy_python: str | None = None) -> list[SuiteSide]:
    """Return where a suite is run: Keras 2 itself if there is a Python that has it, tf_keras and Keras 3.

    Args:
        legacy_python: a Python with Keras 2 and TensorFlow 1.
    """
    old = [SuiteSide("Keras 2", (legacy_python,), OF_KERAS_2)] if legacy_python else []
    new = [
        SuiteSide(name, (sys.executable, *RUN, kind)) for name, kind in (("tf_keras", "keras2"), ("Keras 3", "keras3"))
    ]
    return old + new


def outcomes(side: SuiteSide, arguments: Sequence[str], folder: str | Path, seconds: float | None = None) -> Outcomes:
    """Run a suite in one place.

    Args:
        side: the place.
        arguments: of pytest.
        folder: where it is started.
        seconds: how long it may take; what has not run by then is not counted.

    Returns:
        Test id -> outcome; a file that cannot be imported is one that failed.

    Raises:
        ValueError: pytest did not come to its end; the message has the last lines that it wrote.
    """
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        command = [*side.command, "-m", "pytest", *arguments, f"--junitxml={report}"]
        environment = {**os.environ, **side.environment}
        try:
            ran = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            raise unfinished(side, f"more than {seconds:.0f} seconds") from None
        if not report.exists():
            raise unfinished(side, (ran.stdout + ran.stderr)[-2000:])
        return read(report)


def unfinished(side: SuiteSide, reason: str) -> K2ValueError:
    """Return the error for a suite that did not come to its end."""
    return K2ValueError(
        three_parts(
            f"the tests in {side.name} did not run to their end: {reason}",
            "a report of pytest.",
            f"run {' '.join((*side.command, '-m', 'pytest'))} in that folder to see why.",
        )
    )


def read(report: Path) -> Outcomes:
    """Return the outcomes in a JUnit report; a test counts as failed if any part of it failed."""
    found: Outcomes = {}
    for test in ElementTree.parse(report).getroot().iter("testcase"):
        name = "::".join(part for part in (test.get("classname"), test.get("name")) if part)
        kinds = {child.tag for child in test}
        outcome = FAILED if kinds & {"failure", "error"} else SKIPPED if "skipped" in kinds else PASSED
        found[name] = FAILED if FAILED in (outcome, found.get(name)) else outcome
    return found


def table(found: Mapping[str, Outcomes]) -> str:
    """Return the outcomes of several places as a table, with the tests whose outcomes differ below it.

    Args:
        found: name of a place -> its outcomes.
    """
    width = max(map(len, found))
    lines = [f"{'':{width}}  passed  failed  skipped"]
    for name, tests in found.items():
        counts = [sum(outcome == kind for outcome in tests.values()) for kind in (PASSED, FAILED, SKIPPED)]
        lines.append(f"{name:{width}}  {counts[0]:6}  {counts[1]:6}  {counts[2]:7}")
    for test, outcome in different(found).items():
        lines.append(f"{test}: " + ", ".join(f"{outcome[name]} in {name}" for name in found))
    return "\n".join(lines)


def different(found: Mapping[str, Outcomes]) -> dict[str, dict[str, str]]:
    """Return test id -> (name of a place -> outcome), for the tests that do not end the same way everywhere."""
    tests = sorted({test for outcomes in found.values() for test in outcomes})
    each = {test: {name: outcomes.get(test, "missing") for name, outcomes in found.items()} for test in tests}
    return {test: outcome for test, outcome in each.items() if len(set(outcome.values())) > 1}
