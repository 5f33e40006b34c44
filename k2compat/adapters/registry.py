"""Finds the adapters of the Keras versions in use."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.after_import import AfterImport
from k2compat.adapters.combined import Several
from k2compat.adapters.protocol import Adapter
from k2compat.errors import K2ImportError, K2ValueError, three_parts

# Kind of Keras -> module that answers for it.
ADAPTERS = {"keras3": "k2compat.adapters.keras3.adapter", "keras2": "k2compat.adapters.keras2.adapter"}


# Where a Keras may be.
PACKAGES = ("keras", "tf_keras")


MIXED = (
    "TF_USE_LEGACY_KERAS=1 makes tensorflow.keras Keras 2, and `import keras` brings Keras 3: layers and tensors of "
    "one cannot be used with the other. `import k2compat.auto` or `k2compat run` make all of them Keras 2."
)

_lock = threading.RLock()


_loaded: dict[str, Adapter] = {}  # the default first


_in_use: Adapter | None = None


_unseen = set(PACKAGES)  # packages that have not been imported yet


_listeners: list[Callable[[Adapter], None]] = []


def adapter() -> Adapter:
    """Return the adapter of the Keras in use; of all of them, where a program has imported both."""
    if _in_use is None or not sys.modules.keys().isdisjoint(_unseen):
        load_imported()
    return _in_use  # type: ignore[return-value]


def load_imported() -> None:
    """Load the adapters of the Keras that TensorFlow itself uses, and of every other one that has been imported."""
    with _lock:
        if not _loaded:
            load(kind_of(package_of_tensorflow()))
        for package in [name for name in _unseen if getattr(sys.modules.get(name), "__version__", None)]:
            _unseen.discard(package)
            load(kind_of(sys.modules[package]))


def package_of_tensorflow() -> Any:
    """Return the package that ``tf.keras`` is in."""
    return importlib.import_module(tf.keras.Model.__module__.partition(".")[0])


def kind_of(keras: Any) -> str:
    """Return which kind of Keras a module is."""
    return "keras2" if keras.__version__.startswith("2") else "keras3"


def load(kind: str) -> None:
    """Make the adapter of a kind of Keras one of those in use."""
    global _in_use  # noqa: PLW0603
    if kind in _loaded:
        return
    if kind == "keras3" and _loaded and _in_use is not None and os.environ.get("TF_USE_LEGACY_KERAS") == "1":
        warnings.warn(MIXED, stacklevel=2)
    found = importlib.import_module(ADAPTERS[kind]).ADAPTER
    _loaded[kind] = found
    _in_use = combined()
    for listener in _listeners:
        listener(found)


def combined() -> Adapter:
    """One adapter for all that are loaded."""
    adapters = list(_loaded.values())
    return adapters[0] if len(adapters) == 1 else Several(adapters)


def use(kind: str) -> None:
    """Choose the Keras that new placeholders and variables belong to.

    Without it, that is the Keras of ``tf.keras``, so that ``TF_USE_LEGACY_KERAS=1`` is honoured. What is computed from
    tensors belongs to the Keras of these tensors in any case.

    Args:
        kind: ``"keras2"`` (``tf_keras``, or the ``keras`` of TensorFlow 2.13 to 2.15) or ``"keras3"``.

    Raises:
        ValueError: another name.
        ImportError: that Keras is not installed.
    """
    global _in_use  # noqa: PLW0603
    if kind not in ADAPTERS:
        raise K2ValueError(
            three_parts(f"k2compat.use({kind!r})", f"one of {', '.join(ADAPTERS)}.", "check its spelling.")
        )
    with _lock:
        adapter()
        if kind not in _loaded and not is_installed(kind):
            raise K2ImportError(
                three_parts(
                    f"k2compat.use({kind!r}), where only {', '.join(_loaded)} is installed",
                    f"a package with that Keras: {' or '.join(PACKAGES)}.",
                    "for Keras 2 run `pip install tf_keras`; Keras 3 belongs to TensorFlow 2.16 and newer.",
                )
            )
        load(kind)
        for other in [name for name in _loaded if name != kind]:
            _loaded[other] = _loaded.pop(other)
        _in_use = combined()


def is_installed(kind: str) -> bool:
    """Return whether there is a package with a kind of Keras."""
    return any(importlib.util.find_spec(name) and kind_of(importlib.import_module(name)) == kind for name in PACKAGES)


def each_loaded(listener: Callable[[Adapter], None]) -> None:
    """Calls a function with every adapter, now or when it is loaded."""
    with _lock:
        adapter()
        for found in list(_loaded.values()):
            listener(found)
        if not _listeners:
            sys.meta_path.insert(0, AfterImport(_unseen, load_imported))
        _listeners.append(listener)
