"""A server's life: threads call functions with batches of all sizes; memory has to stay flat after the beginning.

``python -m nightly.soak --seconds 3600 --threads 8``, in the folder ``tests``
"""

from __future__ import annotations

import argparse
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat import backend as K

ALLOWED = 20.0  # megabytes an hour


def resident() -> float:
    """Return the resident memory in megabytes."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS, the largest so far


def functions() -> list[Any]:
    """Return functions as a server has them: of a convolutional model and a recurrent one, with gradients."""
    layers = tf.keras.layers
    image, words = layers.Input((16, 16, 3)), layers.Input((None,), dtype="int32")
    maps = layers.Conv2D(8, 3, activation="relu")(image)
    scores = layers.Dense(5, activation="softmax")(layers.Flatten()(maps))
    states = layers.LSTM(8)(layers.Embedding(50, 4)(words))
    return [
        (
            K.function([image], [scores, K.gradients(K.sum(scores[:, 0]), maps)[0]]),
            lambda n, t: np.ones((n, 16, 16, 3)),
        ),
        (K.function([words], [states]), lambda n, t: np.ones((n, t), "int32")),
    ]


def main() -> int:
    """Run, and print the memory in each tenth of the time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    made, stop, calls = functions(), threading.Event(), [0] * options.threads
    problems: list[BaseException] = []

    def serve(number: int) -> None:
        draw = np.random.RandomState(number)
        try:
            while not stop.is_set():
                function, data = made[draw.randint(len(made))]
                batch = draw.randint(1, 33)
                results = function([data(batch, draw.randint(1, 41))])
                if any(len(result) != batch or not np.isfinite(result).all() for result in results):
                    raise AssertionError(f"{[result.shape for result in results]} for a batch of {batch}")
                calls[number] += 1
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=serve, args=(number,)) for number in range(options.threads)]
    for thread in threads:
        thread.start()
    memory = []
    for _ in range(10):
        time.sleep(options.seconds / 10)
        memory.append(resident())
        print(f"{sum(calls)} calls, {memory[-1]:.0f} MB", flush=True)
    stop.set()
    for thread in threads:
        thread.join()
    grown = (memory[-1] - memory[4]) / (options.seconds / 2) * 3600  # in the second half
    print(f"{sum(calls)} calls of {options.threads} threads in {options.seconds:.0f} s, {len(problems)} errors")
    print(f"{memory[-1] - memory[4]:+.1f} MB in the second half, {grown:+.0f} MB an hour")
    for problem in problems:
        print(repr(problem))
    return int(bool(problems) or (options.seconds >= 3600 and grown > ALLOWED))


if __name__ == "__main__":
    sys.exit(main())
