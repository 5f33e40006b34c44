"""Answers for Keras 2, ``tf_keras`` or the ``keras`` of TensorFlow 2.13 to 2.15: the only file that imports it."""

from __future__ import annotations

import contextlib
import importlib
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

from k2compat.adapters import OwnSymbol, kind_of, package_of_tensorflow


def keras_2() -> Any:
    """The module of Keras 2: what ``tf.keras`` is, or else ``tf_keras``.

    Raises:
        ImportError: there is none.
    """
    inside = package_of_tensorflow()
    return inside if kind_of(inside) == "keras2" else importlib.import_module("tf_keras")


keras = keras_2()
keras_tensor, node, base_layer_utils = (
    importlib.import_module(f"{keras.__name__}.src.engine.{name}")
    for name in ("keras_tensor", "node", "base_layer_utils")
)
KerasTensor, SparseKerasTensor = keras_tensor.KerasTensor, keras_tensor.SparseKerasTensor

# Layers that Keras makes of operators, all differentiable in every float operand.
SMOOTH_OPERATORS = {"math.add", "math.subtract", "math.multiply", "math.truediv", "math.negative", "linalg.matmul"}


class Recorded(keras.layers.Layer):
    """The Keras layer of a recorded call, made when Keras asks for the layer its results come from.

    Attributes:
        recorded: the recorded call.
        keras_inputs: the Keras symbolic tensors among its inputs.
    """

    def __init__(self, call: Any, inputs: Sequence[Any]):
        super().__init__(autocast=False)
        self.recorded = call
        self.keras_inputs = list(inputs)

    def call(self, *tensors: Any) -> list[Any]:
        """Runs the recorded call inside a Keras model that contains it."""
        feeds = {id(symbol): tensor for symbol, tensor in zip(self.keras_inputs, tensors, strict=True)}
        return self.recorded.replay(feeds, calling_phase() or 0)

    def compute_mask(self, *_: Any, **__: Any) -> None:
        """Masks end here."""


class RecordedTensor(KerasTensor):
    """A symbolic tensor made by a recorded call.

    Keras wants a layer behind each of its tensors; making one takes longer than the recording, so it is made when it is
    asked for.
    """

    recorded: Any
    index: int

    @property
    def _keras_history(self) -> Any:
        if "history" not in self.__dict__:
            hang_on_layer(self.recorded)
        return self.__dict__["history"]

    @_keras_history.setter
    def _keras_history(self, history: Any) -> None:
        self.__dict__["history"] = history


class RecordedSparseTensor(RecordedTensor, SparseKerasTensor):
    """The same for a sparse tensor."""


def hang_on_layer(call: Any) -> None:
    """Makes the layer of a recorded call and its one node, which leaves no trace on what it uses."""
    inputs = [leaf for leaf in call.inputs if isinstance(leaf, KerasTensor)]
    made = node.Node(Recorded(call, inputs), call_args=tuple(inputs), call_kwargs={}, outputs=call.outputs)
    unhook(made)


def unhook(made: Any) -> None:
    """Takes a node off the layers it uses: else everything built on a model would live as long as the model."""
    for tensor in made.keras_inputs:
        layer = tensor._keras_history.layer
        if layer is not None and layer._outbound_nodes and layer._outbound_nodes[-1] is made:
            layer._outbound_nodes.pop()


class NodeCall:
    """A call that Keras recorded itself: of a layer, a model or an operator."""

    links: list[set[int]] | None = None
    seeded = False  # Keras draws from generators of its own

    def __init__(self, made: Any):
        self.node = made
        self.operation = made.layer
        self.name = made.layer.name
        self.args, self.kwargs = made.call_args, made.call_kwargs
        found = [*tf.nest.flatten((self.args, self.kwargs)), *closed_over(self.operation)]
        self.inputs = [leaf for leaf in found if isinstance(leaf, (KerasTensor, OwnSymbol))]
        self.outputs = tf.nest.flatten(made.outputs)

    @property
    def variables(self) -> list[tf.Variable]:
        return list(self.operation.variables)

    @property
    def trusted(self) -> bool:
        return all(is_plain(layer) for layer in self.operation._flatten_layers())

    def needs(self, phase: int) -> Sequence[Any]:
        return self.inputs

    def run(self, evaluation: Any) -> list[Any]:
        args, kwargs = tf.nest.map_structure(evaluation.resolve, (list(self.args), dict(self.kwargs)))
        if takes_training(self.operation):
            chosen = chosen_phase(self.node, self.kwargs)
            kwargs["training"] = bool(evaluation.phase if chosen is None else chosen)
        # A Lambda may hand back a tensor from outside.
        return [evaluation.resolve(leaf) for leaf in tf.nest.flatten(self.operation(*args, **kwargs))]


