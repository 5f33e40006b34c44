"""The calls between Keras 2's symbolic tensors: those that are recorded, and those of Keras itself."""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.base import KerasCall, closed_over
from k2compat.adapters.gradient_maps import Map, map_of, note
from k2compat.adapters.keras2.internals import KerasTensor, Layer, inner, keras, keras_tensor
from k2compat.adapters.keras2.weights import calling_phase, tf_variable
from k2compat.adapters.protocol import OwnSymbol, Replay

Node: Any = inner("engine.node").Node
tf_op_layer = inner("layers.core.tf_op_layer")

# Layers that Keras makes of operators, all differentiable in every float operand.
SMOOTH_OPERATORS = {"math.add", "math.subtract", "math.multiply", "math.truediv", "math.negative", "linalg.matmul"}
# Python's operators -> the functions by which a saved model names them.
EXPORTED: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.add: tf.__operators__.add,
    operator.sub: tf.subtract,
    operator.mul: tf.multiply,
    operator.truediv: tf.truediv,
    operator.floordiv: tf.math.floordiv,
    operator.mod: tf.math.floormod,
    operator.pow: tf.pow,
    operator.matmul: tf.matmul,
    operator.neg: tf.negative,
    operator.abs: tf.abs,
    operator.lt: tf.less,
    operator.le: tf.less_equal,
    operator.gt: tf.greater,
    operator.ge: tf.greater_equal,
}
_lock = threading.RLock()


class Recorded(Layer):
    """The Keras layer of a recorded call, made when Keras asks for the layer its results come from.

    Attributes:
        recorded: the recorded call.
        keras_inputs: the Keras symbolic tensors among its inputs.
    """

    def __init__(self, call: Any, inputs: Sequence[Any], replay: Replay):
        super().__init__(autocast=False)
        # Past Keras's attribute tracking, which would make weights of the variables the call uses.
        self.__dict__.update(recorded=call, keras_inputs=list(inputs), replay=replay)

    def call(self, *tensors: Any) -> list[Any]:
        """Run the recorded call inside a Keras model that contains it."""
        feeds = {id(symbol): tensor for symbol, tensor in zip(self.keras_inputs, tensors, strict=True)}
        return self.replay(self.recorded, feeds, calling_phase() or 0)

    def compute_mask(self, *_: Any, **__: Any) -> None:
        """Masks end here."""


class RecordedTensor(KerasTensor):
    """A symbolic tensor made by a recorded call.

    Keras wants a layer behind each of its tensors; making one takes longer than the recording, so it is made when it is
    asked for.
    """

    recorded: Any
    index: int
    replay: Replay
    sources: Sequence[Any]

    @property
    def _keras_history(self) -> Any:
        if "history" not in self.__dict__:
            hang_on_layers(self.recorded)
        return self.__dict__["history"]

    @_keras_history.setter
    def _keras_history(self, history: Any) -> None:
        self.__dict__["history"] = history

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape} dtype={self.dtype.name} name={self.name}>"

    __str__ = __repr__


class RecordedSparseTensor(RecordedTensor, keras_tensor.SparseKerasTensor):
    """The same for a sparse tensor."""


def recorded_tensor(call: Any, index: int, spec: tf.TypeSpec, inputs: Sequence[Any], replay: Replay) -> RecordedTensor:
    """Return the symbolic tensor of one result of a recorded call."""
    kind = RecordedSparseTensor if isinstance(spec, tf.SparseTensorSpec) else RecordedTensor
    tensor = kind(spec, name=f"{call.name}_{index}")
    tensor.recorded, tensor.index, tensor.replay, tensor.sources = call, index, replay, inputs
    return tensor


