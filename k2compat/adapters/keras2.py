"""Answers for Keras 2, ``tf_keras`` or the ``keras`` of TensorFlow 2.13 to 2.15."""

from __future__ import annotations

import contextlib
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

from k2compat.adapters.calls import SourceCall, forward_passes
from k2compat.adapters.keras2_calls import NodeCall, RecordedTensor, recorded_tensor
from k2compat.adapters.keras2_package import KerasTensor, keras
from k2compat.adapters.keras2_weights import Weight, calling_phase, tf_variable


class Scope:
    """The layers of Keras 2 are kept from changing their state by the repair ``layer_state``."""

    def keep_random_state(self) -> None:
        """Their random generators go on by themselves."""


class Keras2:
    """The adapter; see ``k2compat.adapters.Adapter`` for what each method answers."""

    kind = "keras2"
    package = keras
    symbolic_type = KerasTensor
    variable_type = Weight

    def owns(self, thing: Any) -> bool:
        return isinstance(thing, (KerasTensor, Weight, keras.layers.Layer))

    def spec(self, tensor: Any) -> tf.TypeSpec:
        spec = tensor.type_spec
        return spec if isinstance(spec, tf.SparseTensorSpec) else tf.TensorSpec(spec.shape, spec.dtype)

    def variable(self, variable: tf.Variable) -> tf.Variable:
        return tf_variable(variable)

    def new_variable(self, value: Any, dtype: str, name: str | None, trainable: bool = True) -> tf.Variable:
        return tf.Variable(value, dtype=dtype, name=name, trainable=trainable)

    def placeholder(self, spec: tf.TypeSpec, name: str | None) -> Any:
        if spec.shape.rank == 0:  # which Keras takes for no shape at all
            return keras.Input(type_spec=spec, name=name)
        sparse = isinstance(spec, tf.SparseTensorSpec)
        return keras.Input(batch_shape=tuple(spec.shape.as_list()), dtype=spec.dtype.name, sparse=sparse, name=name)

    def source(self, symbol: Any, name: str | None = None) -> Any:
        """A Keras input that has its value from one of our own symbolic tensors."""
        tensor = self.placeholder(tf.TensorSpec(symbol.shape, symbol.dtype), name)
        tensor._k2compat_source = SourceCall(symbol, tensor)
        return tensor

    def record(self, call: Any, specs: Sequence[tf.TypeSpec], inputs: Sequence[Any]) -> list[Any]:
        return [recorded_tensor(call, index, spec) for index, spec in enumerate(specs)]

    def call_of(self, tensor: Any) -> Any:
        if isinstance(tensor, RecordedTensor):
            return tensor.recorded
        if hasattr(tensor, "_k2compat_source"):
            return tensor._k2compat_source
        history = getattr(tensor, "_keras_history", None)
        if history is None:
            return None
        made = history.layer._inbound_nodes[history.node_index]
        if made.is_input:
            return None
        call = getattr(made, "_k2compat_call", None)
        if call is None:
            call = made._k2compat_call = NodeCall(made)
        return call

    def as_tensor(self, thing: Any) -> Any:
        return thing.output if isinstance(thing, keras.layers.Layer) else thing

    @contextlib.contextmanager
    def scope(self) -> Iterator[Scope]:
        yield Scope()

    def inferring_shapes(self) -> bool:
        graph = tf.compat.v1.get_default_graph()
        return getattr(graph, "name", "").endswith("_scratch_graph")

    def forward_values(self) -> Mapping[int, Any]:
        return ChainMap(*(values for values, _ in reversed(forward_passes())))

    def phase(self) -> int | None:
        return calling_phase()

    def is_layer_output(self, tensor: Any) -> bool:
        return isinstance(tensor, KerasTensor) and not isinstance(tensor, RecordedTensor)

    def config(self) -> Any:
        return keras.backend

    def set_floatx(self, floatx: str) -> None:
        before = keras.backend.floatx()
        keras.backend.set_floatx(floatx)
        # Keras settles the dtype policy of layers when the first one is made; one the user chose himself is left alone.
        if keras.mixed_precision.global_policy().name == before:
            keras.mixed_precision.set_global_policy(floatx)

    def repairs(self, engine: Any) -> list[Any]:
        from k2compat.adapters.keras2_repairs import repairs  # stands on this module

        return repairs(engine)

    def clear_session(self) -> None:
        keras.backend.clear_session()


ADAPTER = Keras2()
