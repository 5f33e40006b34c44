"""Repairs of Keras 3's models."""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.base import forward_passes
from k2compat.adapters.gradient_maps import cloning, deciding, follow, noting, running_loss
from k2compat.adapters.keras3.internals import single
from k2compat.repair.keras3 import embedding_input
from k2compat.repair.keras3.compilation import Compilation
from k2compat.repair.shared.compiled_model import compiled_repair, settable
from k2compat.repair.shared.default_graph import refuse_graph
from k2compat.repair.shared.gradient_maps import node_repair
from k2compat.repair.shared.predicted import predicted_list_repair
from k2compat.repair.shared.removed_methods import old_methods_repair
from k2compat.repair.table import Repair, with_default

models = keras.src.models.model
Functional = keras.src.models.functional.Functional
Arguments = keras.src.ops.symbolic_arguments.SymbolicArguments
Function = keras.src.ops.function.Function
Node = keras.src.ops.node.Node
Losses = keras.src.trainers.compile_utils.CompileLoss


def repairs() -> list[Repair]:
    """Return the repairs of models."""
    return [
        *model_repairs(),
        *sequential_repairs(),
        map_repair(),
        compiled_repair(keras, Compilation, [(keras.Model, "_is_compiled", settable("_is_compiled", is_compiled))]),
        old_methods_repair(keras),
    ]


def is_compiled(model: Any) -> bool:
    """Return whether a model is compiled, which Keras 2 kept as ``model._is_compiled``."""
    return bool(model.compiled)


def model_repairs() -> list[Repair]:
    """Repairs of ``Model``."""
    sequential = keras.Sequential
    return [
        Repair(
            "model_of_one",
            "A model loaded from an old .h5, or made with Model([x], [y]), has lists of one tensor as input, output "
            "and result; Keras 2 gave the tensor, and code goes on with model.output[:, i] or inner([x]).",
            [(Functional, "__init__", of_one(Functional.__init__)), (Functional, "call", taking_one(Functional.call))],
        ),
        predicted_list_repair(Functional),
        Repair(
            "model_arguments",
            "Model(input=x, output=y) is how Keras 1 code spells Model(inputs=x, outputs=y), and Keras 2 still took "
            "it.",
            [(models, "functional_init_arguments", spelt_either_way(models.functional_init_arguments))],
        ),
        Repair(
            "model_nodes",
            "A nested model's own construction was its node 0, its first call node 1; get_output_at(1) counts from "
            "there.",
            [
                (kind, f"get_{which}_at", at(which, kind))
                for kind in (Functional, sequential)
                for which in ("input", "output")
            ],
        ),
        Repair(
            "output_names",
            "Outputs of one layer called several times (the critic of a GAN on real and made samples) have the same "
            "name, by which Keras 3 keeps their losses, so that all are reported as the last one's; the second becomes "
            "critic_1.",
            [(Functional, "output_names", distinct_names("output_names"))],
        ),
        Repair(
            "forward_pass",
            "Losses close over tensors of the model they train: z_mean in the loss of an autoencoder, the averaged "
            "samples in a gradient penalty. While model.fit is traced, the values of the forward pass are remembered, "
            "so that K functions find them.",
            [(Arguments, "fill_in", remembering(Arguments.fill_in))],
        ),
        Repair(
            "silent_predict",
            "model.predict draws a progress bar unless it is told verbose=0, which was the default.",
            [with_default(inspect.unwrap(keras.Model.predict), verbose=0)],
        ),
    ]


def map_repair() -> Repair:
    """Return the repair of models whose layers were called under ``gradient_override_map``."""
    run, functional = Function._run_through_graph, keras.src.models.functional

    def arguments(node: Any) -> Any:
        return node.arguments

    return node_repair(
        [
            (Node, "__init__", noting(Node.__init__, arguments, traced, refuse_graph)),
            (Function, "_run_through_graph", deciding(run, lambda leaf: isinstance(leaf, keras.KerasTensor), caller)),
            (functional, "clone_graph_nodes", cloning(functional, "operation", arguments)),
            (Losses, "call", running_loss(Losses.call)),
        ]
    )


def caller(model: Any) -> bool:
    """Return whether a functional model is called by another model or a layer."""
    call = keras.src.backend.common.global_state.get_global_attribute("current_call_ctx")
    outermost = getattr(call, "entry_layer", None)
    return outermost is not None and outermost is not model and getattr(outermost, "_functional", None) is not model


def traced(node: Any) -> None:
    """Make the operations of a node; Keras often knows the shape of a layer's output without them."""
    arguments = node.arguments
    if arguments.args:
        with contextlib.suppress(Exception):  # what cannot be traced here fails where it is run
            keras.src.backend.compute_output_spec(node.operation.call, *arguments.args, **arguments.kwargs)


