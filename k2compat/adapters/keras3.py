"""Answers for Keras 3: the only engine file that imports it."""

from __future__ import annotations

import contextlib
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from k2compat.adapters import OwnSymbol
from k2compat.adapters.calls import SourceCall, closed_over, forward_passes

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

    def __init__(self, call: Any, specs: Sequence[tf.TypeSpec], inputs: Sequence[Any]):
        super().__init__()
        self.recorded = call
        self.keras_inputs = list(inputs)
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
        """Runs the recorded call inside a Keras model that contains it."""
        feeds = {id(symbol): tensor for symbol, tensor in zip(self.keras_inputs, tensors, strict=True)}
        return self.recorded.replay(feeds, calling_phase() or 0)


class NodeCall:
    """A call that Keras recorded itself: of a layer, a model or an operator."""

    links: list[set[int]] | None = None
    seeded = False  # Keras keeps the state of its own generators

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
        return [tf_variable(variable) for variable in getattr(self.operation, "variables", ())]

    @property
    def trusted(self) -> bool:
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

    def needs(self, phase: int) -> Sequence[Any]:
        return self.inputs

    def run(self, evaluation: Any) -> list[Any]:
        args, kwargs = evaluation.arguments(self)
        if self.takes_training:
            chosen = self.chosen_phase
            kwargs = {**kwargs, "training": bool(evaluation.phase if chosen is None else chosen)}
        # A Lambda may hand back a tensor from outside.
        return [evaluation.resolve(leaf) for leaf in keras.tree.flatten(self.operation(*args, **kwargs))]

    @property
    def takes_training(self) -> bool:
        return takes_training(self.operation)

    @property
    def chosen_phase(self) -> Any:
        """The phase the layer was built to run in; None for that of the evaluation.

        Keras writes training=False into a node whether or not the caller did, so only True counts as the caller's word
        there.
        """
        chosen = getattr(self.node, "_k2compat_training", None)
        return True if chosen is None and self.kwargs.get("training") is True else chosen


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
        """Writes the new states of random generators back, so that the next evaluation draws afresh."""
        for variable, value in self._assigned.values():
            if variable.name == "seed_generator_state":
                variable.assign(value)


