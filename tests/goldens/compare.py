"""Compares what a case gives with its golden, and says every difference in one line each."""

import numpy as np


def differences(golden, found, tolerance):
    """All differences between two dictionaries of arrays.

    Args:
        golden: name -> array, as the legacy side computed it.
        found: name -> array, to be judged.
        tolerance: largest error allowed, relative to the largest absolute value of each golden array.

    Returns:
        A list of sentences, empty when everything agrees.
    """
    problems = ["%s: missing" % name for name in sorted(set(golden) - set(found))]
    problems += ["%s: not in the golden" % name for name in sorted(set(found) - set(golden))]
    for name in sorted(set(golden) & set(found)):
        problem = difference(np.asarray(golden[name]), np.asarray(found[name]), tolerance)
        if problem:
            problems.append("%s: %s" % (name, problem))
    return problems


def difference(golden, found, tolerance):
    """What is wrong with one array, or None."""
    if kind(found) != kind(golden):
        return "dtype %s, the golden has %s" % (found.dtype, golden.dtype)
    if found.shape != golden.shape:
        return "shape %s, the golden has %s" % (found.shape, golden.shape)
    if golden.dtype.kind not in "fc":
        wrong = int(np.sum(golden != found))
        return "%d of %d values differ: %s, the golden has %s" % (wrong, golden.size, found, golden) if wrong else None
    if not np.all(np.isfinite(found)):
        return "%d values are not finite" % np.sum(~np.isfinite(found))
    if golden.size == 0:
        return None
    scale = np.max(np.abs(golden))
    error = np.max(np.abs(found.astype("float64") - golden.astype("float64")))
    if error > tolerance * scale:
        return "error %.3g, allowed %.3g (%g of the largest value %.6g)" % (error, tolerance * scale, tolerance, scale)
    return None


def kind(array):
    """The dtype kind; signed and unsigned integers are one, texts of any length are one."""
    return {"u": "i", "S": "U"}.get(array.dtype.kind, array.dtype.kind)
