"""Small trainings drawn at random, under k2compat and under Keras 2.3.1: losses, metrics, predictions and weights.

``python -m nightly.training --legacy-python LEGACY/bin/python --draws 300 --seed 0``, in the folder ``tests``; with
``TF_USE_LEGACY_KERAS=1`` for Keras 2. The legacy environment is that of tests/goldens/legacy_env.sh.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

import k2compat.backend  # noqa: F401  (what is compared)
from nightly import training_draws

TOLERANCE = 2e-4  # of the largest value
SMALLEST_SCALE = 1e-2


class Legacy:
    """A process with Keras 2.3.1 that answers draws."""

    def __init__(self, python: str):
        names = ("PYTHONPATH", "TF_USE_LEGACY_KERAS", "TF2_BEHAVIOR")  # the last is set by TensorFlow 2
        environment = {name: value for name, value in os.environ.items() if name not in names}
        self._process = subprocess.Popen(
            [python, str(Path(training_draws.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "TF_CPP_MIN_LOG_LEVEL": "3"},
            text=True,
        )

    def trained(self, description: dict[str, Any]) -> Any:
        """Return the results of a draw by name, or the text of an error."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(description) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the process of Keras 2.3.1 ended")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return what differs, in words."""
    if set(expected) != set(found):
        return [f"results {sorted(found)}, Keras 2.3.1 has {sorted(expected)}"]
    told = []
    for name, values in expected.items():
        a, b = np.asarray(values), np.asarray(found[name])
        if a.shape != b.shape:
            told.append(f"{name}: shape {b.shape}, Keras 2.3.1 has {a.shape}")
            continue
        scale = max(SMALLEST_SCALE, float(np.abs(a[np.isfinite(a)]).max(initial=0)))
        if not np.allclose(a, b, rtol=0, atol=TOLERANCE * scale, equal_nan=True):
            told.append(f"{name}: {b.ravel()[:4]}, Keras 2.3.1 has {a.ravel()[:4]}")
    return told


def compared(seed: int, legacy: Legacy) -> tuple[str, list[str]]:
    """Return what became of a draw, and what differs, in words."""
    description = training_draws.drawn(seed)
    expected = legacy.trained(description)
    found = training_draws.answered(description, tf.keras)
    if isinstance(expected, str):
        return "raise under Keras 2.3.1", [f"seed {seed}: Keras 2.3.1: {expected.strip().splitlines()[-1]}"]
    problems = found.splitlines()[-8:] if isinstance(found, str) else differences(expected, found)
    if not problems:
        return "equal", []
    return "differ", [f"--seed {seed} --draws 1: {json.dumps(description)}", *problems]


def main() -> int:
    """Compare draws, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--legacy-python", required=True, help="An interpreter with Keras 2.3.1.")
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="when to stop before the last draw")
    parser.add_argument("--seed", type=int, default=0, help="of the first draw (default: %(default)s)")
    options = parser.parse_args()
    legacy, counts, start = Legacy(options.legacy_python), Counter[str](), time.monotonic()
    warnings.simplefilter("ignore")
    for seed in range(options.seed, options.seed + options.draws):
        if time.monotonic() - start > options.seconds:
            break
        word, problems = compared(seed, legacy)
        counts[word] += 1
        if problems:
            print(*problems, sep="\n    ", flush=True)
    legacy.close()
    told = ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))
    print(f"{counts.total()} draws in {time.monotonic() - start:.0f} s with {tf.keras.__name__}: {told}")
    return int(bool(counts["differ"]))


if __name__ == "__main__":
    sys.exit(main())
