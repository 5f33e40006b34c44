"""Edits of a text: what rules propose, how edits are applied, and where a place was before and is after."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Edit:
    """Replaces the characters from ``start`` up to ``end`` (offsets in the text) by ``text``."""

    start: int
    end: int
    text: str

    def meets(self, other: Edit) -> bool:
        """Return whether two edits cannot both be made; two insertions at one place can, in their order."""
        if self.start == self.end == other.start == other.end:
            return False
        return self.start < other.end and other.start < self.end or self.start == other.start


@dataclass(frozen=True)
class Change:
    """Edits that are made together or not at all.

    Attributes:
        at: offset of the place a report names.
        message: what is done, in one line.
        edits: what is done to the text.
        together: changes of a rule for which this is equal, and not None, are made together or not at all.
    """

    at: int
    message: str
    edits: tuple[Edit, ...]
    together: Hashable = None


@dataclass(frozen=True)
class ManualWork:
    """Something that needs manual work.

    Attributes:
        at: offset of the place a report names.
        message: what was found, and why it stays.
        advice: what to do.
    """

    at: int
    message: str
    advice: str


class Apart:
    """A growing set of edits that can all be made."""

    def __init__(self) -> None:
        self._edits: list[Edit] = []  # in order

    def meets(self, edit: Edit) -> bool:
        """Return whether an edit cannot be made together with those of the set; one that is in it can."""
        place = bisect_left(self._edits, edit.start, key=_start)
        # As they are apart, only the last of those that begin before it can reach into it.
        for number in range(max(place - 1, 0), len(self._edits)):
            other = self._edits[number]
            if other.start > edit.start and other.start >= edit.end:
                break
            if edit != other and edit.meets(other):
                return True
        return False

    def add(self, edits: Iterable[Edit]) -> None:
        """Add edits that do not meet those of the set."""
        for edit in edits:
            place = bisect_left(self._edits, edit)
            if self._edits[place : place + 1] != [edit]:
                self._edits.insert(place, edit)


class Applied:
    """A set of edits that was applied to a text.

    Args:
        text: before.
        edits: without overlap; equal ones count once.
    """

    def __init__(self, text: str, edits: Iterable[Edit]):
        # Stable, so that several insertions at one place keep the order in which they were asked for.
        self._edits = sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end))
        self.before = text
        self._starts = [edit.start for edit in self._edits]
        self._after: list[int] = []
        pieces, at, shift = [], 0, 0
        for edit in self._edits:
            pieces += [text[at : edit.start], edit.text]
            self._after.append(edit.start + shift)
            at, shift = edit.end, shift + len(edit.text) - (edit.end - edit.start)
        self.text = "".join([*pieces, text[at:]])

    def forward(self, place: int) -> int:
        """Return where a place of the text before is in the text after."""
        return self._moved(place, self._starts, self._after, _length_before, _length_after)

    def back(self, place: int) -> int:
        """Return where a place of the text after was in the text before."""
        return self._moved(place, self._after, self._starts, _length_after, _length_before)

    def _moved(
        self,
        place: int,
        here: Sequence[int],
        there: Sequence[int],
        length_here: Callable[[Edit], int],
        length_there: Callable[[Edit], int],
    ) -> int:
        number = bisect_right(here, place) - 1
        if number < 0:
            return place
        edit = self._edits[number]
        inside = place - here[number]
        if inside < length_here(edit):  # a place inside an edit has none on the other side but the edit's
            return there[number] + min(inside, max(length_there(edit) - 1, 0))
        return there[number] + length_there(edit) + inside - length_here(edit)


def _start(edit: Edit) -> int:
    return edit.start


def _length_before(edit: Edit) -> int:
    return edit.end - edit.start


def _length_after(edit: Edit) -> int:
    return len(edit.text)


class Lines:
    r"""The lines of a text, as Python counts them: they end with \n, \r\n or a lone \r."""

    def __init__(self, text: str):
        self._length = len(text)
        self.starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text) if found.end() < len(text))]

    def line(self, place: int) -> int:
        """Return the line a place is in, counted from 1."""
        return bisect_right(self.starts, place)

    def position(self, place: int) -> tuple[int, int]:
        """Return line and column of a place, counted from 1."""
        line = self.line(place)
        return line, place - self.starts[line - 1] + 1

    def whole(self, start: int, end: int) -> tuple[int, int]:
        """Return where the lines a range is in begin and end, the end of the last line included."""
        after = self.line(max(start, end - 1))
        return self.starts[self.line(start) - 1], self.starts[after] if after < len(self.starts) else self._length
