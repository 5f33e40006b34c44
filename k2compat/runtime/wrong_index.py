"""Says which fed number is no row of a table, after an embedding or a gather failed for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.errors import FeedError, three_parts

REFUSED = re.compile(r"(indices(?:\[[\d,]*\])? = (-?\d+) is not in \[0, (\d+)\))")


def wrong_index(names: Sequence[str], values: Sequence[Any], failure: BaseException) -> FeedError | None:
    """Return the error that names the input with an index that a table does not have, after a computation failed.

    Args:
        names: of the inputs.
        values: the arrays or dense tensors they were fed.
        failure: of the computation.

    Returns:
        None where it failed for another reason, or where no input has the number: it was computed.
    """
    found = REFUSED.search(str(failure)) if isinstance(failure, tf.errors.InvalidArgumentError) else None
    if found is None or isinstance(failure, FeedError):
        return None
    number, size = int(found[2]), int(found[3])
    for name, value in zip(names, values, strict=True):
        numbers = np.trunc(value) if is_numeric(value) else np.zeros(0)
        places = np.argwhere(numbers == number)
        if len(places):
            place = f" at {places[0].tolist()}" if numbers.ndim else ""
            return FeedError(
                three_parts(
                    f"{number}{place} of the input '{name}', which is no row of a table of {size} rows\n"
                    f"It failed with: {found[1]}",
                    f"whole numbers from 0 to {size - 1}.",
                    "give what is unknown or left out a number of its own, such as 0, and count from 1."
                    if number < 0
                    else "count from 0, or give the table one row more than the largest number, such as "
                    f"Embedding({int(np.nanmax(numbers)) + 1}, ...).",
                )
            )
    return None


def is_numeric(value: Any) -> bool:
    """Return whether a value is an array or dense tensor of numbers."""
    return isinstance(value, (np.ndarray, tf.Tensor)) and np.dtype(value.dtype.name).kind in "iuf"
