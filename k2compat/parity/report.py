"""What a comparison says: the table, the summary, and the same as JSON."""

from __future__ import annotations

import io
import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from k2compat.parity.comparison import EQUAL, NAME, ONLY_LEFT, ONLY_RIGHT, RANDOM, SENSITIVE, SHAPE, Comparison, Row
from k2compat.parity.side import Parity
from k2compat.parity.verdicts import step_name
from k2compat.screen import EscapingConsole

WIDTH = 120
SHOWN = {"python": "Python", "tensorflow": "TensorFlow", "keras": "Keras"}
STYLES = {EQUAL: "green", RANDOM: "yellow", SENSITIVE: "yellow"}


class Line:
    """The rows of one place of the script: the calls of a line in a loop are one line of the table.

    So are all curves of a training, and all weights of a model.

    Attributes:
        rows: in order.
        wrong: those that are not fine.
        together: what the arrays of one result are that share the line, "curve" or "array"; empty if there is one.
        worst: the row to show: the first one that is not fine, or else that with the largest difference; of arrays that
            share the line, of those not fine the one with the largest difference.
    """

    def __init__(self, rows: list[Row]):
        self.rows = rows
        self.wrong = wrong = [row for row in rows if not row.fine]
        self.together = rows[0].event.together
        if wrong and not self.together:
            self.worst = wrong[0]
        else:
            self.worst = max(
                wrong or rows, key=lambda row: (row.verdict != EQUAL, row.measured is not None, relative(row))
            )

    @property
    def numbers(self) -> str:
        first, last = self.rows[0].number, self.rows[-1].number
        return str(first) if first == last else f"{first}-{last}"

    @property
    def what(self) -> str:
        """The call, with the number of the function or the name of the model if it is the same one in all rows."""
        event = self.worst.event
        which = {row.event.which for row in self.rows}
        label = f" #{event.which}" if event.what == "K.function" else f" {event.which}"
        return event.what + (label if len(which) == 1 and event.which is not None else "") + self.count

    @property
    def count(self) -> str:
        calls = len({row.number for row in self.rows}) if self.together else len(self.rows)
        return f", {calls} times" if calls > 1 else ""

    @property
    def array(self) -> str:
        if not self.together or len(self.rows) == 1:
            return array(self.worst)
        rest = len({row.value.name for row in self.rows}) - 1
        return f"{array(self.worst)}; {rest} other {self.together}{'s' * (rest != 1)}"

    @property
    def verdict(self) -> str:
        wrong = len(self.wrong)
        if len(self.rows) == 1 or not wrong:
            return self.worst.verdict
        if self.together:
            return f"{self.worst.verdict}, {wrong} of {len(self.rows)} {self.together}s"
        return f"{self.worst.verdict} {wrong} times, first in #{self.worst.number}"

    @property
    def remark(self) -> str:
        if self.worst.moments:
            left, right, *_ = self.worst.moments
            return f"{left} and {right}"
        return "; ".join(self.about_curves()) if self.together == "curve" and self.wrong else self.worst.remark

    def about_curves(self) -> Iterator[str]:
        """Yield where the curves of a training part, and which curves one side lacks or calls otherwise."""
        parted = [row for row in self.wrong if row.begins]
        if parted:
            first = min(parted, key=where_it_parts)
            call = f"in #{first.number} " if self.numbers != str(first.number) else ""
            yield f"first apart: {first.value.name} {call}from {step_name(first.begins)} on"
        for verdict in (ONLY_LEFT, ONLY_RIGHT):
            names = dict.fromkeys(row.value.name for row in self.wrong if row.verdict == verdict)
            if names:
                yield f"{verdict.lower()}: {', '.join(names)}"
        yield from dict.fromkeys(row.remark for row in self.wrong if row.verdict in (NAME, SHAPE))


def where_it_parts(row: Row) -> Any:
    """When the curve of a row begins to differ; of two in one epoch, that of batches says more."""
    epoch, batch = row.begins or (0, 0)
    return row.number, epoch, batch or math.inf, row.value.name


