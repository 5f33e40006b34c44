"""What has to be how fast: each target is a line of one table, and is judged by what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table

from benchmarks.contenders import EAGER, FROZEN, HAND, REAL, REFERENCE, SUBJECT, SUBJECT_ON_KERAS2
from benchmarks.ratios import Ratio
from benchmarks.report import Report, markdown_table

HEADINGS = ["workload", "measure", "who", "target", "measured", ""]
MET, MISSED, NOT_MEASURED = "met", "missed", "not measured"


@dataclass(frozen=True)
class Target:
    """The most that a measure may be.

    Attributes:
        workload, measure: of what; a measure of ``benchmarks.measure`` or a summary of ``benchmarks.curves``.
        at_most: as a ratio to ``against``; without that, in the unit of the measure.
        against: a contender.
        subject: whose measure it is.
    """

    workload: str
    measure: str
    at_most: float
    against: str | None = None
    subject: str = SUBJECT


HEATMAPS = ("resnet50", "resnet50_batch8", "vgg16", "vgg16_batch8", "mobilenetv2", "mobilenetv2_batch8")
# Workload -> the most against the reference, and against the real Keras 2, of both Keras versions.
PROGRAMS = {
    "predict": (0.80, 1.0),
    "predict_on_batch": (0.80, 1.5),
    "train_on_batch": (0.80, 1.5),
    "test_on_batch": (0.80, 1.5),
    "fit_one": (0.80, 1.5),
    "evaluate": (0.80, 1.5),
    "dqn": (0.80, 1.2),
    "gan": (0.80, 1.2),
    "fit_dense": (0.80, None),
    "fit_convnet": (1.00, None),
    "fit_lstm": (1.00, None),
    "rate_finder": (0.80, None),
}


def targets_of_programs() -> Iterator[Target]:
    """Give the targets of whole programs."""
    for workload, limits in PROGRAMS.items():
        for subject in (SUBJECT, SUBJECT_ON_KERAS2):
            for against, at_most in zip((REFERENCE, REAL), limits, strict=True):
                if at_most is not None:
                    yield Target(workload, "call", at_most, against, subject)


TARGETS = [
    *(Target(heatmap, "call", 1.00, REFERENCE) for heatmap in HEATMAPS),
    *(Target(heatmap, "call", 0.88, REFERENCE, FROZEN) for heatmap in HEATMAPS),
    *(Target(heatmap, "call", 1.03, HAND) for heatmap in HEATMAPS),
    Target("resnet50", "process", 0.65, REFERENCE),
    Target("resnet50", "process", 1.00, EAGER),
    Target("pictures", "total", 0.06, REFERENCE),
    Target("gradient", "call", 0.80, REFERENCE),
    Target("policy", "call", 0.90, REFERENCE),
    Target("deepdream", "call", 0.95, REFERENCE),
    Target("style", "call", 0.95, REFERENCE),
    Target("penalty", "call", 0.95, REFERENCE),
    Target("classes", "call", 0.90, REFERENCE),
    Target("recording", "call", 1.00, REFERENCE),
    Target("chain", "largest", 1.00, REFERENCE),
    Target("chain", "steepness", 1.30),  # 1 is linear; what is collected grows with what there is
    Target("memory", "growth", 10.0),
    Target("imports", "median", 150.0),
    *targets_of_programs(),
    Target("training_memory", "growth", 5.0),
    Target("training_memory", "growth", 5.0, subject=SUBJECT_ON_KERAS2),
]


@dataclass(frozen=True)
class Verdict:
    """A target and what was measured of it.

    Attributes:
        target: the target.
        report: of its workload; None if that did not run.
        found: the measured ratio or value; None if a contender did not run.
    """

    target: Target
    report: Report | None
    found: Ratio | None

    @property
    def word(self) -> str:
        if self.found is None:
            return NOT_MEASURED
        return MET if self.found.median <= self.target.at_most else MISSED

    @property
    def unit(self) -> str:
        return "" if self.target.against or not self.report else self.report.unit_of(self.target.measure)

    def row(self) -> list[str]:
        """The cells under ``HEADINGS``."""
        target, report = self.target, self.report
        against = f", against {target.against}" if target.against else ""
        return [
            report.title.partition(":")[0] if report else target.workload,
            report.title_of(target.measure) if report else target.measure,
            target.subject + against,
            f"at most {target.at_most:g}{self.unit and ' ' + self.unit}"
            if self.unit
            else f"at most {target.at_most:.2f}",
            f"{self.found}{self.unit and ' ' + self.unit}" if self.found else "",
            self.word,
        ]

    def sentence(self) -> str:
        """In words, that a target was missed."""
        workload, measure, who, wanted, found, _ = self.row()
        return f"Missed: {workload}: {measure}, {who}: {found}, where {wanted} was the target."


def judge(reports: Sequence[Report], targets: Sequence[Target] = TARGETS) -> list[Verdict]:
    """The verdicts on all targets, in their order."""
    by_name = {report.name: report for report in reports}
    verdicts = []
    for target in targets:
        report = by_name.get(target.workload)
        found = report.number(target.measure, target.subject, target.against) if report else None
        verdicts.append(Verdict(target, report, found))
    return verdicts


def in_words(verdicts: Sequence[Verdict]) -> list[str]:
    """Which targets were missed, one sentence each; and how many were met, missed and not measured."""
    words = [verdict.word for verdict in verdicts]
    missed = [verdict.sentence() for verdict in verdicts if verdict.word == MISSED]
    counts = f"Of {len(words)} targets {words.count(MET)} are met, {words.count(MISSED)} are missed"
    return [*missed, f"{counts} and {words.count(NOT_MEASURED)} were not measured."]


def measured_rows(verdicts: Sequence[Verdict]) -> list[list[str]]:
    return [verdict.row() for verdict in verdicts if verdict.word != NOT_MEASURED]


def table(verdicts: Sequence[Verdict]) -> Table:
    """The measured targets, for the screen."""
    found = Table(title="Targets: ratios are medians with their quartiles, lower is better")
    for heading in HEADINGS:
        found.add_column(heading, overflow="fold")
    for row in measured_rows(verdicts):
        found.add_row(*row, style="red" if row[-1] == MISSED else None)
    return found


def markdown(verdicts: Sequence[Verdict]) -> str:
    """The measured targets and the missed ones in words."""
    sentences = "\n".join(f"- {sentence}" for sentence in in_words(verdicts))
    note = "Ratios are medians with their quartiles; lower is better."
    return f"## Targets\n\n{markdown_table([HEADINGS, *measured_rows(verdicts)])}\n\n{note}\n\n{sentences}\n"
