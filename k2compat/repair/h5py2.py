"""What old programs ask of h5py and h5py 3 has taken away: text as bytes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

from k2compat.naming.callers import is_program
from k2compat.repair.table import Around, Repair


class Text(str):
    """Text that can be decoded, as the bytes that h5py 2 gave."""

    def decode(self, *_: Any, **__: Any) -> str:
        """Return the text."""
        return str(self)


def h5py_repair() -> Repair:
    """Return the repair of text in files."""
    return Repair(
        "h5py_text",
        "[n.decode('utf8') for n in f.attrs['weight_names']] read names of layers and weights; h5py 3 gives text that "
        "has no decode. A program gets text that has one, and may write it again.",
        [
            (h5py.AttributeManager, "__getitem__", Around(decodable)),
            (h5py.AttributeManager, "create", Around(plain)),
        ],
    )


def decodable(original: Callable[..., Any]) -> Callable[..., Any]:
    """``AttributeManager.__getitem__`` whose text a program can decode."""

    @functools.wraps(original)
    def __getitem__(self: Any, name: Any) -> Any:
        found = original(self, name)
        if not is_program(sys._getframe(1)):
            return found
        if isinstance(found, str):
            return Text(found)
        if isinstance(found, np.ndarray) and found.dtype == object:
            for index, item in np.ndenumerate(found):
                found[index] = Text(item) if isinstance(item, str) else item
        return found

    return __getitem__


def plain(original: Callable[..., Any]) -> Callable[..., Any]:
    """``AttributeManager.create`` that writes such text; h5py knows ``str`` alone."""

    @functools.wraps(original)
    def create(self: Any, name: Any, data: Any, *args: Any, **kwargs: Any) -> None:
        original(self, name, str(data) if isinstance(data, Text) else data, *args, **kwargs)

    return create
