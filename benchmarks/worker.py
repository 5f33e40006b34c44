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
    """Answers the requests; each method of the same name does one.

    Attributes:
        expression: sets up the work for an index; from the workload.
        call: the function of an input that was set up first and is called again and again.
    """

    def __init__(self, workload: str, contender: str, file: str):
        self.workload = workloads.load(workload)
        self.contender = CONTENDERS[contender]
        self.file = file
        self.arrays: dict[str, Any] = {}
        self.expression: Any = None
        self.call_again: Any = None

    def make(self) -> dict[str, Any]:
        """Computes the workload's arrays and writes them to the file."""
        keras, _ = self.contender.open()
        np.savez(self.file, **self.workload.make(keras))
        return {}

    def start(self) -> dict[str, Any]:
        """From nothing to the first result; says how long each part took."""
        times = [time.perf_counter()]
        keras, K = self.contender.open()
        times.append(time.perf_counter())
        with np.load(self.file) as stored:
            self.arrays = dict(stored)
        model = self.workload.build(keras, self.arrays)
        times.append(time.perf_counter())
        self.expression = self.workload.SCRIPTS[self.contender.script](workloads.Kit(keras, K, model))
        self.call_again = self.expression(self.index(0))
        self.call_again(self.input(0))
        times.append(time.perf_counter())
        parts = [after - before for before, after in zip(times, times[1:])]
        return dict(zip(("import", "build", "first"), parts), versions=versions(keras))

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
    serve(Work(*sys.argv[1:]), answers)


if __name__ == "__main__":
    main()
