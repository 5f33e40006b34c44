"""Everything that differs between Keras 2 and Keras 3, behind one protocol.

The engine asks these questions and nothing else of a Keras; each adapter file is the only place that imports its Keras.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import tensorflow as tf

from k2compat.errors import K2ImportError, K2ValueError, three_parts

# Kind of Keras -> module that answers for it.
ADAPTERS = {"keras3": "k2compat.adapters.keras3", "keras2": "k2compat.adapters.keras2"}
# Where a Keras may be.
PACKAGES = ("keras", "tf_keras")


class OwnSymbol:
    """Base of the engine's own symbolic tensors, by which an adapter knows them."""


class Scope(Protocol):
    """State of one evaluation's variables; see ``Adapter.scope``."""

    def keep_random_state(self) -> None: ...


class Adapter(Protocol):
    """What the engine needs to know of a Keras."""

    kind: str
    package: Any
    symbolic_type: Any
    variable_type: Any

    def owns(self, thing: Any) -> bool:
        """Whether a symbolic tensor, a variable or a layer is one of this Keras."""

    def spec(self, tensor: Any) -> tf.TypeSpec:
        """Shape and dtype of a Keras symbolic tensor."""

    def variable(self, variable: Any) -> tf.Variable:
        """The TensorFlow variable inside a Keras weight."""

    def new_variable(self, value: Any, dtype: str, name: str | None) -> Any:
        """A new weight-like variable of this Keras."""

    def placeholder(self, spec: tf.TypeSpec, name: str | None) -> Any:
        """A new symbolic tensor that has to be fed."""

    def record(self, call: Any, specs: Sequence[tf.TypeSpec], inputs: Sequence[Any]) -> list[Any]:
        """Symbolic tensors for the results of a recorded call."""

    def call_of(self, tensor: Any) -> Any:
        """The call that made a symbolic tensor, None for an input that has to be fed."""

    def as_tensor(self, thing: Any) -> Any:
        """A Layer's output where a Layer stands for it; anything else unchanged."""

    def is_layer_output(self, tensor: Any) -> bool:
        """Whether a symbolic tensor was made by a layer of this Keras, its input layers included."""

    def source(self, symbol: Any, name: str | None = None) -> Any:
        """A Keras input that has its value from one of the engine's own symbolic tensors."""

    def config(self) -> Any:
        """The module with ``floatx()``, ``set_epsilon()`` and so on."""

    def set_floatx(self, floatx: str) -> None:
        """Sets the default float type, of layers made afterwards too."""

    def repairs(self, engine: Any) -> list[Any]:
        """The repairs this Keras needs; ``engine`` holds what they use of the engine."""

    def clear_session(self) -> None:
        """Drops this Keras's global state."""

    def scope(self) -> AbstractContextManager[Scope]:
        """Keeps layers from changing their state while an evaluation runs."""

    def inferring_shapes(self) -> bool:
        """Whether this Keras is tracing a layer for its output shape right now."""

    def forward_values(self) -> Mapping[int, Any]:
        """Identity of a symbolic tensor -> its value, for the models called so far in the graph being traced."""

    def phase(self) -> int | None:
        """The learning phase of the Keras call going on right now, if any."""


_lock = threading.RLock()
_loaded: dict[str, Adapter] = {}  # the default first
_in_use: Adapter | None = None
_unseen = set(PACKAGES)  # packages that have not been imported yet
_listeners: list[Callable[[Adapter], None]] = []


def adapter() -> Adapter:
    """The adapter of the Keras in use; of all of them, where a program has imported both."""
    if _in_use is None or not sys.modules.keys().isdisjoint(_unseen):
        load_imported()
    return _in_use  # type: ignore[return-value]


def load_imported() -> None:
    """Loads the adapters of the Keras that TensorFlow itself uses, and of every other one that has been imported."""
    with _lock:
        if not _loaded:
            load(kind_of(package_of_tensorflow()))
        for package in [name for name in _unseen if getattr(sys.modules.get(name), "__version__", None)]:
            _unseen.discard(package)
            load(kind_of(sys.modules[package]))


def package_of_tensorflow() -> Any:
    """The package that ``tf.keras`` is in."""
    return importlib.import_module(tf.keras.Model.__module__.partition(".")[0])


def kind_of(keras: Any) -> str:
    """Which kind of Keras a module is."""
    return "keras2" if keras.__version__.startswith("2") else "keras3"


def load(kind: str) -> None:
    """Makes the adapter of a kind of Keras one of those in use."""
    global _in_use  # noqa: PLW0603
    if kind in _loaded:
        return
    found = importlib.import_module(ADAPTERS[kind]).ADAPTER
    _loaded[kind] = found
    _in_use = combined()
    for listener in _listeners:
        listener(found)


def combined() -> Adapter:
    """One adapter for all that are loaded."""
    from k2compat.adapters.several import Several  # stands on this module

    adapters = list(_loaded.values())
    return adapters[0] if len(adapters) == 1 else Several(adapters)


def use(kind: str) -> None:
    """Chooses the Keras that new placeholders and variables belong to.

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
                    "pip install tf_keras for Keras 2; Keras 3 belongs to TensorFlow 2.16 and newer.",
                )
            )
        load(kind)
        for other in [name for name in _loaded if name != kind]:
            _loaded[other] = _loaded.pop(other)
        _in_use = combined()


def is_installed(kind: str) -> bool:
    """Whether there is a package with a kind of Keras."""
    return any(importlib.util.find_spec(name) and kind_of(importlib.import_module(name)) == kind for name in PACKAGES)


def each_loaded(listener: Callable[[Adapter], None]) -> None:
    """Calls a function with every adapter, now or when it is loaded."""
    with _lock:
        adapter()
        for found in list(_loaded.values()):
            listener(found)
        _listeners.append(listener)
