"""The names of NumPy that old programs use and NumPy 1.24 or 2.0 has taken away."""

from __future__ import annotations

import builtins

import numpy as np

from k2compat.repair.table import Repair

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
