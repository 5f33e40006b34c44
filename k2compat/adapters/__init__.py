"""Everything that differs between Keras 2 and Keras 3, behind one protocol.

The engine asks these questions and nothing else of a Keras; each adapter file is the only place that imports its Keras.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, Protocol

import tensorflow as tf

# Kind of Keras -> module that answers for it.
ADAPTERS = {"keras3": "k2compat.adapters.keras3"}


class OwnSymbol:
    """Base of the engine's own symbolic tensors, by which an adapter knows them."""


class Scope(Protocol):
    """State of one evaluation's variables; see ``Adapter.scope``."""

    def assigned(self, variable: Any) -> tf.Tensor | None: ...
    def keep_random_state(self) -> None: ...


class Adapter(Protocol):
    """What the engine needs to know of a Keras."""

    symbolic_type: type
    variable_type: type

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


@lru_cache(maxsize=1)
def adapter() -> Adapter:
    """The adapter of the Keras in use."""
    return importlib.import_module(ADAPTERS["keras3"]).Keras3()
