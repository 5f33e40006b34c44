"""What the engine asks of a Keras, and what it knows of a call: the questions whose answers differ between versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import tensorflow as tf


class OwnSymbol:
    """The base of the engine's own symbolic tensors, by which an adapter recognizes them."""


class Scope(Protocol):
    """The state of one evaluation's variables; see ``Adapter.scope``."""

    def keep_random_state(self) -> None:
        """Write the new states of random generators back, so that the next evaluation draws others."""


class CallNode(Protocol):
    """A vertex of a recorded expression: a call, whoever recorded it, with the symbolic tensors it takes and makes.

    ``k2compat.adapters.base.BaseCall`` has the defaults.

    Attributes:
        name: for messages.
        inputs: the symbolic tensors and variables it depends on.
        outputs: the symbolic tensors of its results, in order.
        variables: the weights it uses that are not among its inputs.
        trusted: whether gradients certainly pass from every float input to every float output.
        seeded: whether it draws random numbers from a seed of its own.
        structure: what calls that do the same to their arguments have in common; None if it is like no other.
        settings: what it depends on beside its arguments.
        indexing: whether its arguments are a tensor and an index.
        elementwise: whether it broadcasts an array beside a tensor.
        memory: what tracing has found out about calls like it, None if there are none.
        passing: the inputs a gradient passes from its outputs, where that is known without a trace.
        links: for each output, the identities of inputs and weights a gradient reaches, once it has been traced; the
            inverted identity of an input that it passes by, on its way to what made the input.
        inner: identity of a layer that runs inside of it -> the call of that layer, where its output is wanted.
        added: the call that gives the new values of the updates which its layers add, where these are wanted.
        looped: whether there is a loop or a condition inside.
        gradient_map: the ``gradient_override_map`` under which it was recorded: gradients by types of operations.
        scope: the full name of the name scope it was recorded in.
        operation_name: the name of its operation in a graph of TensorFlow 1, once it has been asked for.
    """

    inputs: list[Any]
    outputs: list[Any]
    links: list[set[int]] | None
    inner: Mapping[int, Any]
    added: Any
    passing: list[Any] | None
    looped: bool
    scope: str
    operation_name: str | None

    @property
    def inside(self) -> Sequence[Any]: ...

    @property
    def gradient_map(self) -> Mapping[str, str]: ...

    @property
    def name(self) -> str: ...

    @property
    def variables(self) -> Sequence[tf.Variable]: ...

    @property
    def trusted(self) -> bool: ...

    @property
    def seeded(self) -> bool: ...

    @property
    def structure(self) -> Any: ...

    @property
    def settings(self) -> Mapping[str, Any]: ...

    @property
    def indexing(self) -> bool: ...

    @property
    def elementwise(self) -> bool: ...

    @property
    def memory(self) -> Any: ...

    def needs(self, phase: int) -> Sequence[Any]:
        """Return what has to be computed before this call in a learning phase."""

    def run(self, evaluation: Any) -> list[Any]:
        """Compute the results: one value for each of ``outputs``, from an evaluation that gives those of ``inputs``."""


# Computes a recorded call's results: from the call, its inputs by identity, and the learning phase.
Replay = Callable[[Any, Mapping[int, Any], int], list[Any]]


class Adapter(Protocol):
    """What the engine needs to know of a Keras. ``k2compat.adapters.base.BaseAdapter`` has the defaults.

    Attributes:
        kind: "keras2" or "keras3".
        package: the module of the Keras.
        symbolic_type: the class of its symbolic tensors, or a tuple of classes.
        variable_type: the class of its weights, or a tuple of classes.
    """

    kind: str
    package: Any
    symbolic_type: Any
    variable_type: Any

    def owns(self, thing: Any) -> bool:
        """Return whether a symbolic tensor, a variable or a layer is one of this Keras."""

    def spec(self, tensor: Any) -> tf.TypeSpec:
        """Return the shape and dtype of a Keras symbolic tensor."""

    def variable(self, variable: Any) -> tf.Variable:
        """Return the TensorFlow variable inside a Keras weight."""

    def new_variable(self, value: Any, dtype: str, name: str | None) -> Any:
        """Return a new weight-like variable of this Keras."""

    def placeholder(self, spec: tf.TypeSpec, name: str | None) -> Any:
        """Return a new symbolic tensor that has to be fed."""

    def source(self, symbol: Any, name: str | None = None) -> Any:
        """Return a Keras input that has its value from one of the engine's own symbolic tensors."""

    def record(self, call: CallNode, specs: Sequence[tf.TypeSpec], inputs: Sequence[Any], replay: Replay) -> list[Any]:
        """Return symbolic tensors for the results of a recorded call, which ``replay`` runs inside a Keras model."""

    def call_of(self, tensor: Any) -> CallNode | None:
        """Return the call that made a symbolic tensor, None for an input that has to be fed."""

    def as_tensor(self, thing: Any) -> Any:
        """Return a layer's output where a layer stands for it; anything else unchanged."""

    def is_layer_output(self, tensor: Any) -> bool:
        """Return whether a symbolic tensor was made by a layer of this Keras, input layers included."""

    def config(self) -> Any:
        """Return the module with ``floatx()``, ``set_epsilon()`` and so on."""

    def set_floatx(self, floatx: str) -> None:
        """Set the default float type, also of layers made afterwards."""

    def clear_session(self) -> None:
        """Drop the global state of this Keras."""

    def get_uid(self, prefix: str) -> int:
        """Return the next number for default names with a prefix, from 1."""

    def reset_uids(self) -> None:
        """Begin the numbers of default names again."""

    def scope(self) -> AbstractContextManager[Scope]:
        """Return a context in which layers do not change their state, for an evaluation."""

    def inferring_shapes(self) -> bool:
        """Return whether this Keras is tracing a layer for its output shape right now."""

    def forward_values(self) -> Mapping[int, Any]:
        """Return the values of symbolic tensors, by identity, in the models called so far in the graph being traced."""

    def weight_of(self, variable: Any) -> Any:
        """Return a program's own live variable as what this Keras takes for a weight of a layer."""

    def computing(self) -> bool:
        """Return whether a layer computes in this thread, and does not only make its weights."""

    def phase(self) -> int | None:
        """Return the learning phase of the Keras call going on right now, None outside of one."""
