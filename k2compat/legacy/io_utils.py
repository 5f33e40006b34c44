"""``keras.utils.io_utils``: arrays in HDF5 files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import h5py
import numpy as np


class HDF5Matrix:
    """Rows of a dataset in an HDF5 file, read when they are asked for.

    Attributes:
        refs: the open files by their paths.
        data: the dataset.
        start: the first row.
        end: the row behind the last one.
        normalizer: what is applied to all rows that are read.
    """

    refs: ClassVar[dict[Any, Any]] = {}

    def __init__(
        self,
        datapath: Any,
        dataset: str,
        start: int = 0,
        end: int | None = None,
        normalizer: Callable[[Any], Any] | None = None,
    ):
        if datapath not in self.refs:
            self.refs[datapath] = h5py.File(datapath, "r")
        self.data = self.refs[datapath][dataset]
        self.start = start
        self.end = self.data.shape[0] if end is None else end
        self.normalizer = normalizer
        first = self._normalized(self.data[0:1])
        self._base_shape, self._base_dtype = first.shape[1:], first.dtype

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.end - self.start

    def __getitem__(self, key: Any) -> Any:
        """Return rows.

        Raises:
            IndexError: there are not so many.
        """
        if isinstance(key, slice):
            start, stop = key.start or 0, len(self) if key.stop is None else key.stop
            found: Any = slice(start + self.start, stop + self.start)
            last = stop + self.start - 1
        elif isinstance(key, (int, np.integer)):
            found = last = key + self.start
        else:
            found = [int(index) + self.start for index in key]
            last = max(found)
        if last >= self.end:
            raise IndexError(f"row {last - self.start} of {len(self)}")
        return self._normalized(self.data[found])

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Return all rows as an array."""
        return np.asarray(self[:], dtype)

    def _normalized(self, rows: Any) -> Any:
        return rows if self.normalizer is None else self.normalizer(rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of all rows together."""
        return (len(self), *self._base_shape)

    @property
    def dtype(self) -> Any:
        """The dtype of the rows, after the normalizer."""
        return self._base_dtype

    @property
    def ndim(self) -> int:
        """The number of axes, after the normalizer."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of numbers in all rows."""
        return int(np.prod(self.shape))


def ask_to_proceed_with_overwrite(filepath: Any) -> bool:
    """Ask whether a file is to be written over."""
    answer = ""
    while answer not in ("y", "n"):
        answer = input(f"[WARNING] {filepath} already exists - overwrite? [y/n] ").strip().lower()
    return answer == "y"
