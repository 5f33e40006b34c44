"""Measures how far two arrays are apart, block by block: they may be larger than the memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

BLOCK = 1 << 20  # elements

# Means and deviations may be some standard errors apart, or some times as far as the reference is from itself.
ERRORS, TIMES = 5.0, 3.0


@dataclass
class Measured:
    """The difference between two arrays of one shape.

    Attributes:
        absolute: the largest absolute difference, of values that are finite on both sides.
        scale: the reference's largest absolute value.
        unlike: how many values cannot be subtracted and are not the same: texts, truth values, nan and infinity; and
            integers that differ, which have no tolerance.
        at: flat index of the largest difference, or of the first value that is unlike.
    """

    absolute: float = 0.0
    scale: float = 0.0
    unlike: int = 0
    at: int | None = None

    @property
    def relative(self) -> float:
        """The largest difference as a share of the reference's largest value."""
        if self.absolute == 0:
            return 0.0
        return self.absolute / self.scale if self.scale else float("inf")


def measure(reference: np.ndarray, found: np.ndarray) -> Measured:
    """Measure the difference between two arrays of one shape."""
    result = Measured()
    start = 0
    for a, b in zip(blocks(reference), blocks(found), strict=True):
        if a.dtype.kind in "fciu" and b.dtype.kind in "fciu":
            subtract(result, a, b, start)
        else:
            note_unlike(result, a != b, start)
        start += len(a)
    return result


def blocks(array: np.ndarray) -> Iterator[np.ndarray]:
    flat = array.reshape(-1)
    yield from (flat[start : start + BLOCK] for start in range(0, max(flat.size, 1), BLOCK))


def subtract(result: Measured, a: np.ndarray, b: np.ndarray, start: int) -> None:
    """Add one block of numbers to a measurement."""
    exact = a.dtype.kind in "iu" and b.dtype.kind in "iu"
    wide = "complex128" if "c" in (a.dtype.kind, b.dtype.kind) else "float64"
    a, b = a.astype(wide), b.astype(wide)
    finite = np.isfinite(a) & np.isfinite(b)
    note_unlike(result, ~finite & ~((a == b) | (np.isnan(a) & np.isnan(b))), start)
    if not finite.any():
        return
    result.scale = max(result.scale, float(np.abs(a[finite]).max()))
    difference = np.where(finite, np.abs(np.where(finite, a, 0) - np.where(finite, b, 0)), 0)
    if difference.max() > result.absolute:
        result.absolute = float(difference.max())
        if not result.unlike:
            result.at = start + int(np.argmax(difference))
    if exact:
        note_unlike(result, difference != 0, start)


def note_unlike(result: Measured, unlike: np.ndarray, start: int) -> None:
    count = int(np.sum(unlike))
    if count and not result.unlike:
        result.at = start + int(np.argmax(unlike))
    result.unlike += count


@dataclass
class Moments:
    """Mean and standard deviation of an array, each with its standard error if the values were independent."""

    count: int
    mean: float
    deviation: float
    mean_error: float
    deviation_error: float

    @classmethod
    def of(cls, array: np.ndarray) -> Moments:
        """Return the moments of an array's finite values; truth values and texts count as 0 or 1 and not at all."""
        sums = np.zeros(5)
        for block in blocks(array):
            values = block.astype("float64") if block.dtype.kind in "fiub" else np.zeros(0)
            values = values[np.isfinite(values)]
            sums += [np.sum(values**power) for power in range(5)]
        count = int(sums[0])
        if not count:
            return cls(0, np.nan, np.nan, np.nan, np.nan)
        mean, second, third, fourth = sums[1:] / count
        variance = max(second - mean**2, 0.0)
        central = max(fourth - 4 * mean * third + 6 * mean**2 * second - 3 * mean**4, 0.0)
        of_deviation = np.sqrt(max(central - variance**2, 0.0) / count) / (2 * np.sqrt(variance)) if variance else 0.0
        return cls(count, mean, np.sqrt(variance), np.sqrt(variance / count), float(of_deviation))

    def __str__(self) -> str:
        return f"{self.mean:.3g} ± {self.deviation:.3g}"


def moments_differ(reference: Moments, found: Moments, again: Moments) -> bool:
    """Return whether random results are of another distribution, as far as mean and standard deviation tell.

    They may differ by some standard errors. Values that depend on each other have larger ones than the formula says, so
    what the reference differs from itself in another run is allowed some times over, too.
    """
    if min(reference.count, found.count) < 2:
        return False
    return any(
        abs(getattr(found, name) - getattr(reference, name))
        > max(
            ERRORS * np.hypot(getattr(found, name + "_error"), getattr(reference, name + "_error")),
            TIMES * abs(getattr(again, name) - getattr(reference, name)),
            1e-6 * abs(reference.mean),
        )
        for name in ("mean", "deviation")
    )
