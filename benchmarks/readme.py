"""Puts the verdicts and the charts into a README, between two marks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks import targets
from benchmarks.contenders import REFERENCE, SUBJECT
from benchmarks.report import Report, machine_lines, markdown_table

START, END = "<!-- speed -->", "<!-- end of speed -->"
ALTERNATIVES = (
    "Ratios of each workload to graph mode; cost against the number of pictures; memory against rebuilds",
    "Ratios of whole programs to graph mode",
)
# What a reader of the README sees of it: whole programs first, and at most so many rows.
PROGRAMS = ("predict", "train_on_batch", "fit_one", "dqn", "gan", "fit_convnet")
FUNCTIONS = ("resnet50", "style", "vgg16", "deepdream", "gradient", "policy")
ROWS = 8
HEADINGS = ["workload", "k2compat's time in that of graph mode"]


def fill(file: Path, reports: Sequence[Report], charts: Sequence[Path]) -> None:
    """Replaces the text between the marks.

    Args:
        file: the README.
        reports: of what was measured.
        charts: the images to show, in the order of their descriptions.

    Raises:
        ValueError: the README does not have both marks, in their order.
    """
    before, start, rest = file.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"{file}: expected the marks {START} and {END}, each once and in this order")
    file.write_text(f"{before}{START}\n{block(reports, file.parent, charts)}\n{END}{after}", encoding="utf-8")


def block(reports: Sequence[Report], folder: Path, charts: Sequence[Path]) -> str:
    verdicts = targets.judge(reports)
    images = [
        f"![{alternative}]({Path(os.path.relpath(chart, folder)).as_posix()})"
        for alternative, chart in zip(ALTERNATIVES, charts, strict=False)
    ]
    of = {verdict.target.workload: verdict for verdict in verdicts if is_shown(verdict)}
    rows = [[of[name].row()[0], str(of[name].found)] for name in (*PROGRAMS, *FUNCTIONS) if name in of][:ROWS]
    return "\n\n".join([*images, markdown_table([HEADINGS, *rows]), machine_lines(reports)])


def is_shown(verdict: targets.Verdict) -> bool:
    """Return whether a verdict is about a warm call beside graph mode."""
    target = verdict.target
    compared = (target.measure, target.against, target.subject) == ("call", REFERENCE, SUBJECT)
    return compared and verdict.word != targets.NOT_MEASURED