def of_one(original: Callable[..., Any]) -> Callable[..., Any]:
    """Constructor of a functional model that takes a list of one tensor, too; Keras looks at its parameters."""

    def __init__(self: Any, inputs: Any = None, outputs: Any = None, name: Any = None, **kwargs: Any) -> None:
        inputs, outputs = kwargs.pop("input", inputs), kwargs.pop("output", outputs)
        with hooked(inputs):
            original(self, only(inputs), only(outputs), name=name, **kwargs)

    return __init__


def only(tensors: Any) -> Any:
    """Return the tensor of a plain list or tuple of one; Keras 2 knew no deeper structures, they stay."""
    alone = type(tensors) in (list, tuple) and len(tensors) == 1 and isinstance(tensors[0], keras.KerasTensor)
    return tensors[0] if alone else tensors


def sequential_repairs() -> list[Repair]:
    """Repairs of ``Sequential``."""
    sequential = keras.Sequential
    return [
        Repair(
            "sequential_output",
            'Sequential.output and .input raise "The layer sequential has never been called".',
            [(sequential, "output", end_of("output", sequential)), (sequential, "input", end_of("input", sequential))],
        ),
        Repair(
            "layer_arguments",
            "LSTM(8, batch_input_shape=(4, 2, 1), stateful=True) as first layer of a Sequential fixes the batch size, "
            "too, and so does batch_size=4 beside input_shape; Dense(2, weights=[kernel, bias]) starts with these "
            "weights.",
            [
                (keras.Layer, "__init__", with_arguments(keras.Layer.__init__)),
                (keras.Layer, "_post_build", with_weights(keras.Layer._post_build)),
                (sequential, "add", behind_input(sequential.add)),
            ],
        ),
        Repair(
            "sequential_rebuild",
            "Each Sequential.add calls all layers again, and layer.output keeps the tensor of the first call, which is "
            "not on the way to model.output; layers already called in this order are not called again. build() without "
            "a shape, which calls no layer, makes a Sequential built, and its metrics lose their names.",
            [
                (sequential, "build", rebuilt(sequential.build)),
                (sequential, "_post_build", unbuilt_without_layers(sequential._post_build)),
            ],
        ),
    ]


@contextlib.contextmanager
def hooked(inputs: Any) -> Iterator[None]:
    """Give input layers an outbound node for a while: some versions of Keras take one without for not connected, and
    what is recorded leaves no trace on them.
    """
    operations = [t._keras_history.operation for t in keras.tree.flatten(inputs) if hasattr(t, "_keras_history")]
    bare = [operation for operation in operations if operation is not None and not operation._outbound_nodes]
    for operation in bare:
        operation._outbound_nodes.append(None)
    try:
        yield
    finally:
        for operation in bare:
            operation._outbound_nodes.remove(None)


def distinct_names(attribute: str) -> property:
    """Return an attribute of an object, a list of names, that numbers those of them which are there already."""

    def get(self: Any) -> list[str]:
        return vars(self).get(attribute, [])

    def assign(self: Any, names: list[str]) -> None:
        distinct: list[str] = []
        for name in names:
            numbered = (f"{name}_{number}" for number in itertools.count(1))
            distinct.append(next(n for n in itertools.chain([name], numbered) if n not in distinct))
        vars(self)[attribute] = distinct

    return property(get, assign)


def spelt_either_way(original: Callable[..., Any]) -> Callable[..., Any]:
    """Tell functional models from others by their arguments, Keras 1's names among them."""

    def functional_init_arguments(args: Any, kwargs: Any) -> bool:
        return original(args, kwargs) or {"input", "output"} <= set(kwargs)

    return functional_init_arguments


def taking_one(original: Callable[..., Any]) -> Callable[..., Any]:
    """``call`` of a functional model that takes a list of one for one input, and a dict by the input layers' names."""

    def call(self: Any, inputs: Any, training: Any = None, mask: Any = None, **kwargs: Any) -> Any:
        if isinstance(inputs, dict) and not isinstance(self._inputs_struct, dict):
            inputs, mask = by_layer(inputs, self), by_layer(mask, self)
        inputs = inputs if isinstance(self._inputs_struct, (list, tuple, dict)) else single(inputs)
        return original(self, inputs, training=training, mask=mask, **kwargs)

    return call


