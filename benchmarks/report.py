"""Writes measured workloads down: a table on the screen, Markdown, and the data of both for JSON."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.contenders import CONTENDERS, CONTROL, OURS, REFERENCE, SUBJECT
from benchmarks.curves import SUMMARIES, Curve
from benchmarks.measure import MEASURES, Measured, Plan
from benchmarks.ratios import Ratio, findings, losing, ratio, ratios

MILLISECONDS_FROM = 10.0


class Report:
    """The measurements of one workload; see ``TimedReport`` and ``CurveReport``.

    Attributes:
        name, title: of the workload.
        agreement: the largest difference between the contenders' results.
        versions: contender -> versions of what it ran on.
        plan: how often everything was measured.
        machine: what it was measured on.
        findings: sentences: where this package loses.
    """

    kind = ""
    headings: list[str]

    def __init__(self, name: str, title: str, agreement: float, versions: dict[str, Any], plan: Plan, machine: Any):
        self.name = name
        self.title = title
        self.agreement = agreement
        self.versions = versions
        self.plan = plan
        self.machine = machine
        self.findings = self.find()

    def find(self) -> list[str]:
        raise NotImplementedError

    def rows(self) -> list[list[str]]:
        """One row for each contender: its name, then what the headings say."""
        raise NotImplementedError

    def number(self, measure: str, subject: str, against: str | None) -> Ratio | None:
        """How a contender's measure relates to another's, or is by itself; None where that was not measured."""
        raise NotImplementedError

    def title_of(self, measure: str) -> str:
        raise NotImplementedError

    def unit_of(self, measure: str) -> str:
        raise NotImplementedError

    def own_data(self) -> dict[str, Any]:
        """What was measured, and what was computed of it, for JSON."""
        raise NotImplementedError

    @property
    def turns(self) -> str:
        return f"{self.plan.starts} processes for each contender"

    @property
    def note(self) -> str:
        return (
            f"Medians, and median ratios to {REFERENCE} with their quartiles; {self.turns}. "
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
        sentences = "\n".join(f"- {sentence}" for sentence in self.findings)
        return f"## {self.title}\n\n{markdown_table([self.headings, *self.rows()])}\n\n{self.note}\n\n{sentences}\n"

    def data(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "workload": self.name,
            "kind": self.kind,
            "title": self.title,
            "machine": self.machine,
            "plan": asdict(self.plan),
            "agreement": self.agreement,
            "versions": self.versions,
            **self.own_data(),
            "findings": self.findings,
        }


class TimedReport(Report):
    """The times of one workload."""

    kind = "timed"

    def __init__(self, measured: Measured, *about: Any):
        self.measured = measured
        super().__init__(*about)

    def find(self) -> list[str]:
        return findings(self.measured)

    @property
    def turns(self) -> str:
        return f"{super().turns}, {self.plan.calls} turns of calls, {self.plan.rebuilds} set-ups"

    @property
    def measures(self) -> list[str]:
        return [measure for measure in MEASURES if self.measured.seconds[measure]]

    @property
    def headings(self) -> list[str]:  # type: ignore[override]
        return ["", *(MEASURES[measure] for measure in self.measures)]

    def rows(self) -> list[list[str]]:
        related = ratios(self.measured)
        return [[name, *(self.cell(measure, name, related) for measure in self.measures)] for name in self.versions]

    def cell(self, measure: str, name: str, related: dict[str, Any]) -> str:
        time = duration(statistics.median(self.measured.seconds[measure][name]))
        return time if name == REFERENCE else f"{time}, {related[measure][name]}"

    def number(self, measure: str, subject: str, against: str | None) -> Ratio | None:
        times = self.measured.seconds[measure]
        if subject not in times or against not in times:
            return None
        return ratio(times[subject], times[against])

    def title_of(self, measure: str) -> str:
        return MEASURES[measure]

    def unit_of(self, measure: str) -> str:
        return "s"

    def own_data(self) -> dict[str, Any]:
        related = {
            measure: {name: asdict(found) for name, found in of_all.items()}
            for measure, of_all in ratios(self.measured).items()
        }
        return {"seconds": self.measured.seconds, "ratios": related}


class CurveReport(Report):
    """The curves of one workload.

    Attributes:
        axis, unit: what the points count, and of what the values are.
        summaries: what the curves come down to.
    """

    kind = "traced"

    def __init__(self, curve: Curve, axis: str, unit: str, summaries: Sequence[str], *about: Any):
        self.curve = curve
        self.axis = axis
        self.unit = unit
        self.summaries = list(summaries)
        super().__init__(*about)

    def find(self) -> list[str]:
        """Where a number that is compared is larger than another contender's."""
        if SUBJECT not in self.curve.values:
            return []
        others = [name for name in self.curve.values if name not in (*OURS, CONTROL)]
        found = [
            losing(SUMMARIES[summary].title, name, self.curve.ratio(summary, SUBJECT, name), CONTENDERS[name].limit)
            for summary in self.compared
            for name in others
        ]
        sentences = [sentence for sentence in found if sentence]
        if self.compared and not sentences:
            sentences = [f"{SUBJECT} is slower than no other contender."]
        if self.compared and CONTROL in self.curve.values:
            control = self.curve.ratio(self.compared[0], CONTROL, REFERENCE)
            sentences.append(f"Noise: {REFERENCE} against itself in a second process: {control}.")
        return sentences

    @property
    def compared(self) -> list[str]:
        return [summary for summary in self.summaries if SUMMARIES[summary].compared]

    @property
    def headings(self) -> list[str]:  # type: ignore[override]
        ends = [f"{self.axis}: {point}" for point in (self.curve.points[0], self.curve.points[-1])]
        return ["", *ends, *map(self.title_of, self.summaries)]

    def rows(self) -> list[list[str]]:
        return [self.row(name) for name in self.curve.values]

    def row(self, name: str) -> list[str]:
        medians = self.curve.medians(name)
        short = f" (up to {self.curve.points[len(medians) - 1]})" if len(medians) < len(self.curve.points) else ""
        ends = [f"{medians[0]:.3g} {self.unit}", f"{medians[-1]:.3g} {self.unit}{short}"]
        return [name, *ends, *(self.cell(summary, name) + short for summary in self.summaries)]

    def cell(self, summary: str, name: str) -> str:
        value = f"{self.curve.summed_up(summary, name).median:.3g} {self.unit_of(summary)}".rstrip()
        if name == REFERENCE or REFERENCE not in self.curve.values or not SUMMARIES[summary].compared:
            return value
        return f"{value}, {self.curve.ratio(summary, name, REFERENCE)}"

    def number(self, measure: str, subject: str, against: str | None) -> Ratio | None:
        values = self.curve.values
        if subject not in values or (against and against not in values):
            return None
        return self.curve.ratio(measure, subject, against) if against else self.curve.summed_up(measure, subject)

    def title_of(self, measure: str) -> str:
        return SUMMARIES[measure].title

    def unit_of(self, measure: str) -> str:
        return self.unit if SUMMARIES[measure].own_unit else ""

    def own_data(self) -> dict[str, Any]:
        curve = self.curve
        about = {"axis": self.axis, "unit": self.unit, "summaries": self.summaries}
        return {**about, "points": list(curve.points), "values": curve.values}


