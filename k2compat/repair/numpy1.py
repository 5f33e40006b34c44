"""What old programs ask of NumPy and NumPy 1.24 or 2.0 has taken away: names, and arrays of sequences of several
lengths.
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from k2compat.naming.callers import is_program
from k2compat.repair.table import Around, Repair

# Aliases of Python's own types, as NumPy had them.
PYTHONS = ("bool", "int", "float", "complex", "object", "str")
# Names that NumPy 1.23 and 2.0 have taken away -> what they were.
OLD = {
    "product": np.prod,
    "cumproduct": np.cumprod,
    "sometrue": np.any,
    "alltrue": np.all,
    "round_": np.round,
    "row_stack": np.vstack,
    "asscalar": lambda a: a.item(),
    "float_": np.float64,
    "complex_": np.complex128,
    "string_": np.bytes_,
    "unicode_": np.str_,
    "Inf": np.inf,
    "infty": np.inf,
    "PINF": np.inf,
    "NINF": -np.inf,
    "NaN": np.nan,
    "NAN": np.nan,
}


def numpy_repair() -> Repair:
    """Return the repair that gives NumPy its aliases of Python's types back."""
    names = vars(np)  # a dict: NumPy warns where it is asked for some of them
    wanted = {**{name: getattr(builtins, name) for name in PYTHONS}, **OLD}
    missing = [(names, name, value) for name, value in wanted.items() if name not in names]
    return Repair(
        "numpy_names",
        "np.float, np.int, np.object and other aliases of Python's own types are gone from NumPy 1.24, np.product, "
        "np.asscalar, np.float_, np.Inf and other old names from NumPy 2.0.",
        missing,
    )


def ragged_repair() -> Repair:
    """Return the repair of arrays that are made of sequences of several lengths."""
    return Repair(
        "numpy_ragged",
        "np.array([[1, 2], [3]]) was an array of objects until NumPy 1.24, which refuses it: agents of reinforcement "
        "learning keep states of several inputs so. It is one again where a program calls it, not in Keras or "
        "TensorFlow.",
        [(np, name, Around(taking_ragged)) for name in ("array", "asarray", "copy")],
    )


def taking_ragged(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that makes an array of objects of sequences that have several lengths."""

    @functools.wraps(original)
    def array(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        except ValueError as problem:
            if not args or "inhomogeneous shape" not in str(problem) or not is_program(sys._getframe(1)):
                raise
            return original(np.array(args[0], dtype=object), *args[1:], **kwargs)

    return array
