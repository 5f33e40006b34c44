"""Measures the contenders on a timed workload, in turn."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTENDERS, CONTROL, FROZEN, HAND, REAL, REFERENCE, SUBJECT
from benchmarks.processes import Worker, make_arrays, results, turns

# Measure -> what it is, in the order of the tables. Times are in seconds.
MEASURES = {
    "call": "warm call",
    "first": "set-up and first call",
    "second": "second call",
    "process": "whole process to the first result",
    "rebuild": "set up anew for each input",
}


@dataclass(frozen=True)
class Plan:
    """What is measured, and how often.

    Attributes:
        starts: processes started for each contender.
        warmup: calls before the measured ones.
        calls: turns of measured calls.
        rebuilds: turns of a measured set-up.
        quick: whether curves are measured at their few ``QUICK_POINTS``.
        workloads: those that belong to it, None for all.
        contenders: likewise.
    """

    starts: int = 3
    warmup: int = 5
    calls: int = 25
    rebuilds: int = 12
    quick: bool = False
    workloads: Sequence[str] | None = None
    contenders: Sequence[str] | None = None

    def fitted(self, workload: Any) -> Plan:
        """The plan for one workload: with the part of the turns that is enough for it."""
        part = getattr(workload, "SHARE", 1.0)
        rebuilds = self.rebuilds if getattr(workload, "REBUILDS", True) else 0
        calls, warmup = (math.ceil(number * part) for number in (self.calls, self.warmup))
        return replace(self, calls=calls, warmup=warmup, rebuilds=rebuilds)


QUICK = Plan(
    starts=1,
    warmup=3,
    calls=8,
    rebuilds=3,
    quick=True,
    workloads=("mobilenetv2", "gradient", "policy", "chain", "memory", "imports"),
    contenders=(SUBJECT, FROZEN, REFERENCE, CONTROL, HAND),
)


@dataclass
class Measured:
    """What one workload gave.

    Attributes:
        seconds: measure -> contender -> times; the same position is the same round for every contender.
        results: contender -> named arrays.
        versions: contender -> versions of what it ran on.
    """

    seconds: dict[str, dict[str, list[float]]] = field(default_factory=lambda: {name: {} for name in MEASURES})
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, measure: str, contender: str, seconds: float) -> None:
        self.seconds[measure].setdefault(contender, []).append(seconds)


def measure(
    workload: str,
    contenders: Sequence[str],
    plan: Plan,
    folder: Path,
    legacy_python: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Measured:
    """Measures all contenders on one workload.

    Args:
        workload: its name.
        contenders: their names.
        plan: how often, fitted to the workload.
        folder: an empty one, for the arrays that are passed between processes.
        legacy_python: the interpreter of an environment with the real Keras 2.
        progress: is told before each step.

    Raises:
        WorkerError: if a contender fails.
    """
    measured = Measured()
    arrays = folder / "arrays.npz"
    progress(f"{workload}: making weights and inputs")
    make_arrays(workload, arrays)
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        for number, order in turns(contenders, plan.starts):
            for name in order:
                progress(f"{workload}: start {number + 1} of {plan.starts}, {name}")
                worker = started(measured, Worker(workload, name, arrays, legacy_python))
                if number < plan.starts - 1:
                    worker.close()
                else:
                    workers[name] = stack.enter_context(worker)
        measure_warm(measured, workers, plan, lambda step: progress(f"{workload}: {step}"))
        measured.results = {name: results(worker, folder) for name, worker in workers.items()}
    return measured


def started(measured: Measured, worker: Worker) -> Worker:
    """Lets a fresh process do its first two calls."""
    begin = time.perf_counter()
    try:
        answer = worker.ask("start")
        measured.add("process", worker.contender, time.perf_counter() - begin)
        measured.add("first", worker.contender, answer["first"])
        measured.add("second", worker.contender, worker.ask("second")["seconds"])
    except BaseException:
        worker.close()
        raise
    measured.versions[worker.contender] = answer["versions"]
    return worker


def measure_warm(measured: Measured, workers: dict[str, Worker], plan: Plan, progress: Callable[[str], None]) -> None:
    """Calls in turn, then set-ups in turn."""
    for name, worker in workers.items():
        progress(f"warming up, {name}")
        for number in range(plan.warmup):
            worker.ask("call", number=number)
    for do, rounds in [("call", plan.calls), ("rebuild", plan.rebuilds)]:
        for number, order in turns(list(workers), rounds):
            progress(f"{MEASURES[do]}, round {number + 1} of {rounds}")
            for name in order:
                measured.add(do, name, workers[name].ask(do, number=number)["seconds"])


def contenders_of(workload: Any, legacy_python: str | None) -> list[str]:
    """The contenders that have a script in a workload, unless it names its own."""
    among = getattr(workload, "CONTENDERS", CONTENDERS)
    return [
        name
        for name, contender in CONTENDERS.items()
        if name in among and contender.script in workload.SCRIPTS and (name != REAL or legacy_python is not None)
    ]