def relative(row: Row) -> float:
    return row.measured.relative if row.measured else 0.0


def lines(rows: Iterable[Row], every_call: bool = False) -> list[Line]:
    """Return the lines of the table."""
    groups: dict[Any, list[Row]] = {}
    for index, row in enumerate(rows):
        key = (row.event.file, row.event.line, row.event.what, row.value.name if not row.event.together else None)
        groups.setdefault(index if every_call else key, []).append(row)
    return [Line(group) for group in groups.values()]


def table_of(comparison: Comparison, every_call: bool = False) -> Table:
    """Return the table: one line for each array of each place in the script."""
    table = Table(title="What the script computed, on both sides")
    for name in ("#", "Where", "What", "Array"):
        table.add_column(name, overflow="fold")
    table.add_column("Abs", justify="right", no_wrap=True)
    table.add_column("Rel", justify="right", no_wrap=True)
    table.add_column("Verdict", overflow="fold")
    for line in lines(comparison.rows, every_call):
        row = line.worst
        verdict = Text(line.verdict, style=STYLES.get(row.verdict, "bold red"))
        if line.remark:
            verdict.append("\n" + line.remark, style="default not bold")
        table.add_row(line.numbers, place(row), line.what, line.array, *sizes(row), verdict)
    table.caption = allowed(comparison)
    return table


def allowed(comparison: Comparison) -> str:
    """Return what the numbers mean, and how large they may be."""
    return (
        f"Abs: largest difference; Rel: as a share of the reference's largest value. {comparison.rtol:g} of that value "
        f"plus {comparison.atol:g} is allowed."
    )


def sizes(row: Row) -> tuple[str, str]:
    """Return the absolute and the relative difference, as they are shown."""
    return ("", "") if row.measured is None else (number(row.measured.absolute), number(relative(row)))


def number(value: float) -> str:
    return "0" if value == 0 else f"{value:.1e}"


def place(row: Row) -> str:
    return f"{os.path.basename(row.event.file)}:{row.event.line}"


def array(row: Row) -> str:
    value = row.value
    size = " x ".join(map(str, value.shape)) or "scalar"
    return " ".join(part for part in (value.name, size, value.dtype) if part) if value.dtype else ""


def first_of(row: Row) -> str:
    """Return a difference in one line."""
    name = f" {row.value.name}" if row.value.name else ""
    remark = f" ({row.remark})" if row.remark else ""
    size = f", {number(row.measured.absolute)} apart" if row.measured and row.measured.absolute else ""
    return f"#{row.number} {place(row)} {row.event.what}{name}: {row.verdict}{size}{remark}"


def summary(comparison: Comparison) -> list[str]:
    """Return the last lines: how many of what, and the first difference."""
    counts = Counter(row.verdict for row in comparison.rows)
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    results = len({(row.left is None, row.number) for row in comparison.rows})
    told = f"{len(comparison.rows)} arrays of {results} results: {told or 'nothing was recorded'}."
    first = comparison.first_difference
    return [told] if first is None else [told, f"The first difference: {first_of(first)}"]


def weights_told(comparison: Comparison) -> list[str]:
    """Return how the initial weights came over."""
    mine = comparison.found.weights
    if not mine and not comparison.found.weights_left:
        return []
    how = Counter(weight.get("how", "none") for weight in mine)
    told = [f"Initial weights: {how.pop('order', 0)} of {len(mine)} carried over by order of creation"]
    missing = how.pop("none", 0)
    told += [f"{count} by {by.replace('_', ' ')} and shape" for by, count in how.items()]
    if missing:
        first = next(weight for weight in mine if weight["how"] == "none")
        told.append(f"{missing} NOT carried over (the first: {weight_name(first)})")
    if comparison.found.weights_left:
        told.append(f"{len(comparison.found.weights_left)} of the reference's were not asked for")
    return [", ".join(told) + "."]