def hang_on_layers(call: Any) -> None:
    """Make the layer of a recorded call, after those of the calls it uses that have none yet."""
    with _lock:
        waiting = [call]
        while waiting:
            call = waiting[-1]
            found = {id(leaf): leaf for leaf in (*call.inputs, *call.outputs[0].sources)}
            inputs = [leaf for leaf in found.values() if isinstance(leaf, KerasTensor)]
            above = [tensor.recorded for tensor in inputs if isinstance(tensor, RecordedTensor) and is_bare(tensor)]
            if above:
                waiting.extend(above)
            elif is_bare(waiting.pop().outputs[0]):
                hang_on_layer(call, inputs)


def is_bare(tensor: RecordedTensor) -> bool:
    """Return whether a recorded tensor has no layer behind it yet."""
    return "history" not in tensor.__dict__


def hang_on_layer(call: Any, inputs: Sequence[Any]) -> None:
    """Make the layer of a recorded call and its one node, which leaves no trace on what it uses.

    A function of TensorFlow gets the layer that Keras itself would have made, so that the model can be saved.
    """
    function = EXPORTED.get(call.fn, call.fn)
    if len(inputs) == len(call.inputs) and tf_op_layer.get_canonical_name_for_symbol(function):
        layer, args, kwargs = tf_op_layer.TFOpLambda(function), tuple(call.args), dict(call.kwargs)
    else:
        layer, args, kwargs = Recorded(call, inputs, call.outputs[0].replay), tuple(inputs), {}
    outputs = call.outputs if len(call.outputs) > 1 or isinstance(layer, Recorded) else call.outputs[0]
    made = Node(layer, call_args=args, call_kwargs=kwargs, outputs=outputs)
    note(made, call.gradient_map)
    unhook(made)


def unhook(made: Any) -> None:
    """Take a node off the layers it uses: else everything built on a model would live as long as the model."""
    for tensor in made.keras_inputs:
        layer = tensor._keras_history.layer
        if layer is not None and layer._outbound_nodes and layer._outbound_nodes[-1] is made:
            layer._outbound_nodes.pop()


class NodeCall(KerasCall):
    """A node of Keras 2's graph as a call."""

    def __init__(self, made: Any):
        self.node = made
        self.operation = made.layer
        self.name = made.layer.name
        self.args, self.kwargs = made.call_args, made.call_kwargs
        found = [*tf.nest.flatten((self.args, self.kwargs)), *closed_over(self.operation, keras.layers.Lambda)]
        self.inputs = [leaf for leaf in found if isinstance(leaf, (KerasTensor, OwnSymbol))]
        self.outputs = tf.nest.flatten(made.outputs)

    @property
    def variables(self) -> list[tf.Variable]:
        return [tf_variable(variable) for variable in self.operation.variables]

    @property
    def gradient_map(self) -> Map:
        """The ``gradient_override_map`` under which the layer was called."""
        return map_of(self.node)

    @property
    def trusted(self) -> bool:
        if self.gradient_map:
            return False
        return all(is_plain(layer) for layer in self.operation._flatten_layers())

    @property
    def takes_training(self) -> bool:
        return takes_training(self.operation)

    @property
    def chosen_phase(self) -> Any:
        """The phase the layer was built with: by the caller, or by the program's phase then; None if by neither."""
        training = self.kwargs.get("training")
        return training if isinstance(training, (bool, int)) else getattr(self.node, attributes.TRAINING, None)


def is_plain(layer: Any) -> bool:
    """Return whether a layer is Keras's own, so that gradients pass between its float inputs and outputs."""
    if not type(layer).__module__.startswith(f"{keras.__name__}."):
        return False
    kind = type(layer).__name__
    if kind in ("TFOpLambda", "ClassMethod", "InstanceProperty", "InstanceMethod"):
        return getattr(layer, "symbol", None) in SMOOTH_OPERATORS
    return kind not in ("Lambda", "Recorded")


def takes_training(operation: Any) -> bool:
    """Return whether a layer's ``call`` has a ``training`` argument."""
    return bool(getattr(operation, "_expects_training_arg", False))
