"""Compares two recordings: pairs their results, and gives each array a verdict."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from k2compat.parity.alignment import align
from k2compat.parity.comparison import (
    ATOL,
    DIFFERS,
    DTYPE,
    MOMENTS,
    NAME,
    ONLY_LEFT,
    ONLY_RIGHT,
    RANDOM,
    RTOL,
    SENSITIVE,
    SHAPE,
    Comparison,
    Row,
)
from k2compat.parity.differences import Measured, Moments, measure, moments_differ
from k2compat.parity.recording import Event, Recording, Value

# A difference may be this many times what shaking the reference's initial weights does to it.
TIMES_SHAKEN = 10.0


# What one Keras calls otherwise than another in a training: these belong together, and the other name is a difference.
SAME = (("accuracy", "acc"), ("learning_rate", "lr"))


def compare(
    a: Recording | str | Path,
    b: Recording | str | Path,
    rtol: float = RTOL,
    atol: float = ATOL,
    again: Recording | None = None,
    shaken: Recording | None = None,
    places: bool = True,
) -> Comparison:
    """Compare two recordings.

    Args:
        a: the reference: a recording or its folder.
        b: what is to be judged.
        rtol, atol: how far values may be apart: ``rtol`` of the array's largest absolute value, plus ``atol``.
        again: the reference recorded again, with other seeds of its random operations: what differs is random.
        shaken: the reference recorded again, its initial weights shaken: what differs shows how sensitive the
            result is.
        places: whether results belong together by file and line; if not, by their order alone.

    Returns:
        The comparison; ``equal`` is the short answer, ``str`` of it the table.
    """
    reference, found = (item if isinstance(item, Recording) else Recording(item) for item in (a, b))

    def key(event: Event) -> Hashable:
        return (event.file, event.line, event.what) if places else event.what

    def runs(other: Recording | None) -> dict[int, Event | None]:
        if other is None:
            return {}
        return {left.number: right for left, right in align(reference.events, other.events, key) if left}

    judge = Judge(rtol, atol, runs(again), runs(shaken))
    pairs = align(reference.events, found.events, key)
    rows = [row for left, right in pairs for row in judge.rows(left, right)]
    return Comparison(reference, found, rows, rtol, atol)


class Judge:
    """Gives verdicts, and remembers what it needs to explain a difference.

    Args:
        rtol, atol: the tolerance.
        repeated, shaken: number of a result of the reference -> the same result of the reference run again, with other
            random numbers and with shaken weights.
    """

    def __init__(self, rtol: float, atol: float, repeated: dict[int, Event | None], shaken: dict[int, Event | None]):
        self.rtol, self.atol, self.repeated, self.shaken = rtol, atol, repeated, shaken
        self.before: dict[Hashable, tuple[Event, Value]] = {}

    def rows(self, left: Event | None, right: Event | None) -> Iterator[Row]:
        """Yield the verdicts on a pair of results, one for each array."""
        if left is None or right is None:
            verdict = ONLY_RIGHT if left is None else ONLY_LEFT
            for value in one_of(left, right).values or [Value("", "", (), lambda: np.zeros(()))]:
                yield Row(left, right, value if left else None, value if right else None, verdict)
            return
        pairs = align(values_of(left), values_of(right), known_as(left))
        found = [self.judge(left, right, a, b) for a, b in pairs]
        self.explain_swapped(found)
        yield from found

    def judge(self, left: Event, right: Event, a: Value | None, b: Value | None) -> Row:
        """Return the verdict on one array."""
        row = Row(left, right, a, b)
        if a is None or b is None:
            row.verdict = ONLY_RIGHT if a is None else ONLY_LEFT
            return row
        if a.shape != b.shape:
            row.verdict, row.remark = SHAPE, f"{a.shape} became {b.shape}"
            self.compare_beginnings(row, a, b)
            return row
        repeated = self.of_run(self.repeated, left, a)
        row.measured = measure(a.load(), b.load())
        if repeated is not None and not self.close(measure(a.load(), repeated.load())):
            row.moments = [Moments.of(value.load()) for value in (a, b, repeated)]
            row.verdict = MOMENTS if moments_differ(*row.moments) else RANDOM
        elif not self.close(row.measured):
            self.explain(row, left, a, b)
        if row.fine and a.dtype != b.dtype:
            row.verdict, row.remark = DTYPE, f"{a.dtype} became {b.dtype}"
        if row.fine and a.name != b.name:
            row.verdict, row.remark = NAME, f"{a.name} became {b.name}"
        self.before[(left.file, left.line, left.what, a.name)] = (left, a)
        return row

    def close(self, measured: Measured) -> bool:
        return measured.unlike == 0 and measured.absolute <= self.atol + self.rtol * measured.scale

    def of_run(self, run: dict[int, Event | None], left: Event, a: Value) -> Value | None:
        """Return the same array in another run of the reference."""
        event = run.get(left.number)
        found = next((value for value in event.values if value.name == a.name), None) if event else None
        return found if found is not None and found.shape == a.shape else None

    def compare_beginnings(self, row: Row, a: Value, b: Value) -> None:
        """Of curves of unequal length, says where they part."""
        if len(a.shape) == len(b.shape) == 1 and row.event.curves:
            length = min(a.shape[0], b.shape[0])
            step = self.first_step(a.load()[:length], b.load()[:length])
            row.begins = None if step is None else step_of(a, step)
            row.remark += ", equal as far as both go" if step is None else f", apart from {step_name(row.begins)} on"

    def explain(self, row: Row, left: Event, a: Value, b: Value) -> None:
        """Say more about a difference: where a curve parts, which older result it is, or whether it is sensitive."""
        row.verdict = DIFFERS
        event, value = self.before.get((left.file, left.line, left.what, a.name), (None, None))
        if left.curves:
            row.begins = step_of(a, self.first_step(a.load(), b.load()) or 0)
            row.remark = f"apart from {step_name(row.begins)} on"
        elif event is not None and value is not None and self.is_the_same(b, value):
            row.remark = f"stale: it is the reference's result #{event.number}"
            return
        shaken = self.of_run(self.shaken, left, a)
        if shaken is None or row.measured is None:
            return
        own = measure(a.load(), shaken.load())
        if left.curves:
            sensitive = self.stays_near(a.load(), b.load(), shaken.load())
        else:
            sensitive = is_as_sensitive(row.measured, own)
        if sensitive:
            row.verdict = SENSITIVE
            row.remark += f"{'; ' * bool(row.remark)}the reference itself moves by {own.absolute:.1e}"

    def stays_near(self, a: np.ndarray, b: np.ndarray, shaken: np.ndarray) -> bool:
        """Return whether a curve is, at each step, no further away than the reference was from itself until then."""
        reach = TIMES_SHAKEN * np.maximum.accumulate(np.abs(a - shaken))
        return bool(np.all(np.abs(a - b) <= reach + self.atol + self.rtol * np.abs(a)))

    def first_step(self, a: np.ndarray, b: np.ndarray) -> int | None:
        """Return the first element of two curves that is apart, measured by the reference's values there."""
        apart = ~(np.abs(a - b) <= self.atol + self.rtol * np.abs(a)) & ~(np.isnan(a) & np.isnan(b))
        return int(np.argmax(apart)) if apart.any() else None

    def explain_swapped(self, rows: list[Row]) -> None:
        """Mark two outputs that stand in each other's place."""
        wrong = [row for row in rows if row.verdict in (DIFFERS, SHAPE) and row.a and row.b]
        for row in wrong:
            for other in wrong:
                if other is not row and self.is_the_same(row.b, other.a) and self.is_the_same(other.b, row.a):
                    row.remark = f"swapped with {other.value.name}"

    def is_the_same(self, found: Any, reference: Any) -> bool:
        return found.shape == reference.shape and self.close(measure(reference.load(), found.load()))


