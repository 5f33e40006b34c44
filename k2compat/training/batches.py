"""Which samples go into which batch, as in Keras 2.3.1."""

from __future__ import annotations

from typing import Any

import numpy as np


def bounds(samples: int, batch_size: int) -> list[tuple[int, int]]:
    """Return where each batch begins and ends; the last one may be smaller."""
    return [(start, min(samples, start + batch_size)) for start in range(0, samples, batch_size)]


def split_at(samples: int, validation_split: float) -> int:
    """Return the number of samples that are left for training; those behind them are for validation."""
    return int(samples * (1.0 - validation_split))


def shuffled(order: np.ndarray, shuffle: Any, batch_size: int) -> np.ndarray:
    """Return the order of the samples of the next epoch, drawn by NumPy from that of the last one.

    Args:
        order: the number of each sample; shuffled in place.
        shuffle: whether single samples are shuffled, or "batch" for whole batches.
        batch_size: of the training.
    """
    if isinstance(shuffle, str) and shuffle == "batch":
        full = len(order) // batch_size * batch_size
        rows = order[:full].reshape(-1, batch_size)
        np.random.shuffle(rows)
        return np.append(rows.flatten(), order[full:])
    if shuffle:
        np.random.shuffle(order)
    return order


def is_validated(validation_freq: Any, epoch: int) -> bool:
    """Return whether an epoch, counted from 0, ends with a validation.

    Args:
        validation_freq: after how many epochs one is due, or the epochs themselves, counted from 1.
        epoch: its number.

    Raises:
        ValueError: something else is given.
    """
    if isinstance(validation_freq, int):
        return (epoch + 1) % validation_freq == 0
    if isinstance(validation_freq, (list, tuple, set)):
        return epoch + 1 in validation_freq
    raise ValueError("`validation_freq` must be an Integer or a list, tuple or set of them.")
