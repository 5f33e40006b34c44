"""Keeps the reason of a gradient that does not exist, for the error that may follow when its None is used."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from typing import Any

_absences: list[str] = []  # why the latest gradients were None, newest last


def explain_absence(losses: Sequence[Any], sources: Sequence[Any], found: Sequence[bool]) -> None:
    """Keep the reason of a None, for the error that may follow when it is used."""
    frame = next(frame for frame in callers() if not frame.f_globals.get("__name__", "").startswith("k2compat."))
    missing = next(source for source, reached in zip(sources, found, strict=True) if not reached)
    _absences.append(
        f"K.gradients at {frame.f_code.co_filename}:{frame.f_lineno} gave None: the loss does not depend "
        f"differentiably on {missing!r}. "
        "It is not upstream of the loss (a layer inside a nested model belongs to that model's own graph, another "
        "model's tensors to that model's), or the only path runs through argmax, an integer cast, a comparison or "
        "K.stop_gradient; and a crossentropy depends on the logits, not on the result of their softmax."
    )
    del _absences[:-1]


def absence_note(item: Any) -> str:
    """Why a None may have come up where a tensor was expected."""
    return f"\n  {_absences[-1]}" if item is None and _absences else ""


def callers() -> Any:
    """Return the frames of the present call, innermost first."""
    frame = sys._getframe(1)
    return itertools.takewhile(lambda f: f is not None, iterate(lambda f: f.f_back if f else None, frame))


def iterate(step: Any, start: Any) -> Any:
    """start, step(start), step(step(start)), ..."""
    while True:
        yield start
        start = step(start)
