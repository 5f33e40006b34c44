"""What a K function costs on a tensor with a value beyond the TensorFlow call it wraps: ``benchmarks.overhead``.

Both are called in turn, in one process.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.table import Table

from k2compat import backend as K

CALLS = 1000
TURNS = 15
PAIRS: dict[str, Callable[..., Any]] = {
    "abs": tf.abs,
    "square": tf.square,
    "exp": tf.exp,
    "sigmoid": tf.nn.sigmoid,
    "relu": tf.nn.relu,
    "softmax": tf.nn.softmax,
    "sum": tf.reduce_sum,
    "mean": tf.reduce_mean,
    "transpose": tf.transpose,
}


def microseconds(function: Callable[..., Any], tensor: Any) -> float:
    """The time of one call, in a row of many."""
    start = time.perf_counter()
    for _ in range(CALLS):
        function(tensor)
    return (time.perf_counter() - start) / CALLS * 1e6


def overheads(turns: int = TURNS) -> dict[str, tuple[float, float]]:
    """Function -> median microseconds of the TensorFlow call, and median difference of the K call to it."""
    tensor = tf.constant(np.random.RandomState(0).normal(size=(2, 8)).astype("float32"))
    found = {}
    for name, wrapped in PAIRS.items():
        pairs = [(microseconds(wrapped, tensor), microseconds(getattr(K, name), tensor)) for _ in range(turns)]
        found[name] = (
            statistics.median(time for time, _ in pairs),
            statistics.median(ours - time for time, ours in pairs),
        )
    return found


def main() -> None:
    table = Table("function", "TensorFlow, µs", "K beyond it, µs")
    for name, (wrapped, beyond) in overheads().items():
        table.add_row(name, f"{wrapped:.1f}", f"{beyond:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
