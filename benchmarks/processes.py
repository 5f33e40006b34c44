"""The contenders' processes: each has one of its own, and only one of them computes at any time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contenders import CONTENDERS, LIMIT, REAL

ROOT = Path(__file__).parent.parent
LONGEST_ANSWER = 1200.0


class WorkerError(RuntimeError):
    """A contender's process failed; carries its traceback."""


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
        """Sends a request and waits for its answer, at most ``LONGEST_ANSWER`` seconds.

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


def make_arrays(workload: str, file: Path) -> None:
    """Computes a workload's arrays into a file.

    Raises:
        WorkerError: if that fails.
    """
    with Worker(workload, LIMIT, file) as maker:
        maker.ask("make")


def results(worker: Worker, folder: Path) -> dict[str, Any]:
    """What a worker computed, as named arrays."""
    file = folder / "results.npz"
    worker.ask("results", file=str(file))
    with np.load(file) as stored:
        return dict(stored)
