"""The calls that Keras 3 recorded itself, and the operation of those recorded here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.base import KerasCall, closed_over
from k2compat.adapters.gradient_maps import Map, map_of
from k2compat.adapters.keras3.internals import (
    calling_phase,
    is_plain,
    takes_training,
    tf_variable,
)
from k2compat.adapters.protocol import OwnSymbol, Replay

# Keras operators that are differentiable in every float operand; others are traced once to find out.
SMOOTH_OPERATORS = {"GetItem", "Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Negative", "Matmul", "Power"}


# Those of them that broadcast an array beside a tensor.
ELEMENTWISE_OPERATORS = {"Add", "Subtract", "Multiply", "Divide", "TrueDivide"}


class Recorded(keras.Operation):
    """The Keras operation of a recorded call; its one node hangs on the tensors it makes, never on those it uses.

    Attributes:
        recorded: the recorded call.
        keras_inputs: the Keras symbolic tensors among its inputs.
    """

    def __new__(cls, *_: Any, **__: Any) -> Recorded:
        # Keras inspects the constructor's signature for each instance to be able to save it; that takes longer than the
        # recording.
        instance = object.__new__(cls)
        instance._lock = False
        instance._auto_config = None
        return instance

    def __init__(self, call: Any, specs: Sequence[tf.TypeSpec], inputs: Sequence[Any], replay: Replay):
        super().__init__()
        self.recorded = call
        self.keras_inputs = list(inputs)
        self._replay = replay
        self._specs: Sequence[tf.TypeSpec] | None = specs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> list[keras.KerasTensor]:
        specs, self._specs = self._specs, None
        if specs is None:  # Keras calls the operation again, on other tensors
            return super().compute_output_spec(*args, **kwargs)
        return [
            keras.KerasTensor(
                spec.shape, spec.dtype.name, sparse=isinstance(spec, tf.SparseTensorSpec), name=f"{self.name}_{index}"
            )
            for index, spec in enumerate(specs)
        ]

    def call(self, *tensors: Any) -> list[Any]:
        """Run the recorded call inside a Keras model that contains it."""
        feeds = {id(symbol): tensor for symbol, tensor in zip(self.keras_inputs, tensors, strict=True)}
        return self._replay(self.recorded, feeds, calling_phase() or 0)


class NodeCall(KerasCall):
    """A node of Keras 3's graph as a call."""

    flatten = staticmethod(keras.tree.flatten)

    def __init__(self, node: Any):
        self.node = node
        self.operation = node.operation
        self.name = node.operation.name
        self.args, self.kwargs = node.arguments.args, node.arguments.kwargs
        found = [*keras.tree.flatten((self.args, self.kwargs)), *closed_over(self.operation, keras.layers.Lambda)]
        self.inputs = [leaf for leaf in found if isinstance(leaf, (keras.KerasTensor, OwnSymbol))]
        self.outputs = node.outputs

    @property
    def variables(self) -> list[tf.Variable]:
        kept = getattr(self.operation, "variables", ())  # an expression of weights may stand for a kernel
        return [tf_variable(variable) for variable in kept if not isinstance(variable, OwnSymbol)]

    @property
    def gradient_map(self) -> Map:
        """The ``gradient_override_map`` under which the layer was called."""
        return map_of(self.node.arguments)

    @property
    def trusted(self) -> bool:
        if self.gradient_map:
            return False
        if isinstance(self.operation, keras.Layer):
            return all(is_plain(layer) for layer in self.operation._flatten_layers())
        return type(self.operation).__name__ in SMOOTH_OPERATORS

    @property
    def structure(self) -> Any:
        """The kind of an operator of Keras, which makes a new one for each use; a layer is like no other."""
        kind = type(self.operation)
        return kind if kind.__module__.startswith("keras.src.ops.") else None

    @property
    def settings(self) -> dict[str, Any]:
        """What the operator was made with."""
        return {name: value for name, value in vars(self.operation).items() if name[0] != "_" and name != "name"}

    @property
    def indexing(self) -> bool:
        return type(self.operation).__name__ == "GetItem"

    @property
    def elementwise(self) -> bool:
        return type(self.operation).__name__ in ELEMENTWISE_OPERATORS

    @property
    def takes_training(self) -> bool:
        return takes_training(self.operation)

    @property
    def chosen_phase(self) -> Any:
        """The phase the layer was built to run in; None for that of the evaluation.

        Keras writes training=False into a node whether or not the caller did, so only True counts as the caller's word
        there.
        """
        chosen = getattr(self.node, attributes.TRAINING, None)
        return True if chosen is None and self.kwargs.get("training") is True else chosen
