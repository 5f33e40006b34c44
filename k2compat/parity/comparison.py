"""Rows and verdicts of a comparison."""

from __future__ import annotations

from dataclasses import dataclass, field

from k2compat.parity.differences import Measured, Moments
from k2compat.parity.recording import Event, Recording, Value

# Rounding grows with the largest values in an array, so that is what it is measured by. The absolute part is for arrays
# of nothing but rounding; gradients are often as small as 1e-5, and an error of a thousandth in them has to be seen.
RTOL, ATOL = 1e-4, 1e-8


EQUAL, SENSITIVE, DIFFERS = "equal", "sensitive", "DIFFERS"


RANDOM, MOMENTS = "random", "random, MOMENTS DIFFER"


SHAPE, DTYPE, NAME = "SHAPE DIFFERS", "DTYPE DIFFERS", "NAME DIFFERS"


ONLY_LEFT, ONLY_RIGHT = "ONLY IN REFERENCE", "ONLY IN K2COMPAT"


FINE = (EQUAL, SENSITIVE, RANDOM)


@dataclass
class Row:
    """The verdict on one array.

    Attributes:
        number: the result's number, on the reference's side where that has it.
        left, right: the results it is part of, of the reference and of k2compat.
        a, b: the array on either side.
        verdict: one of the words above.
        measured: the differences; None where there is nothing to subtract.
        moments: of either side and of the reference run again, for random results.
        remark: more about it, such as the step at which curves part.
        begins: of curves that part, the epoch, and the batch or 0; counted from 1.
    """

    left: Event | None
    right: Event | None
    a: Value | None
    b: Value | None
    verdict: str = EQUAL
    measured: Measured | None = None
    moments: list[Moments] = field(default_factory=list)
    remark: str = ""
    begins: tuple[int, int] | None = None

    @property
    def event(self) -> Event:
        found = self.left or self.right
        assert found is not None
        return found

    @property
    def value(self) -> Value:
        found = self.a or self.b
        assert found is not None
        return found

    @property
    def number(self) -> int:
        return self.event.number

    @property
    def fine(self) -> bool:
        return self.verdict in FINE


@dataclass
class Comparison:
    """All verdicts on two recordings.

    Attributes:
        reference, found: the recordings.
        rows: one for each array, in order.
        rtol, atol: the tolerance: ``rtol`` of the array's largest absolute value, plus ``atol``.
    """

    reference: Recording
    found: Recording
    rows: list[Row]
    rtol: float
    atol: float

    @property
    def equal(self) -> bool:
        """Whether nothing differs; random results count as long as their moments agree."""
        return all(row.fine for row in self.rows)

    @property
    def first_difference(self) -> Row | None:
        return next((row for row in self.rows if not row.fine), None)

    def __str__(self) -> str:
        count = sum(not row.fine for row in self.rows)
        first = self.first_difference
        if first is None:
            return f"{len(self.rows)} arrays, equal"
        where = f"{first.event.what} {first.value.name}".rstrip()
        return f"{len(self.rows)} arrays, {count} of them differ; the first: {where}: {first.verdict}"