def from_data(data: dict[str, Any]) -> Report:
    """The report whose ``data`` these are."""
    plan = Plan(**data["plan"])
    about = (data["workload"], data["title"], data["agreement"], data["versions"], plan, data["machine"])
    if data["kind"] == TimedReport.kind:
        return TimedReport(Measured(data["seconds"], versions=data["versions"]), *about)
    curve = Curve(data["points"], data["values"], versions=data["versions"])
    return CurveReport(curve, data["axis"], data["unit"], data["summaries"], *about)


def markdown_table(lines: Sequence[Sequence[str]]) -> str:
    """A table whose first line is its headings."""
    ruled = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "\n".join(f"| {' | '.join(line)} |" for line in ruled)


def duration(seconds: float) -> str:
    """A time in the unit that reads best."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    milliseconds = seconds * 1e3
    if milliseconds >= 10_000:
        return f"{seconds:.1f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= MILLISECONDS_FROM else f"{milliseconds:.2f} ms"


def machine() -> dict[str, Any]:
    """What measurements run on."""
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


def machine_lines(reports: Sequence[Report]) -> str:
    """The machines and the versions, a line each."""
    machines = dict.fromkeys(
        f"{found['cores']} cores of {found['processor']}, {found['system']}."
        for found in (report.machine for report in reports)
    )
    names: dict[str, set[str]] = {}
    for report in reports:
        for name, had in report.versions.items():
            versions = f"Keras {had['keras']}, TensorFlow {had['tensorflow']}, Python {had['python']}"
            names.setdefault(versions, set()).add(name)
    return "\n".join([*machines, *(f"{versions}: {', '.join(sorted(of_it))}." for versions, of_it in names.items())])
