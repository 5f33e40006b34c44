"""The samples of one array, tensor, table, sparse matrix or file, read batch by batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

# Arrays of at most so many bytes are cast as a whole, larger ones batch by batch.
CAST_AT_ONCE = 1 << 24


class Unknown(Exception):
    """Data that cannot be read as samples here; ``str`` says what it is."""


class Rows:
    """The samples of an array.

    Args:
        array: its first axis is that of the samples.
        dtype: what batches are cast to.

    Attributes:
        shape: of the array.
        given: the array as it was.
    """

    def __init__(self, array: Any, dtype: Any):
        self.dtype = np.dtype(dtype)
        self.given = array
        if array.dtype != self.dtype and array.nbytes <= CAST_AT_ONCE:
            array = array.astype(self.dtype)
        self.array = array
        self.shape = array.shape
        self._same = array.dtype == self.dtype

    def take(self, ids: np.ndarray) -> np.ndarray:
        """Return the samples of some numbers."""
        found: np.ndarray = self.array.take(ids, axis=0)
        return found if self._same else found.astype(self.dtype)

    def part(self, start: int, stop: int) -> np.ndarray:
        """Return the samples between two numbers; perhaps a view of the array."""
        found: np.ndarray = self.array[start:stop]
        return found if self._same else found.astype(self.dtype)

    def cut(self, start: int, stop: int | None) -> Rows:
        """Return the rows between two numbers."""
        return type(self)(self.given[start:stop], self.dtype)


class SparseRows(Rows):
    """The samples of a sparse matrix of SciPy, dense in batches."""

    def __init__(self, array: Any, dtype: Any):
        self.array, self.dtype, self.shape = array.tocsr(), np.dtype(dtype), array.shape
        self.given = self.array

    def take(self, ids: np.ndarray) -> np.ndarray:
        return np.asarray(self.array[ids].toarray(), self.dtype)

    def part(self, start: int, stop: int) -> np.ndarray:
        return np.asarray(self.array[start:stop].toarray(), self.dtype)


class FileRows(Rows):
    """The samples of a data set in a file, which is read batch by batch."""

    def __init__(self, array: Any, dtype: Any, start: int = 0, stop: int | None = None):
        self.array, self.dtype, self.start = array, np.dtype(dtype), start
        self.given = array
        stop = array.shape[0] if stop is None else stop
        self.shape = (stop - start, *array.shape[1:])

    def take(self, ids: np.ndarray) -> np.ndarray:
        try:
            return np.asarray(self.array[(ids + self.start).tolist()], self.dtype)
        except TypeError:
            raise TypeError(
                'TypeError while preparing batch. If using HDF5 input data, pass shuffle="batch".'
            ) from None

    def part(self, start: int, stop: int) -> np.ndarray:
        return np.asarray(self.array[start + self.start : stop + self.start], self.dtype)

    def cut(self, start: int, stop: int | None) -> Rows:
        stop = self.shape[0] if stop is None else stop
        return FileRows(self.array, self.dtype, self.start + start, self.start + stop)


def plain(given: Any) -> Any:
    """Return data as an array of NumPy, or as what is read like one.

    Raises:
        Unknown: it is something else.
    """
    if isinstance(given, np.ndarray):
        found: Any = given
    elif isinstance(given, tf.Tensor) and hasattr(given, "numpy"):
        found = given.numpy()
    elif hasattr(given, "iloc"):  # pandas
        found = given.to_numpy()
    elif hasattr(given, "tocsr") or (hasattr(given, "shape") and hasattr(given, "dtype") and is_file(given)):
        found = given
    elif isinstance(given, tf.Variable) or (hasattr(given, "__array__") and hasattr(given, "shape")):
        found = np.asarray(given)
    else:
        raise Unknown(f"data of the type {type(given).__name__}")
    if np.dtype(found.dtype).kind not in "biuf" or not len(found.shape):
        raise Unknown(f"an array of the dtype {found.dtype} and shape {tuple(found.shape)}")
    return found


def is_file(given: Any) -> bool:
    """Return whether something is a data set of h5py, or ``HDF5Matrix`` around one."""
    return any(
        kind.__module__.partition(".")[0] == "h5py" or kind.__name__ == "HDF5Matrix" for kind in type(given).__mro__
    )


def rows_of(array: Any, dtype: Any) -> Rows:
    """Return the samples of what ``plain`` gave."""
    if isinstance(array, np.ndarray):
        return Rows(array, dtype)
    return SparseRows(array, dtype) if hasattr(array, "tocsr") else FileRows(array, dtype)
