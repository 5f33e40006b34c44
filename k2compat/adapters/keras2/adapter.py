"""The answers of Keras 2: ``tf_keras``, or the ``keras`` of TensorFlow 2.13 to 2.15."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.base import BaseAdapter
from k2compat.adapters.keras2.internals import KerasTensor, inner, keras
from k2compat.adapters.keras2.nodes import NodeCall, RecordedTensor, recorded_tensor
from k2compat.adapters.keras2.weights import Weight, calling_phase, is_computing, tf_variable
from k2compat.adapters.protocol import Replay
from k2compat.naming import scopes


class Keras2(BaseAdapter):
    """The adapter; see ``k2compat.adapters.protocol.Adapter`` for what each method answers."""

    kind = "keras2"
    package = keras
    symbolic_type = KerasTensor
    variable_type = Weight
    own_types = (KerasTensor, Weight, keras.layers.Layer)
    settings = inner("backend")

    def spec(self, tensor: Any) -> tf.TypeSpec:
        spec = tensor.type_spec
        return spec if isinstance(spec, tf.SparseTensorSpec) else tf.TensorSpec(spec.shape, spec.dtype)

    def variable(self, variable: tf.Variable) -> tf.Variable:
        return tf_variable(variable)

    def new_variable(self, value: Any, dtype: str, name: str | None, trainable: bool = True) -> tf.Variable:
        with scopes.variable(name) as own:
            return tf.Variable(value, dtype=dtype, name=own, trainable=trainable)

    def placeholder(self, spec: tf.TypeSpec, name: str | None) -> Any:
        if spec.shape.rank == 0:  # which Keras takes for no shape at all
            return keras.Input(type_spec=spec, name=name)
        sparse = isinstance(spec, tf.SparseTensorSpec)
        return keras.Input(batch_shape=tuple(spec.shape.as_list()), dtype=spec.dtype.name, sparse=sparse, name=name)

    def record(self, call: Any, specs: Sequence[tf.TypeSpec], inputs: Sequence[Any], replay: Replay) -> list[Any]:
        return [recorded_tensor(call, index, spec, inputs, replay) for index, spec in enumerate(specs)]

    def call_of(self, tensor: Any) -> Any:
        if isinstance(tensor, RecordedTensor):
            return tensor.recorded
        if hasattr(tensor, attributes.SOURCE):
            return getattr(tensor, attributes.SOURCE)
        history = getattr(tensor, "_keras_history", None)
        if history is None:
            return None
        made = history.layer._inbound_nodes[history.node_index]
        if made.is_input:
            return getattr(tensor, attributes.CALLED_ON, None)
        call = getattr(made, attributes.CALL, None)
        if call is None:
            call = NodeCall(made)
            setattr(made, attributes.CALL, call)
        return call

    def as_tensor(self, thing: Any) -> Any:
        return thing.output if isinstance(thing, keras.layers.Layer) else thing

    def phase(self) -> int | None:
        return calling_phase()

    def computing(self) -> bool:
        return is_computing()

    def is_layer_output(self, tensor: Any) -> bool:
        return isinstance(tensor, KerasTensor) and not isinstance(tensor, RecordedTensor)

    def set_floatx(self, floatx: str) -> None:
        before = inner("backend").floatx()
        inner("backend").set_floatx(floatx)
        # Keras settles the dtype policy of layers when the first one is made; one the user chose himself is left alone.
        if keras.mixed_precision.global_policy().name == before:
            keras.mixed_precision.set_global_policy(floatx)

    def clear_session(self) -> None:
        # Not the public backend, in whose place K stands where old imports are served.
        inner("backend").clear_session()

    def get_uid(self, prefix: str) -> int:
        with tf.init_scope():  # Keras counts by graph, and traces layers in graphs of their own
            return inner("backend").get_uid(prefix)

    def reset_uids(self) -> None:
        inner("backend").reset_uids()


ADAPTER = Keras2()
