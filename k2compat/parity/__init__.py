"""Shows that the numbers stayed: runs an old script in graph mode and under k2compat, and compares what both gave.

``record`` and ``compare`` do the same inside a program; ``k2compat.parity.pytest_plugin`` brings it into a test suite.
"""

from __future__ import annotations

import importlib
from typing import Any

# Public name -> the file it is in. No file has the name of one of its functions: the package would give the module.
PLACES = {
    "compare": "verdicts",
    "Comparison": "comparison",
    "record": "in_process",
    "Recording": "recording",
    "parity": "run",
    "Parity": "side",
    "ParityError": "side",
}
__all__ = sorted(PLACES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Load what is asked for; the sides of a comparison, which have less installed, load other parts."""
    if name in PLACES:
        return getattr(importlib.import_module("k2compat.parity." + PLACES[name]), name)
    raise AttributeError(f"module 'k2compat.parity' has no attribute {name!r}")
