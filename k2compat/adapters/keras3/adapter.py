"""The answers of Keras 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.base import BaseAdapter
from k2compat.adapters.keras3.internals import (
    calling_phase,
    outside_stateless_scope,
    single,
    tf_variable,
    unhook,
    weight_around,
)
from k2compat.adapters.keras3.nodes import NodeCall, Recorded
from k2compat.adapters.protocol import Replay


class Scope(keras.StatelessScope):
    """Keeps what layers assign to variables aside; only random generators move on."""

    def __init__(self) -> None:
        super().__init__()
        self._assigned: dict[int, tuple[Any, Any]] = {}

    def add_update(self, update: tuple[Any, Any]) -> None:
        variable, value = update
        self._assigned[id(variable)] = (variable, value)
        super().add_update(update)

    def keep_random_state(self) -> None:
        """Write the new states of random generators back, so that the next evaluation draws afresh."""
        for variable, value in self._assigned.values():
            if variable.name == "seed_generator_state":
                variable.assign(value)


class Keras3(BaseAdapter):
    """The adapter; see ``k2compat.adapters.protocol.Adapter`` for what each method answers."""

    kind = "keras3"
    package = keras
    symbolic_type = keras.KerasTensor
    variable_type = keras.Variable
    own_types = (keras.KerasTensor, keras.Variable, keras.Layer)
    settings = keras.config

    def spec(self, tensor: keras.KerasTensor) -> tf.TypeSpec:
        kind = tf.SparseTensorSpec if is_sparse(tensor) else tf.TensorSpec
        return kind(tuple(tensor.shape), tf.as_dtype(tensor.dtype))

    def variable(self, variable: keras.Variable) -> tf.Variable:
        return tf_variable(variable)

    def new_variable(self, value: Any, dtype: str, name: str | None, trainable: bool = True) -> keras.Variable:
        with outside_stateless_scope():
            return keras.Variable(value, dtype=dtype, name=name, trainable=trainable)

    def weight_of(self, variable: Any) -> Any:
        return weight_around(variable.variable, variable.name)

    def placeholder(self, spec: tf.TypeSpec, name: str | None) -> keras.KerasTensor:
        shape = tuple(spec.shape.as_list())
        return keras.Input(
            batch_shape=shape, dtype=spec.dtype.name, sparse=isinstance(spec, tf.SparseTensorSpec), name=name
        )

    def record(
        self, call: Any, specs: Sequence[tf.TypeSpec], inputs: Sequence[keras.KerasTensor], replay: Replay
    ) -> list[keras.KerasTensor]:
        operation = Recorded(call, specs, inputs, replay)
        outputs = operation.symbolic_call(*inputs)
        unhook(outputs[0])
        return outputs

    def call_of(self, tensor: keras.KerasTensor) -> Any:
        history = getattr(tensor, "_keras_history", None)
        if history is None or history.operation is None:
            return None
        if isinstance(history.operation, Recorded) and history.node_index == 0:
            return history.operation.recorded
        if hasattr(tensor, attributes.SOURCE):
            return getattr(tensor, attributes.SOURCE)
        node = history.operation._inbound_nodes[history.node_index]
        if node.is_input:
            return getattr(tensor, attributes.CALLED_ON, None)
        call = getattr(node, attributes.CALL, None)
        if call is None:
            call = NodeCall(node)
            setattr(node, attributes.CALL, call)
        return call

    def as_tensor(self, thing: Any) -> Any:
        if not isinstance(thing, keras.Layer):
            return thing
        output = thing.outputs if isinstance(thing, keras.Model) else thing.output
        return single(output)

    def scope(self) -> Scope:
        return Scope()

    def phase(self) -> int | None:
        return calling_phase()

    def is_layer_output(self, tensor: Any) -> bool:
        history = getattr(tensor, "_keras_history", None)
        return history is not None and isinstance(history.operation, keras.Layer)

    def set_floatx(self, floatx: str) -> None:
        before = keras.config.floatx()
        keras.config.set_floatx(floatx)
        # Keras settles the dtype policy of layers when the first one is made; one the user chose himself is left alone.
        if keras.config.dtype_policy().name == before:
            keras.config.set_dtype_policy(floatx)

    def clear_session(self) -> None:
        keras.utils.clear_session(free_memory=False)  # K's has more to drop before

    def get_uid(self, prefix: str) -> int:
        return keras.src.utils.naming.get_uid(prefix)

    def reset_uids(self) -> None:
        keras.src.utils.naming.reset_uids()


ADAPTER = Keras3()


def is_sparse(tensor: keras.KerasTensor) -> bool:
    """Return whether a tensor is sparse, and does not only claim to be: Keras takes a number for sparse, and so its
    product.

    What is found to be dense is marked so, and looked at once.
    """
    found: list[Any] = []
    stack = [tensor] if tensor.sparse else []
    while stack:
        claiming = stack.pop()
        history = getattr(claiming, "_keras_history", None)
        operation = getattr(history, "operation", None)
        if history is None or operation is None or isinstance(operation, (keras.Layer, Recorded)):
            for item in found:
                item._sparse = True
            return True
        found.append(claiming)
        claiming._sparse = False
        stack.extend(item for item in operation._inbound_nodes[history.node_index].input_tensors if item.sparse)
    return False
