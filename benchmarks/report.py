"""Writes measured workloads down: a table on the screen, Markdown, JSON."""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.contenders import REFERENCE
from benchmarks.measure import MEASURES, Measured, Plan
from benchmarks.ratios import findings, ratios

MILLISECONDS_FROM = 10.0


class Report:
    """The measurements of one workload.

    Attributes:
        name, title: of the workload.
        measured: what was measured.
        agreement: the largest difference between the contenders' results.
    """

    def __init__(self, name: str, title: str, measured: Measured, agreement: float):
        self.name = name
        self.title = title
        self.measured = measured
        self.agreement = agreement
        self.findings = findings(measured)

    def rows(self) -> list[list[str]]:
        """One row for each contender: its name and, for each measure, the time and the ratio to the reference."""
        related = ratios(self.measured)
        return [
            [name, *(self.cell(measure, name, related) for measure in self.measures)] for name in self.measured.versions
        ]

    @property
    def measures(self) -> list[str]:
        return [measure for measure in MEASURES if self.measured.seconds[measure]]

    def cell(self, measure: str, name: str, related: dict[str, Any]) -> str:
        time = duration(statistics.median(self.measured.seconds[measure][name]))
        return time if name == REFERENCE else f"{time}, {related[measure][name]}"

    @property
    def note(self) -> str:
        return (
            f"Median time, and median ratio to {REFERENCE} with its quartiles. "
            f"The results of all contenders agree to {self.agreement:.0e} of the largest value."
        )

    def table(self) -> Table:
        """For the screen."""
        table = Table(title=self.title, caption=self.note, show_lines=True)
        for heading in self.headings:
            table.add_column(heading, overflow="fold")
        for row in self.rows():
            table.add_row(*(cell.replace(", ", "\n") for cell in row))
        return table

    def markdown(self) -> str:
        lines = [self.headings, ["---"] * len(self.headings), *self.rows()]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        sentences = "\n".join(f"- {sentence}" for sentence in self.findings)
        return f"### {self.title}\n\n{table}\n\n{self.note}\n\n{sentences}\n"

    @property
    def headings(self) -> list[str]:
        return ["", *(MEASURES[measure] for measure in self.measures)]

    def data(self) -> dict[str, Any]:
        """Everything measured, for JSON."""
        return {
            "workload": self.name,
            "title": self.title,
            "agreement": self.agreement,
            "versions": self.measured.versions,
            "seconds": self.measured.seconds,
            "ratios": {
                measure: {name: asdict(found) for name, found in of_all.items()}
                for measure, of_all in ratios(self.measured).items()
            },
            "findings": self.findings,
        }


def duration(seconds: float) -> str:
    """A time in the unit that reads best."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    milliseconds = seconds * 1e3
    if milliseconds >= 10_000:
        return f"{seconds:.1f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= MILLISECONDS_FROM else f"{milliseconds:.2f} ms"


def machine() -> dict[str, Any]:
    """What the measurements ran on."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "release": platform.release(),
    }


def processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def machine_line(reports: list[Report], plan: Plan) -> str:
    """One sentence on the machine, the versions and the plan."""
    found = machine()
    names: dict[str, set[str]] = {}
    for report in reports:
        for name, had in report.measured.versions.items():
            versions = f"Keras {had['keras']}, TensorFlow {had['tensorflow']}, Python {had['python']}"
            names.setdefault(versions, set()).add(name)
    return (
        f"{found['cores']} cores of {found['processor']}, {found['system']}. "
        f"For each contender {plan.starts} processes, {plan.calls} turns of calls, {plan.rebuilds} set-ups.\n"
        + "\n".join(f"{versions}: {', '.join(sorted(of_it))}." for versions, of_it in names.items())
    )
