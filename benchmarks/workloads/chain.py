"""A chain of 20,000 elementwise calls: recorded, made a function of, and evaluated once

Loops that were unrolled into the graph: the cost has to grow with the length, not with its square.
"""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import timed

POINTS = (5000, 10_000, 20_000)
QUICK_POINTS = (500, 1000, 2000)
AXIS, UNIT = "calls in the chain", "s"
SUMMARIES = ("largest", "steepness")
FUNCTIONS = ("abs", "tanh", "sin", "cos")


def make(keras):
    return {"rows": np.linspace(-1, 1, 8, dtype="float32").reshape(2, 4)}


def build(keras, arrays):
    """No model is needed."""


def graph(kit):
    K = kit.K

    def evaluated(length):
        tensor = start = K.placeholder((None, 4))
        for number in range(length):
            tensor = getattr(K, FUNCTIONS[number % len(FUNCTIONS)])(tensor)
        return {"end": K.function([start], [tensor])([kit.arrays["rows"]])[0]}

    evaluated(10)  # what a process does once, it has done
    return lambda at: timed(lambda: evaluated(at))


SCRIPTS = {"graph": graph}
