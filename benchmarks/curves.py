"""Measures the contenders on a traced workload: a value at each of several points, and what the curve comes down to."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import workloads
from benchmarks.measure import Plan
from benchmarks.processes import Worker, make_arrays, results, turns
from benchmarks.ratios import Ratio, ratio, spread


@dataclass(frozen=True)
class Summary:
    """What a curve comes down to.

    Attributes:
        title: as the tables print it.
        of: the number, from the points and the values there.
        own_unit: whether it is in the unit of the values; otherwise it is a plain number.
        compared: whether contenders are compared by the ratio of their numbers.
    """

    title: str
    of: Callable[[Sequence[int], Sequence[float]], float]
    own_unit: bool = True
    compared: bool = True


SUMMARIES = {
    "total": Summary("altogether", lambda _points, values: sum(values)),
    "largest": Summary("the largest", lambda _points, values: values[-1]),
    "growth": Summary("growth from the first point to the last", lambda _, v: v[-1] - v[0], compared=False),
    "steepness": Summary(
        "cost of one at the last point, in that at the first",
        lambda points, values: (values[-1] / points[len(values) - 1]) / (values[0] / points[0]),
        own_unit=False,
        compared=False,
    ),
    "median": Summary("median", lambda _, values: statistics.median(values), compared=False),
}


@dataclass
class Curve:
    """What one traced workload gave.

    Attributes:
        points: where it was measured.
        values: contender -> for each process its values at the points, at the first few only where more would take
            too long; the same position is the same round.
        results: contender -> named arrays.
        versions: contender -> versions of what it ran on.
    """

    points: Sequence[int]
    values: dict[str, list[list[float]]] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)

    def numbers(self, summary: str, contender: str, reach: int | None = None) -> list[float]:
        """A summary of each process of a contender; of its values at the first points only, where ``reach`` says so."""
        return [SUMMARIES[summary].of(self.points, values[:reach]) for values in self.values[contender]]

    def reach(self, contender: str) -> int:
        """At how many points a contender was measured."""
        return min(map(len, self.values[contender]))

    def summed_up(self, summary: str, contender: str) -> Ratio:
        """The median of a summary over a contender's processes, with its quartiles."""
        return spread(self.numbers(summary, contender))

    def ratio(self, summary: str, contender: str, other: str) -> Ratio:
        """How two contenders' summaries relate, process by process, over the points that both were measured at."""
        reach = min(self.reach(contender), self.reach(other))
        return ratio(self.numbers(summary, contender, reach), self.numbers(summary, other, reach))

    def medians(self, contender: str) -> list[float]:
        """The median over the processes at each point."""
        return [statistics.median(at_one) for at_one in zip(*self.values[contender], strict=True)]


def trace(
    workload: str,
    contenders: Sequence[str],
    plan: Plan,
    folder: Path,
    legacy_python: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Curve:
    """Measures all contenders' curves; takes what ``measure`` takes, and contenders take turns at each point.

    Raises:
        WorkerError: if a contender fails.
    """
    found = workloads.load(workload)
    curve = Curve(found.QUICK_POINTS if plan.quick else found.POINTS)
    until = {name: getattr(found, "UNTIL", {}).get(name, curve.points[-1]) for name in contenders}
    common = max(point for point in curve.points if point <= min(until.values()))  # where all are compared
    arrays = folder / "arrays.npz"
    make_arrays(workload, arrays)
    for number in range(plan.starts):
        with ExitStack() as stack:
            workers = {name: stack.enter_context(Worker(workload, name, arrays, legacy_python)) for name in contenders}
            for name, worker in workers.items():
                progress(f"{workload}: start {number + 1} of {plan.starts}, {name}")
                curve.versions[name] = worker.ask("start")["versions"]
                curve.values.setdefault(name, []).append([])
            for position, order in turns(contenders, len(curve.points)):
                progress(f"{workload}: start {number + 1}, {found.AXIS}: {curve.points[position]}")
                for name in order:
                    if curve.points[position] > until[name]:
                        continue
                    value = workers[name].ask("point", at=curve.points[position])["value"]
                    curve.values[name][-1].append(value)
                if curve.points[position] == common:
                    curve.results = {name: results(worker, folder) for name, worker in workers.items()}
    return curve
