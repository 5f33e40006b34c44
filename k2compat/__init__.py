"""Runs code written for the graph-mode Keras backend under eager TensorFlow 2.

``from k2compat import backend as K`` in place of ``from keras import backend as K``; ``gradients`` and ``function`` are
here as well.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"
__all__ = ["backend", "function", "gradients", "repairs", "use"]


def __getattr__(name: str) -> Any:
    """Loads TensorFlow only when something of the backend is asked for."""
    if name == "backend":
        return importlib.import_module("k2compat.backend")
    if name in ("gradients", "function"):
        return getattr(importlib.import_module("k2compat.backend"), name)
    if name == "repairs":
        return importlib.import_module("k2compat.backend.repairs").repairs
    if name == "use":
        return importlib.import_module("k2compat.adapters").use
    raise AttributeError(f"module 'k2compat' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