def by_layer(values: Any, model: Any) -> Any:
    """Return the values of a dict in the order of the model's inputs, where its keys are the names of the input
    layers.
    """
    names = [tensor._keras_history[0].name for tensor in model.inputs]
    known = isinstance(values, dict) and set(names) <= set(values)
    return [values[name] for name in names] if known else values


def at(which: str, kind: type) -> Callable[[Any, int], Any]:
    """``get_input_at`` or ``get_output_at`` of a model: 0 for its own tensors, n for those of its n-th call; -1 for the
    last ones.
    """

    def get(self: Any, index: int) -> Any:
        own = index in (0, -1 - len(self._inbound_nodes))
        return getattr(self, which) if own else getattr(super(kind, self), f"get_{which}_at")(index - (index > 0))

    return get


def remembering(original: Callable[..., Any]) -> Callable[..., Any]:
    """``SymbolicArguments.fill_in``, which is given the values of a model's tensors before each layer, and here keeps
    them with the graph.
    """

    def fill_in(self: Any, tensor_dict: dict[int, Any]) -> Any:
        if not tf.executing_eagerly():
            passes = forward_passes()
            kept = next((kept for values, kept in passes if values is tensor_dict), None)
            if kept is None:
                passes.append((tensor_dict, kept := []))
            kept.append(self)
        follow(self)
        return original(self, tensor_dict)

    return fill_in


def end_of(which: str, sequential: type) -> property:
    """``Sequential.input`` or ``.output``: that of the functional model inside."""

    def get(self: Any) -> Any:
        inner = self._functional
        return getattr(inner, which) if inner is not None else getattr(super(sequential, self), which)

    return property(get)


def with_arguments(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer.__init__`` that takes ``batch_input_shape``, ``batch_size`` and ``weights``; no arguments by position,
    Keras looks for them.
    """

    @functools.wraps(original)
    def __init__(
        self: Any, *, batch_input_shape: Any = None, batch_size: Any = None, weights: Any = None, **kwargs: Any
    ) -> None:
        if batch_size is not None and batch_input_shape is None:
            size = kwargs.pop("input_dim", None)
            shape = kwargs.pop("input_shape", None if size is None else (size,))
            batch_input_shape = None if shape is None else (batch_size, *shape)
        original(self, **kwargs)
        # Past Keras's attribute tracking.
        if batch_input_shape is not None:
            vars(self)[attributes.BATCH_SHAPE] = tuple(batch_input_shape)
        if weights is not None:
            vars(self)[attributes.WEIGHTS] = weights

    return __init__


def with_weights(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer._post_build``, which follows a layer's construction of its weights, that sets those it was given."""

    @functools.wraps(original)
    def _post_build(self: Any) -> None:
        original(self)
        weights = vars(self).pop(attributes.WEIGHTS, None)
        if weights is not None:
            self.set_weights(weights)

    return _post_build


def behind_input(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Sequential.add`` that puts an input layer before a first layer that has a ``batch_input_shape``."""

    @functools.wraps(original)
    def add(self: Any, layer: Any, rebuild: bool = True) -> None:
        shape = getattr(layer, attributes.BATCH_SHAPE, None)
        if shape is not None and not self._layers:
            original(self, keras.layers.InputLayer(batch_shape=shape, name=f"{layer.name}_input"), rebuild=rebuild)
        original(self, layer, rebuild=rebuild)

    return add


def rebuilt(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Sequential.build`` that keeps the tensors of layers it called before in the same order."""

    def build(self: Any, input_shape: Any = None) -> None:
        if input_shape is None and self._functional is not None:
            return
        if embedding_input.is_implied(self) and tuple(input_shape or ()) != self._layers[0].batch_shape:
            embedding_input.without_input(self)
        layers = self._layers
        self._layers = [*layers[:1], *map(Reused, layers[1:])]
        try:
            original(self, input_shape)
        finally:
            added = self._layers[: len(self._layers) - len(layers)]
            self._layers = [*added, *layers]

    return build


def unbuilt_without_layers(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Sequential._post_build``, after which one that was given no shape is as unbuilt as its layers."""

    def _post_build(self: Any) -> None:
        original(self)
        if self._functional is None and not any(self._build_shapes_dict.values()):
            self.built = False

    return _post_build


class Reused:
    """A layer that, called on a tensor it was called on before, gives the tensor it gave then."""

    def __init__(self, layer: Any):
        self.layer = layer

    def __call__(self, tensor: Any) -> Any:
        for node in self.layer._inbound_nodes:
            arguments = node.arguments
            plain = all(value is None or value is False for value in arguments.kwargs.values())
            if plain and len(arguments.args) == 1 and arguments.args[0] is tensor:
                return single(node.outputs)
        return self.layer(tensor)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.layer, name)
