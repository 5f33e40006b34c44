"""Compares the results of two sides of an example."""

import numpy as np

# Allowed share of an array's largest value: what rounding grows to in a short training.
TOLERANCE = 5e-3
# The same of an accuracy, which moves in steps of a sample.
FEW = 0.2


def verdict(legacy, ours, moved=()):
    """Return a sentence: equal, or where the results differ first, or what stopped a side.

    Args:
        legacy: the file with the results of Keras 2.3.1.
        ours: that of the other side.
        moved: those of Keras 2.3.1 with each initial weight moved to a neighbouring number.
    """
    if not legacy.exists() or not ours.exists():
        return "no results"
    theirs, found = loaded(legacy), loaded(ours)
    if str(theirs["error"]):
        return f"Keras 2.3.1 stops: {last_line(theirs['error'])}"
    if str(found["error"]):
        return f"stops: {last_line(found['error'])}"
    sentence, worst = difference(theirs, found)
    reach = max((difference(theirs, loaded(path))[1] for path in moved if path.exists()), default=0.0)
    if TOLERANCE < worst <= reach < float("inf"):
        return f"equal as far as rounding lets it (largest difference {worst:.2g}, of 2.3.1 to itself {reach:.2g})"
    return (
        f"{sentence}, the largest by {worst:.2g}; 2.3.1 differs from itself by {reach:.2g}"
        if worst > TOLERANCE and reach
        else sentence
    )


def loaded(path):
    with np.load(path, allow_pickle=True) as file:
        return {name: file[name] for name in file.files}


def last_line(error):
    return str(error).strip().splitlines()[-1][:200]


def difference(theirs, found):
    """Return how two dicts of arrays differ, and the largest difference, infinite where they have other arrays."""
    if list(theirs) != list(found):
        missing = [name for name in theirs if name not in found][:3]
        extra = [name for name in found if name not in theirs][:3]
        return f"other: results are named otherwise: missing {missing}, extra {extra}", float("inf")
    largest = {name: float(np.abs(value).max(initial=0)) for name, value in theirs.items() if is_number(value)}
    worst, first = 0.0, ""
    for name, size in largest.items():
        expected, value = theirs[name], found[name]
        if value.shape != expected.shape:
            return f"other: {name} has the shape {value.shape} instead of {expected.shape}", float("inf")
        scale = of_model(name, largest) if " weights " in name else size
        off = float(np.abs(value.astype("f8") - expected.astype("f8")).max(initial=0)) / max(scale, 1e-6)
        if "acc" in name.split()[-1] or "evaluate 1" in name:  # a sample or two may be on the other side
            off *= TOLERANCE / FEW
        if not off <= TOLERANCE and not first:
            first = f"other: {name} differs by {off:.2g} of its largest value"
        worst = max(worst, float("inf") if np.isnan(off) else off)
    return first or f"equal ({len(theirs) - 1} results, largest difference {worst:.1g})", worst


def of_model(name, largest):
    """Return the largest weight of the model that a weight belongs to."""
    number = name.split()[0]
    return max(size for other, size in largest.items() if other.split()[0] == number)


def is_number(value):
    return value.dtype.kind in "fiub"
