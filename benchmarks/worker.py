"""The process of one contender: answers requests on its standard input, one JSON object a line, with one line each.

It computes only while a request is open, so that of all contenders only one is at work at any time. Also runs under
Python 3.7, for the real Keras 2.

    python -m benchmarks.worker WORKLOAD CONTENDER ARRAYS.npz
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from typing import Any

import numpy as np

from benchmarks import workloads
from benchmarks.contenders import CONTENDERS


class Work:
    """Answers the requests; each method of the same name does one."""

    def __init__(self, workload: str, contender: str, file: str):
        self.workload = workloads.load(workload)
        self.contender = CONTENDERS[contender]
        self.file = file
        self.arrays: dict[str, Any] = {}

    def make(self) -> dict[str, Any]:
        """Computes the workload's arrays and writes them to the file."""
        keras, _ = self.contender.open()
        np.savez(self.file, **self.workload.make(keras))
        return {}

    def set_up(self) -> Any:
        """Opens Keras and builds the model; returns what the contender's script works with, and the versions."""
        keras, K = self.contender.open()
        with np.load(self.file) as stored:
            arrays = dict(stored)
        model = self.workload.build(keras, arrays)
        # The model has the weights: ten processes with a second copy of VGG16's do not fit into every memory.
        self.arrays = {name: array for name, array in arrays.items() if "/" not in name}
        kit = workloads.Kit(keras, K, model, self.arrays, self.contender.options)
        return kit, versions(keras)

    @property
    def script(self) -> Any:
        return self.workload.SCRIPTS[self.contender.script]


class Traced(Work):
    """The work of a workload that gives a curve.

    Attributes:
        at: measures a point; from the workload.
        latest: the arrays computed at the latest point.
    """

    at: Any = None
    latest: Any = None

    def start(self) -> dict[str, Any]:
        kit, found = self.set_up()
        self.at = self.script(kit)
        return {"versions": found}

    def point(self, at: int) -> dict[str, Any]:
        """The measured value at one point."""
        value, self.latest = self.at(at)
        return {"value": value}

    def results(self, file: str) -> dict[str, Any]:
        """Writes what was computed at the latest point to a file."""
        np.savez(file, **self.latest)
        return {}


class Timed(Work):
    """The work of a workload that gives times.

    Attributes:
        expression: sets up the work for an index; from the workload.
        call_again: the function of an input that was set up first and is called again and again.
    """

    expression: Any = None
    call_again: Any = None

    def start(self) -> dict[str, Any]:
        """From nothing to the first result; says how long the set-up and the first call took."""
        kit, found = self.set_up()
        start = time.perf_counter()
        self.expression = self.script(kit)
        self.call_again = self.expression(self.index(0))
        self.call_again(self.input(0))
        return {"first": time.perf_counter() - start, "versions": found}

    def call(self, number: int) -> dict[str, Any]:
        """Does the work that was set up for one more input, as often as the workload says; the time is that of one."""
        value, burst = self.input(number), self.workload.BURST
        self.call_again(value)  # not timed: since the last turn the processor's caches have been the other contenders'
        start = time.perf_counter()
        for _ in range(burst):
            self.call_again(value)
        return {"seconds": (time.perf_counter() - start) / burst}

    def second(self) -> dict[str, Any]:
        """Does the work that was set up for the second time."""
        start = time.perf_counter()
        self.call_again(self.input(1))
        return {"seconds": time.perf_counter() - start}

    def rebuild(self, number: int) -> dict[str, Any]:
        """Sets the work up anew, for another index, and does it for one input."""
        index, value = self.index(number), self.input(number)
        start = time.perf_counter()
        self.expression(index)(value)
        return {"seconds": time.perf_counter() - start}

    def results(self, file: str) -> dict[str, Any]:
        """Writes what the work gives, for the first input and for another index set up anew, to a file."""
        again = self.expression(self.index(1))(self.input(1))
        results = {f"again/{name}": value for name, value in again.items()}
        np.savez(file, **self.call_again(self.input(0)), **results)
        return {}

    def index(self, number: int) -> int:
        indices = self.arrays["indices"]
        return int(indices[number % len(indices)])

    def input(self, number: int) -> Any:
        inputs = self.arrays["inputs"]
        return inputs[number % len(inputs)]


def versions(keras: Any) -> dict[str, str]:
    import tensorflow as tf

    return {"python": sys.version.split()[0], "tensorflow": tf.__version__, "keras": keras.__version__}


def serve(work: Work, answers: Any) -> None:
    """Answers requests until the input ends; an exception is an answer too."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(work, request.pop("do"))(**request)
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def main() -> None:
    # Libraries print; answers go where nothing else does.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    kind = Traced if workloads.is_traced(workloads.load(sys.argv[1])) else Timed
    serve(kind(*sys.argv[1:]), answers)


if __name__ == "__main__":
    main()
