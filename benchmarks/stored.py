"""Reads and writes the JSON of measured workloads, so that a long run can be split, joined and printed again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks import workloads
from benchmarks.report import Report, from_data


def write(file: Path, reports: Sequence[Report]) -> None:
    """Writes reports to a file."""
    file.write_text(json.dumps({"workloads": [report.data() for report in reports]}, indent=1), encoding="utf-8")


def read(files: Sequence[Path]) -> list[Report]:
    """The reports of several files, in the order of the workloads; of a workload in two files the later file's.

    Raises:
        ValueError: a file is not one that ``write`` wrote.
    """
    found: dict[str, Report] = {}
    for file in files:
        try:
            reports = [from_data(data) for data in json.loads(file.read_text(encoding="utf-8"))["workloads"]]
        except (OSError, KeyError, TypeError, ValueError) as error:
            message = f"{file}: expected a file written by --json, and it cannot be read as one: {error!r}"
            raise ValueError(message) from error
        found.update((report.name, report) for report in reports)
    order = workloads.names()
    return sorted(found.values(), key=lambda report: order.index(report.name) if report.name in order else len(order))
