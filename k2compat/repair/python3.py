"""The names of Python's library that old programs use and Python 3.8 to 3.11 have taken away."""

from __future__ import annotations

import collections
import collections.abc
import inspect
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from k2compat.repair.table import Repair


class ArgSpec(NamedTuple):
    """What ``inspect.getargspec`` gave."""

    args: list[str]
    varargs: str | None
    keywords: str | None
    defaults: tuple[Any, ...] | None


def getargspec(func: Callable[..., Any]) -> ArgSpec:
    """Return the names and defaults of a function's parameters.

    Raises:
        ValueError: some can only be given by name, or have annotations, as in Python 3.10.
    """
    found = inspect.getfullargspec(func)
    if found.kwonlyargs or found.annotations:
        raise ValueError(
            "Function has keyword-only parameters or annotations, use inspect.signature() API which can support them"
        )
    return ArgSpec(*found[:4])


def python_repair() -> Repair:
    """Return the repair that gives Python's modules their old names back."""
    abstract = {name: getattr(collections.abc, name) for name in collections.abc.__all__}
    wanted: list[tuple[Any, str, Any]] = [
        (inspect, "getargspec", getargspec),
        (time, "clock", time.perf_counter),
        *((collections, name, kind) for name, kind in abstract.items()),
    ]
    return Repair(
        "python_names",
        "inspect.getargspec, collections.Mapping and other abstract classes in collections, and time.clock are gone "
        "from Python 3.8 to 3.11.",
        [(module, name, value) for module, name, value in wanted if not hasattr(module, name)],
    )
