"""Compares what a case gives with its golden, and says every difference in one line each."""

import numpy as np


def differences(golden, found, tolerance, smallest_scale=0.0):
    """All differences between two dictionaries of arrays.

    Args:
        golden: name -> array, as the legacy side computed it.
        found: name -> array, to be judged.
        tolerance: largest error allowed, relative to the largest absolute value of each golden array.
        smallest_scale: what the error is relative to where that value is smaller, and only rounding is left of it.

    Returns:
        A list of sentences, empty when everything agrees.
    """
    problems = ["%s: missing" % name for name in sorted(set(golden) - set(found))]
    problems += ["%s: not in the golden" % name for name in sorted(set(found) - set(golden))]
    for name in sorted(set(golden) & set(found)):
        problem = difference(np.asarray(golden[name]), np.asarray(found[name]), tolerance, smallest_scale)
        if problem:
            problems.append("%s: %s" % (name, problem))
    return problems


def difference(golden, found, tolerance, smallest_scale=0.0):
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
    scale = max(np.max(np.abs(golden)), smallest_scale)
    error = np.max(np.abs(found.astype("float64") - golden.astype("float64")))
    if error > tolerance * scale:
        return "error %.3g, allowed %.3g (%g of the largest value %.6g)" % (error, tolerance * scale, tolerance, scale)
    return None


def largest_error(golden, found):
    """The largest error of the arrays that both have in one shape, each relative to its golden's largest value."""
    pairs = [(np.asarray(golden[name]), np.asarray(found[name])) for name in set(golden) & set(found)]
    errors = [0.0]
    for a, b in pairs:
        if a.shape == b.shape and a.size and a.dtype.kind == b.dtype.kind == "f":
            scale = np.max(np.abs(a))
            error = np.max(np.abs(b.astype("float64") - a.astype("float64")))
            errors.append(error / scale if scale else error)
    return float(max(errors))


def kind(array):
    """The dtype, but all integers are one, and texts of any length are."""
    return {"u": "int", "i": "int", "S": "text", "U": "text"}.get(array.dtype.kind, array.dtype.name)
