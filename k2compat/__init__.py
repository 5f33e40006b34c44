"""Runs code written for the graph-mode Keras backend under eager TensorFlow 2.

``from k2compat import backend as K`` in place of ``from keras import backend as K``; ``gradients`` and ``function`` are
here as well.
"""

# Nothing that Python has not loaded at its start is imported here: under `python -m k2compat` the current folder is
# still on the path, and may have a typing.py of its own.
import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["backend", "function", "gradients", "repairs", "training_stats", "use"]


def __getattr__(name: str) -> "Any":
    """Load TensorFlow only when something of the backend is asked for."""
    if name == "backend":
        return importlib.import_module("k2compat.backend")
    if name in ("gradients", "function"):
        return getattr(importlib.import_module("k2compat.backend"), name)
    if name == "repairs":
        importlib.import_module("k2compat.backend")  # applies them
        return importlib.import_module("k2compat.repair.install").repairs
    if name == "training_stats":
        return importlib.import_module("k2compat.training.stats").training_stats
    if name == "use":
        return importlib.import_module("k2compat.adapters.registry").use
    if name == "__version__":
        return importlib.import_module("k2compat.version").version()
    raise AttributeError(f"module 'k2compat' has no attribute {name!r}")


def __dir__() -> "list[str]":  # quoted for the recorder of goldens, which runs Python 3.7
    return sorted([*globals(), *__all__])
