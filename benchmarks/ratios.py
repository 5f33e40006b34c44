"""Compares measured contenders: whether they computed the same, how their times relate, where this package loses."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.contenders import CONTENDERS, CONTROL, OURS, REFERENCE, SUBJECT
from benchmarks.measure import MEASURES, Measured

# Largest difference between two contenders' arrays, as a share of the largest value.
TOLERANCE = 1e-3
# Fewer have no spread that could tell a loss from noise.
FEWEST_ROUNDS = 3


class DisagreementError(ValueError):
    """Contenders computed different results, so that their times say nothing."""


@dataclass(frozen=True)
class Ratio:
    """How one contender's times relate to another's, or a number of its own.

    Attributes:
        median: of the ratios taken round by round.
        low, high: their quartiles.
        rounds: how many there were.
    """

    median: float
    low: float
    high: float
    rounds: int

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"


def ratio(times: Sequence[float], others: Sequence[float]) -> Ratio:
    """The ratio of two contenders' times, paired by round: a disturbance hits both sides of a pair.

    Raises:
        ValueError: if there are not equally many of both.
    """
    return spread([time / other for time, other in zip(times, others, strict=True)])


def spread(numbers: Sequence[float]) -> Ratio:
    """The median of numbers, with their quartiles."""
    found = list(numbers)
    low, median, high = statistics.quantiles(found, n=4, method="inclusive") if len(found) > 1 else found * 3
    return Ratio(median, low, high, len(found))


def ratios(measured: Measured, reference: str = REFERENCE) -> dict[str, dict[str, Ratio]]:
    """Measure -> contender -> ratio to the reference."""
    return {
        measure: {name: ratio(times, of_all[reference]) for name, times in of_all.items()}
        for measure, of_all in measured.seconds.items()
        if of_all
    }


def check_agreement(results: dict[str, dict[str, Any]], reference: str = REFERENCE, share: float = 1.0) -> float:
    """Checks that all contenders computed the reference's arrays, as far as they compute the same things.

    Where the reference does not take part, the first contender's arrays are what the others are compared with.

    Args:
        results: contender -> named arrays.
        reference: whose arrays the others are compared with.
        share: the part of each array's values that has to agree.

    Returns:
        The largest difference, as a share of the array's largest value.

    Raises:
        DisagreementError: naming every contender and array that is too far off.
    """
    largest = 0.0
    faults = []
    reference = reference if reference in results else next(iter(results))
    for name, arrays in results.items():
        shared = sorted(set(arrays) & set(results[reference]))
        if not shared:
            faults.append(f"{name}: computed nothing that {reference} computes too")
        for key in shared:
            off = difference(arrays[key], results[reference][key], share)
            largest = max(largest, off)
            if not off <= TOLERANCE:
                faults.append(f"{name}: {key} is off by {off:.1e} of its largest value")
    if faults:
        raise DisagreementError("\n".join(faults))
    return largest


def difference(array: Any, expected: Any, share: float = 1.0) -> float:
    """The largest difference as a share of the largest expected value; infinite where that says nothing.

    Args:
        array, expected: what is compared.
        share: the part of the values that is looked at: those that differ least.
    """
    if np.shape(array) != np.shape(expected):
        return float("inf")
    size = float(np.max(np.abs(expected)))
    # Arrays of zeros, or with NaN in them, agree with each other whatever the code does.
    if not np.isfinite(size) or size == 0:
        return float("inf")
    return float(np.nan_to_num(np.quantile(np.abs(np.asarray(array) - expected), share) / size, nan=np.inf))


def findings(measured: Measured) -> list[str]:
    """Sentences: where this package is slower than another contender, then the noise of the machine."""
    sentences = []
    if SUBJECT not in measured.versions:
        return []
    for measure, title in MEASURES.items():
        times = measured.seconds[measure]
        if not times:
            continue
        others = [name for name in times if name not in (*OURS, CONTROL)]
        found = [losing(title, name, ratio(times[SUBJECT], times[name]), CONTENDERS[name].limit) for name in others]
        sentences += [sentence for sentence in found if sentence]
    if not sentences:
        sentences = [f"{SUBJECT} is slower than no other contender in any measure."]
    if CONTROL in measured.seconds["call"]:
        control = ratio(measured.seconds["call"][CONTROL], measured.seconds["call"][REFERENCE])
        sentences.append(f"Noise: {REFERENCE} against itself in a second process, warm call: {control}.")
    return sentences


def losing(title: str, other: str, found: Ratio, limit: bool) -> str:
    """One sentence where this package is slower; empty where it is not, or where the spread does not tell."""
    if found.low <= 1 or found.rounds < FEWEST_ROUNDS:
        return ""
    note = ", which does less work and only shows the limit" if limit else ""
    return f"Slower: {title}: {found} times as long as {other}{note}."
