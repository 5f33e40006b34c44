"""Which result of one side belongs to which of the other, where one may lack some."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

T = TypeVar("T")

# Above this product of lengths the places' own counts decide, which takes no time.
LONGEST = 4_000_000


def align(left: Sequence[T], right: Sequence[T], key: Callable[[T], Hashable]) -> Iterator[tuple[T | None, T | None]]:
    """Pairs two sequences so that what lacks on one side does not shift the rest.

    Args:
        left, right: the sequences.
        key: what two items must have in common to be a pair.

    Yields:
        Pairs in order; None where one side has nothing.
    """
    keys_left, keys_right = [key(item) for item in left], [key(item) for item in right]
    shorter = min(len(left), len(right))
    start = next((i for i in range(shorter) if keys_left[i] != keys_right[i]), shorter)
    yield from zip(left[:start], right[:start], strict=True)
    left, right, keys_left, keys_right = left[start:], right[start:], keys_left[start:], keys_right[start:]
    if len(left) * len(right) > LONGEST:
        yield from by_count(left, right, keys_left, keys_right)
        return
    matcher = SequenceMatcher(None, keys_left, keys_right, autojunk=False)
    for _, first, last, from_, to in matcher.get_opcodes():
        if keys_left[first:last] == keys_right[from_:to]:
            yield from zip(left[first:last], right[from_:to], strict=True)
        else:
            yield from ((item, None) for item in left[first:last])
            yield from ((None, item) for item in right[from_:to])


def by_count(
    left: Sequence[T], right: Sequence[T], keys_left: Sequence[Hashable], keys_right: Sequence[Hashable]
) -> Iterator[tuple[T | None, T | None]]:
    """Pairs the n-th item of a key with the n-th of the same key."""
    waiting: dict[Hashable, deque[T]] = defaultdict(deque)
    for key, item in zip(keys_right, right, strict=True):
        waiting[key].append(item)
    for key, item in zip(keys_left, left, strict=True):
        yield item, waiting[key].popleft() if waiting[key] else None
    yield from ((None, item) for rest in waiting.values() for item in rest)
