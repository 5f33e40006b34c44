"""The import of `k2compat.backend` in a fresh process, beyond that of TensorFlow and its Keras

What it costs a script that needs TensorFlow anyway. The compiled bytecode is there, as it is after an installation.
"""

from __future__ import annotations

import subprocess
import sys

import numpy as np

POINTS = tuple(range(1, 8))
QUICK_POINTS = (1, 2)
AXIS, UNIT = "processes", "ms"
SUMMARIES = ("median",)
CONTENDERS = ("k2compat", "k2compat on Keras 2")
LINES = """
import tensorflow, {keras}, time
start = time.perf_counter()
import k2compat.backend
print(time.perf_counter() - start)
"""


def make(keras):
    return {}


def build(keras, arrays):
    """No model is needed."""


def backend(kit):
    lines = LINES.format(keras=kit.keras.__name__)

    def milliseconds():
        done = subprocess.run([sys.executable, "-c", lines], stdout=subprocess.PIPE, check=True)
        return float(done.stdout.split()[-1]) * 1000

    return lambda at: (milliseconds(), {"at": np.array(at)})


SCRIPTS = {"graph": backend}