class SourceCall:
    """An input layer that has its value from an expression (``Input(tensor=...)``) instead of a feed."""

    name = "source"
    trusted = True
    seeded = False
    variables: Sequence[tf.Variable] = ()

    def __init__(self, source: Any, output: Any):
        self.inputs = [source]
        self.outputs = [output]

    def needs(self, phase: int) -> Sequence[Any]:
        return self.inputs

    def run(self, evaluation: Any) -> list[Any]:
        return [evaluation.value(self.inputs[0])]


class Scope:
    """The layers of Keras 2 are kept from changing their state by the repair ``layer_state``."""

    def keep_random_state(self) -> None:
        """Their random generators go on by themselves."""


class Keras2:
    """The adapter; see ``k2compat.adapters.Adapter`` for what each method answers."""

    kind = "keras2"
    package = keras
    symbolic_type = KerasTensor
    variable_type = tf.Variable

    def owns(self, thing: Any) -> bool:
        return isinstance(thing, (KerasTensor, keras.layers.Layer))

    def spec(self, tensor: Any) -> tf.TypeSpec:
        spec = tensor.type_spec
        return spec if isinstance(spec, tf.SparseTensorSpec) else tf.TensorSpec(spec.shape, spec.dtype)

    def variable(self, variable: tf.Variable) -> tf.Variable:
        return variable

    def new_variable(self, value: Any, dtype: str, name: str | None, trainable: bool = True) -> tf.Variable:
        return tf.Variable(value, dtype=dtype, name=name, trainable=trainable)

    def placeholder(self, spec: tf.TypeSpec, name: str | None) -> Any:
        return keras.Input(
            batch_shape=tuple(spec.shape.as_list()),
            dtype=spec.dtype.name,
            sparse=isinstance(spec, tf.SparseTensorSpec),
            name=name,
        )

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


def recorded_tensor(call: Any, index: int, spec: tf.TypeSpec) -> RecordedTensor:
    """The symbolic tensor of one result of a recorded call."""
    kind = RecordedSparseTensor if isinstance(spec, tf.SparseTensorSpec) else RecordedTensor
    tensor = kind(spec, name=f"{call.name}_{index}")
    tensor.recorded, tensor.index = call, index
    return tensor


def chosen_phase(made: Any, kwargs: Mapping[str, Any]) -> Any:
    """The phase a layer was built with: by the caller, or by the program's phase then; None if by neither."""
    training = kwargs.get("training")
    return training if isinstance(training, (bool, int)) else getattr(made, "_k2compat_training", None)


def is_plain(layer: Any) -> bool:
    """Whether a layer is Keras's own, so that gradients pass between its float inputs and outputs."""
    if not type(layer).__module__.startswith(f"{keras.__name__}."):
        return False
    kind = type(layer).__name__
    if kind in ("TFOpLambda", "ClassMethod", "InstanceProperty", "InstanceMethod"):
        return getattr(layer, "symbol", None) in SMOOTH_OPERATORS
    return kind not in ("Lambda", "Recorded")


def closed_over(operation: Any) -> list[Any]:
    """What the function of a Lambda layer uses from outside."""
    function = getattr(operation, "function", None) if isinstance(operation, keras.layers.Lambda) else None
    cells = []
    for cell in getattr(function, "__closure__", None) or ():
        with contextlib.suppress(ValueError):  # a cell not filled yet
            cells.append(cell.cell_contents)
    return tf.nest.flatten((cells, getattr(function, "__defaults__", None)))


def takes_training(operation: Any) -> bool:
    """Whether a layer's ``call`` has a ``training`` argument."""
    return bool(getattr(operation, "_expects_training_arg", False))


def forward_passes() -> list[tuple[dict[int, Any], list[Any]]]:
    """The calls of functional models in the graph being traced: values by the identity of their symbols, and what keeps
    the symbols alive.
    """
    graph = tf.compat.v1.get_default_graph()
    if not hasattr(graph, "_k2compat_forward_passes"):
        graph._k2compat_forward_passes = []
    return graph._k2compat_forward_passes


def calling_phase() -> int | None:
    """The ``training`` value of the Keras call going on in this thread, None outside of one."""
    context = base_layer_utils.call_context()
    if not context.in_call:
        return None
    training = context.training
    return int(bool(training)) if isinstance(training, (bool, int)) else 0


def being_called() -> bool:
    """Whether a layer or model is being called in this thread."""
    return bool(base_layer_utils.call_context().in_call)
