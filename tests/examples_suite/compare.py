"""Compares the results of two sides of an example."""

import numpy as np

# Allowed share of an array's largest value: what rounding grows to in a short training.
TOLERANCE = 5e-3
# The same of an accuracy, which moves in steps of a sample.
FEW = 0.2


def verdict(legacy, ours):
    """Return a sentence: equal, or where the results differ first, or what stopped a side."""
    if not legacy.exists() or not ours.exists():
        return "no results"
    with np.load(legacy, allow_pickle=True) as theirs, np.load(ours, allow_pickle=True) as found:
        if str(theirs["error"]):
            return f"Keras 2.3.1 stops: {last_line(theirs['error'])}"
        if str(found["error"]):
            return f"stops: {last_line(found['error'])}"
        return difference({name: theirs[name] for name in theirs.files}, {name: found[name] for name in found.files})


def last_line(error):
    return str(error).strip().splitlines()[-1][:200]


def difference(theirs, found):
    """Return how two dicts of arrays differ."""
    if list(theirs) != list(found):
        missing = [name for name in theirs if name not in found][:3]
        extra = [name for name in found if name not in theirs][:3]
        return f"other: results are named otherwise: missing {missing}, extra {extra}"
    largest = {name: float(np.abs(value).max(initial=0)) for name, value in theirs.items() if is_number(value)}
    worst = 0.0
    for name, size in largest.items():
        expected, value = theirs[name], found[name]
        if value.shape != expected.shape:
            return f"other: {name} has the shape {value.shape} instead of {expected.shape}"
        scale = of_model(name, largest) if " weights " in name else size
        off = float(np.abs(value.astype("f8") - expected.astype("f8")).max(initial=0)) / max(scale, 1e-6)
        if "acc" in name.split()[-1] or "evaluate 1" in name:  # a sample or two may be on the other side
            off *= TOLERANCE / FEW
        if not off <= TOLERANCE:
            return f"other: {name} differs by {off:.2g} of its largest value"
        worst = max(worst, off)
    return f"equal ({len(theirs) - 1} results, largest difference {worst:.1g})"


def of_model(name, largest):
    """Return the largest weight of the model that a weight belongs to."""
    number = name.split()[0]
    return max(size for other, size in largest.items() if other.split()[0] == number)


def is_number(value):
    return value.dtype.kind in "fiub"