def weight_name(weight: dict[str, Any]) -> str:
    return f"{weight['name']} of {weight['layer']} {weight['layer_name'] or ''}, {tuple(weight['shape'])}"


def sides_told(parity: Parity) -> list[str]:
    """Return what ran, and on what."""
    told = []
    for side in [*parity.sides, *parity.again]:
        versions = side.recording.versions
        on = ", ".join(f"{title} {versions[name]}" for name, title in SHOWN.items() if versions)
        told.append(f"{side.title}: {on or 'did not start'}; {side.results} results in {side.seconds:.0f} s")
    return told


def notes_told(parity: Parity) -> list[str]:
    """Return each note once, with the side it is of."""
    notes = [(side.title, note) for side in parity.sides for note in side.recording.notes]
    return [f"{title}: {note}" for title, note in dict.fromkeys(notes)]


def rendered(parity: Parity, every_call: bool = False, *, kept: bool = True) -> Group:
    """Return the whole report; ``kept`` says whether the recordings stay."""
    parts: list[Any] = [Text(line) for line in sides_told(parity)]
    parts += [Text(line, style="dim") for line in notes_told(parity)]
    parts += [Text(line) for line in weights_told(parity.comparison)]
    parts.append(table_of(parity.comparison, every_call))
    for side in parity.failed:
        parts += [Text(f"{side.title} failed:", style="bold red"), Text(side.failure)]
        where = f"is in {side.folder}" if kept else "is kept with --keep FOLDER"
        parts.append(Text(f"All it printed {where}."))
    parts += [Text(line) for line in summary(parity.comparison)]
    return Group(*parts, verdict(parity))


def verdict(parity: Parity) -> Text:
    if parity.failed:
        names = " and ".join(side.title for side in parity.failed)
        return Text(f"Verdict: FAILED. {names} did not run to the end.", style="bold red")
    if parity.comparison.equal:
        return Text("Verdict: PARITY.", style="bold green")
    return Text("Verdict: DIFFERENT.", style="bold red")


def plain(*parts: Any) -> str:
    """Return what a terminal would show, as text."""
    screen = EscapingConsole(file=io.StringIO(), width=WIDTH, highlight=False, markup=False, emoji=False)
    for part in parts:
        screen.print(part)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def as_text(comparison: Comparison) -> str:
    """Table and summary of a comparison."""
    return plain(table_of(comparison), *map(Text, summary(comparison)))


def as_json(parity: Parity) -> dict[str, Any]:
    """Everything, for machines; numbers that are not finite are null."""
    comparison = parity.comparison
    return {
        "script": str(parity.script),
        "exit_code": parity.exit_code,
        "tolerance": {"rtol": comparison.rtol, "atol": comparison.atol},
        "sides": [
            {"title": side.title, "versions": side.recording.versions, "failure": side.failure, "seconds": side.seconds}
            for side in [*parity.sides, *parity.again]
        ],
        "notes": notes_told(parity),
        "weights": weights_told(comparison),
        "summary": summary(comparison),
        "results": [row_as_json(row) for row in comparison.rows],
    }


def row_as_json(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {
        "number": row.number,
        "file": str(Path(row.event.file)),
        "line": row.event.line,
        "what": row.event.what,
        "which": row.event.which,
        "array": row.value.name,
        "shape": [list(value.shape) if value else None for value in (row.a, row.b)],
        "dtype": [value.dtype if value else None for value in (row.a, row.b)],
        "verdict": row.verdict,
        "remark": row.remark,
    }
    if row.measured:
        found["absolute"], found["relative"] = row.measured.absolute, finite(row.measured.relative)
    if row.moments:
        names = ("reference", "k2compat", "again")
        found["moments"] = {
            name: {"mean": finite(moments.mean), "deviation": finite(moments.deviation)}
            for name, moments in zip(names, row.moments, strict=True)
        }
    return found


def finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
