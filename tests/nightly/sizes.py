"""Memory that calls with arrays of all sizes take, by ``K.function`` and by ``tf.function`` alone.

``python -m nightly.sizes``, in the folder ``tests``; each in a process of its own, with oneDNN and without it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

ROUNDS, CALLS = 6, 800
SHARE, NOISE = 1.2, 10.0  # how much more than TensorFlow alone may take: a factor, and megabytes


def computed(by: str) -> list[Callable[[Any], Any]]:
    """Return what computes a recurrent layer and a convolution, made by k2compat or by TensorFlow."""
    import tensorflow as tf

    if by == "k2compat":
        from k2compat import backend as K
    layers, model = tf.keras.layers, tf.keras.Model
    made = []
    for shape, layer in (((None, 8), layers.GRU(8)), ((None, None, 3), layers.Conv2D(4, 3))):
        x = layers.Input(shape)
        if by == "k2compat":
            function = K.function([x], [layer(x)])
            made.append(lambda array, function=function: function([array])[0])
        else:
            traced = tf.function(model(x, layer(x)).__call__, input_signature=[tf.TensorSpec((None, *shape))])
            made.append(lambda array, traced=traced: traced(tf.constant(array, "float32")).numpy())
    return made


def grown(by: str) -> list[float]:
    """Return how many megabytes the process grew by in each round."""
    from nightly.soak import resident

    recurrent, convolution = computed(by)
    draw, found = np.random.RandomState(0), []
    for _ in range(2):
        recurrent(np.zeros((1, 3, 8))), convolution(np.zeros((1, 8, 8, 3)))
    for _ in range(ROUNDS):
        before = resident()
        for _ in range(CALLS):
            recurrent(np.zeros((draw.randint(1, 33), draw.randint(1, 60), 8)))
            convolution(np.zeros((draw.randint(1, 9), *draw.randint(8, 40, 2), 3)))
        found.append(resident() - before)
    return found


def main() -> int:
    """Print a line for each process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--by", choices=("k2compat", "tensorflow"), help="Run one in this process.")
    options = parser.parse_args()
    if options.by:
        rounds = grown(options.by)
        print(f"{options.by}: {sum(rounds):.0f} MB in {2 * ROUNDS * CALLS} calls, {rounds[-1]:.1f} in the last sixth")
        return 0
    is_more = False
    for onednn in ("1", "0"):
        grown_by = {}
        for by in ("k2compat", "tensorflow"):
            command, environment = (
                [sys.executable, "-m", "nightly.sizes", "--by", by],
                {"TF_ENABLE_ONEDNN_OPTS": onednn},
            )
            ran = subprocess.run(
                command, check=True, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
            )
            print(f"TF_ENABLE_ONEDNN_OPTS={onednn} {ran.stdout.strip()}", flush=True)
            grown_by[by] = float(ran.stdout.split()[1])
        is_more |= grown_by["k2compat"] > SHARE * grown_by["tensorflow"] + NOISE
    return int(is_more)


if __name__ == "__main__":
    sys.exit(main())
