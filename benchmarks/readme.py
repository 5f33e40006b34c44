"""Puts the verdicts and the chart into a README, between two marks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks import targets
from benchmarks.report import Report, machine_lines, markdown_table

START, END = "<!-- speed -->", "<!-- end of speed -->"
ALTERNATIVE = "Ratios of each workload to graph mode; cost against the number of pictures; memory against rebuilds"


def fill(file: Path, reports: Sequence[Report], chart: Path | None) -> None:
    """Replaces what stands between the marks.

    Args:
        file: the README.
        reports: of what was measured.
        chart: the picture to show, if there is one.

    Raises:
        ValueError: the README does not have both marks, in their order.
    """
    before, start, rest = file.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"{file}: expected the marks {START} and {END}, each once and in this order")
    file.write_text(f"{before}{START}\n{block(reports, file.parent, chart)}\n{END}{after}", encoding="utf-8")


def block(reports: Sequence[Report], folder: Path, chart: Path | None) -> str:
    verdicts = targets.judge(reports)
    picture = [f"![{ALTERNATIVE}]({Path(os.path.relpath(chart, folder)).as_posix()})"] if chart else []
    table = markdown_table([targets.HEADINGS, *targets.measured_rows(verdicts)])
    sentences = "\n".join(f"- {sentence}" for sentence in targets.in_words(verdicts))
    return "\n\n".join([*picture, table, sentences, machine_lines(reports)])
