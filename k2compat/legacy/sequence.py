"""``keras.preprocessing.sequence``: what the data sets had from there."""

from __future__ import annotations

from typing import Any


def _remove_long_seq(maxlen: int, seq: Any, label: Any) -> tuple[list[Any], list[Any]]:
    """Return the sequences shorter than a length, and their labels."""
    kept = [(one, its) for one, its in zip(seq, label, strict=False) if len(one) < maxlen]
    return [one for one, _ in kept], [its for _, its in kept]