class Keras3:
    """The adapter; see ``k2compat.adapters.Adapter`` for what each method answers."""

    kind = "keras3"
    package = keras
    symbolic_type = keras.KerasTensor
    variable_type = keras.Variable

    def owns(self, thing: Any) -> bool:
        return isinstance(thing, (keras.KerasTensor, keras.Variable, keras.Layer))

    def spec(self, tensor: keras.KerasTensor) -> tf.TypeSpec:
        kind = tf.SparseTensorSpec if is_sparse(tensor) else tf.TensorSpec
        return kind(tuple(tensor.shape), tf.as_dtype(tensor.dtype))

    def variable(self, variable: keras.Variable) -> tf.Variable:
        return tf_variable(variable)

    def new_variable(self, value: Any, dtype: str, name: str | None, trainable: bool = True) -> keras.Variable:
        return keras.Variable(value, dtype=dtype, name=name, trainable=trainable)

    def placeholder(self, spec: tf.TypeSpec, name: str | None) -> keras.KerasTensor:
        shape = tuple(spec.shape.as_list())
        return keras.Input(
            batch_shape=shape, dtype=spec.dtype.name, sparse=isinstance(spec, tf.SparseTensorSpec), name=name
        )

    def source(self, symbol: Any, name: str | None = None) -> keras.KerasTensor:
        """A Keras input that has its value from one of our own symbolic tensors."""
        tensor = self.placeholder(tf.TensorSpec(symbol.shape, symbol.dtype), name)
        tensor._k2compat_source = SourceCall(symbol, tensor)
        return tensor

    def record(
        self, call: Any, specs: Sequence[tf.TypeSpec], inputs: Sequence[keras.KerasTensor]
    ) -> list[keras.KerasTensor]:
        operation = Recorded(call, specs, inputs)
        outputs = operation.symbolic_call(*inputs)
        unhook(outputs[0])
        return outputs

    def call_of(self, tensor: keras.KerasTensor) -> Any:
        history = getattr(tensor, "_keras_history", None)
        if history is None or history.operation is None:
            return None
        if isinstance(history.operation, Recorded) and history.node_index == 0:
            return history.operation.recorded
        if hasattr(tensor, "_k2compat_source"):
            return tensor._k2compat_source
        node = history.operation._inbound_nodes[history.node_index]
        if node.is_input:
            return None
        call = getattr(node, "_k2compat_call", None)
        if call is None:
            call = node._k2compat_call = NodeCall(node)
        return call

    def as_tensor(self, thing: Any) -> Any:
        if not isinstance(thing, keras.Layer):
            return thing
        output = thing.outputs if isinstance(thing, keras.Model) else thing.output
        return single(output)

    @contextlib.contextmanager
    def scope(self) -> Iterator[Scope]:
        with Scope() as scope:
            yield scope

    def inferring_shapes(self) -> bool:
        return in_symbolic_scope()

    def forward_values(self) -> Mapping[int, Any]:
        return ChainMap(*(values for values, _ in reversed(forward_passes())))

    def phase(self) -> int | None:
        return calling_phase()

    def is_layer_output(self, tensor: Any) -> bool:
        history = getattr(tensor, "_keras_history", None)
        return history is not None and isinstance(history.operation, keras.Layer)

    def config(self) -> Any:
        return keras.config

    def set_floatx(self, floatx: str) -> None:
        before = keras.config.floatx()
        keras.config.set_floatx(floatx)
        # Keras settles the dtype policy of layers when the first one is made; one the user chose himself is left alone.
        if keras.config.dtype_policy().name == before:
            keras.config.set_dtype_policy(floatx)

    def repairs(self, engine: Any) -> list[Any]:
        from k2compat.adapters.keras3_repairs import repairs  # stands on this module

        return repairs(engine)

    def clear_session(self) -> None:
        keras.utils.clear_session()


ADAPTER = Keras3()


def tf_variable(variable: keras.Variable) -> tf.Variable:
    """The TensorFlow variable in a Keras one, whatever scope is active."""
    return variable._value


def single(tensors: Any) -> Any:
    """The tensor of a list of one."""
    return tensors[0] if isinstance(tensors, (list, tuple)) and len(tensors) == 1 else tensors


def is_sparse(tensor: keras.KerasTensor) -> bool:
    """Whether a tensor is sparse, and does not only claim to be: Keras takes a number for sparse, and so its product.

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


def unhook(tensor: keras.KerasTensor) -> None:
    """Takes a tensor's node off the operations it uses: else everything built on a model would live as long as the
    model.
    """
    history = tensor._keras_history
    node = history.operation._inbound_nodes[history.node_index]
    for parent in node.arguments.keras_tensors:
        operation = parent._keras_history.operation
        if operation is not None and operation._outbound_nodes and operation._outbound_nodes[-1] is node:
            operation._outbound_nodes.pop()


def is_plain(layer: keras.Layer) -> bool:
    """Whether a layer is Keras's own, so that gradients pass between its float inputs and outputs."""
    return type(layer).__module__.startswith("keras.") and not isinstance(layer, keras.layers.Lambda)


def takes_training(operation: Any) -> bool:
    """Whether a layer's ``call`` has a ``training`` argument."""
    return bool(getattr(operation, "_call_has_training_arg", False))


def in_symbolic_scope() -> bool:
    """Whether Keras infers shapes by tracing right now."""
    graph = tf.compat.v1.get_default_graph()
    return getattr(graph, "name", "").startswith("scratch_graph")


def call_context() -> Any:
    """Keras's record of the call going on in this thread, None outside of one."""
    return keras.src.backend.common.global_state.get_global_attribute("current_call_ctx")


def being_called() -> bool:
    """Whether a layer or model is being called in this thread."""
    return call_context() is not None


def calling_phase() -> int | None:
    """The ``training`` value of the Keras call going on in this thread, None outside of one."""
    context = call_context()
    return None if context is None else int(bool(getattr(context, "training", None)))