def is_as_sensitive(found: Measured, own: Measured) -> bool:
    """Return whether a difference is no larger than what a small change of the initial weights grows to.

    Training with an adaptive optimizer makes the smallest differences large; two versions of TensorFlow, which round
    otherwise, do not stay together then.
    """
    return found.absolute <= TIMES_SHAKEN * own.absolute and found.unlike <= TIMES_SHAKEN * own.unlike


def one_of(left: Event | None, right: Event | None) -> Event:
    found = left or right
    assert found is not None
    return found


def values_of(event: Event) -> list[Value]:
    """Return the arrays of a result, in order; curves, whose order does not count, by their names."""
    return sorted(event.values, key=known_as(event)) if event.curves else event.values


def known_as(event: Event) -> Callable[[Value], str]:
    """By what the arrays of a result are paired: their names, where another Keras has other ones the old ones."""

    def name(value: Value) -> str:
        found = value.name
        for today, before in SAME if event.curves else ():
            found = re.sub(rf"(?<![a-z]){today}(?![a-z])", before, found)
        return found

    return name


def step_of(value: Value, step: int) -> tuple[int, int]:
    """Return what an element of a curve is: an epoch, and the batch in it or 0; counted from 1, as Keras prints
    them.
    """
    for epoch, size in enumerate(value.epochs, start=1):
        if step < size:
            return epoch, step + 1
        step -= size
    return step + 1, 0


def step_name(step: tuple[int, int] | None) -> str:
    epoch, batch = step or (1, 0)
    return f"epoch {epoch}, batch {batch}" if batch else f"epoch {epoch}"
