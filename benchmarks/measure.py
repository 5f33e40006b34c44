"""Measures contenders in turn: each has a process of its own, and only one of them computes at any time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contenders import CONTENDERS, REAL

ROOT = Path(__file__).parent.parent
LONGEST_ANSWER = 600.0

# Measure -> what it is, in the order of the tables. Times are in seconds.
MEASURES = {
    "call": "warm call",
    "first": "set-up and first call",
    "second": "second call",
    "process": "whole process to the first result",
    "rebuild": "set up anew for each input",
}


class WorkerError(RuntimeError):
    """A contender's process failed; carries its traceback."""


@dataclass(frozen=True)
class Plan:
    """How often everything is measured.

    Attributes:
        starts: processes started for each contender.
        warmup: calls before the measured ones.
        calls: turns of measured calls.
        rebuilds: turns of a measured set-up.
    """

    starts: int = 3
    warmup: int = 5
    calls: int = 25
    rebuilds: int = 12


QUICK = Plan(starts=1, warmup=3, calls=10, rebuilds=4)


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


class Worker:
    """A contender's process."""

    def __init__(self, workload: str, contender: str, arrays: Path, legacy_python: str | None = None):
        self.contender = contender
        python = legacy_python if contender == REAL and legacy_python else sys.executable
        environment = {
            **os.environ,
            **CONTENDERS[contender].environment,
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        self.log = arrays.with_name(f"{contender.replace(' ', '-')}.log").open("w+")
        self.process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", workload, contender, str(arrays)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Sends a request and waits for its answer.

        Raises:
            WorkerError: if the worker failed, ended or took too long.
        """
        assert self.process.stdin and self.process.stdout
        alarm = threading.Timer(LONGEST_ANSWER, self.process.kill)
        alarm.start()
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            alarm.cancel()
        if not line:
            self.log.seek(0)
            raise WorkerError(f"the process of {self.contender!r} ended during {do!r}:\n{self.log.read()[-3000:]}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.contender!r} failed during {do!r}:\n{answer['error']}")
        return answer

    def close(self) -> None:
        assert self.process.stdin and self.process.stdout
        with suppress(BrokenPipeError):  # the process is gone already
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def turns(contenders: Sequence[str], rounds: int) -> Iterator[tuple[int, Sequence[str]]]:
    """The order of each round: everyone once, and first, second, ... about equally often."""
    for number in range(rounds):
        shift = number % len(contenders)
        yield number, [*contenders[shift:], *contenders[:shift]]


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
        plan: how often.
        folder: an empty one, for the arrays that are passed between processes.
        legacy_python: the interpreter of an environment with the real Keras 2.
        progress: is told before each step.

    Raises:
        WorkerError: if a contender fails.
    """
    measured = Measured()
    arrays = folder / "arrays.npz"
    progress(f"{workload}: making weights and inputs")
    with Worker(workload, "forward pass only", arrays) as maker:
        maker.ask("make")
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
    for do, measure_name, rounds in [("call", "call", plan.calls), ("rebuild", "rebuild", plan.rebuilds)]:
        for number, order in turns(list(workers), rounds):
            progress(f"{MEASURES[measure_name]}, round {number + 1} of {rounds}")
            for name in order:
                measured.add(measure_name, name, workers[name].ask(do, number=number)["seconds"])


def results(worker: Worker, folder: Path) -> dict[str, Any]:
    """What a worker computed, as named arrays."""
    file = folder / "results.npz"
    worker.ask("results", file=str(file))
    with np.load(file) as stored:
        return dict(stored)


def contenders_of(scripts: Iterable[str], legacy_python: str | None) -> list[str]:
    """The contenders that have a script in a workload."""
    scripts = set(scripts)
    return [
        name
        for name, contender in CONTENDERS.items()
        if contender.script in scripts and (name != REAL or legacy_python is not None)
    ]
