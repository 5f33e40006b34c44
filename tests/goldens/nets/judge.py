"""Judges what a draw gave by what Keras 2.3.1 gave."""

import numpy as np

from ..compare import difference

TOLERANCE = 2e-4
# What errors are relative to where all values are smaller: only rounding is left of them.
SMALLEST_SCALE = 1e-2
# How many standard errors two samples of the same distribution may be apart.
STANDARD_ERRORS = 6.0


def problems(golden, found):
    """What differs: measure -> a sentence. What raised an error under Keras 2 may do anything."""
    if "build" in golden:
        return {}
    if "build" in found:
        return {"build": "raises " + found["build"]}
    told = {}
    for measure, expected in golden.items():
        if isinstance(expected, str) or measure not in found:
            continue
        text = unlike(measure, expected, found[measure])
        if text:
            told[measure] = text
    return told


def unlike(measure, expected, found):
    """What is wrong with the arrays of one measure, or an empty text."""
    if isinstance(found, str):
        return "raises " + found
    if sorted(expected) != sorted(found):
        return "gives %s, the golden has %s" % (sorted(found), sorted(expected))
    wrong = []
    for key in expected:
        a, b = np.asarray(expected[key]), np.asarray(found[key])
        if "statistics" in (measure, key):
            text = unlike_samples(a, b)
        else:
            if a.dtype.kind == b.dtype.kind == "f" and measure != "predict":
                b = b.astype(a.dtype)
            text = difference(a, b, TOLERANCE, SMALLEST_SCALE)
        if text:
            wrong.append("%s: %s" % (key, text.replace("\n", " ")))
    return "; ".join(wrong)


def unlike_samples(expected, found, size=16000):
    """What tells two samples of random numbers from each other: by mean, standard deviation, and range."""
    names = ("mean", "standard deviation", "smallest", "largest")
    spread = max(float(expected[1]), 1e-3 * abs(float(expected[0])), 1e-7)
    tail = max(abs(expected[2] - expected[0]), abs(expected[3] - expected[0])) > 2.5 * spread  # without bounds
    allowed = [STANDARD_ERRORS * spread / np.sqrt(size)] * 2 + [(1.5 if tail else 0.1) * spread] * 2
    return "; ".join(
        "%s %.4g, the golden has %.4g" % (name, b, a)
        for name, a, b, limit in zip(names, expected, found, allowed)
        if abs(a - b) > limit
    )
