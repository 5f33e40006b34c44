"""Repairs of Keras 3's layers and models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from k2compat.adapters.keras3 import Keras3, being_called, takes_training
from k2compat.adapters.repair import Repair

Functional = keras.src.models.functional.Functional


def layer_repairs(engine: Any) -> list[Repair]:
    """Repairs of ``Layer``, ``Model`` and ``Sequential``."""
    layer, sequential = keras.Layer, keras.Sequential
    functional_output, functional_input = Functional.output, Functional.input
    return [
        Repair(
            "model_output",
            "A model loaded from an old .h5, or made with Model([x], [y]), has lists of one tensor as input and output; Keras 2 gave the tensor, "
            "and code goes on with model.output[:, i].",
            [
                (Functional, "output", property(lambda self: single(functional_output.fget(self)))),
                (Functional, "input", property(lambda self: single(functional_input.fget(self)))),
            ],
        ),
        Repair(
            "sequential_output",
            'Sequential.output and .input raise "The layer sequential has never been called".',
            [(sequential, "output", end_of("output", sequential)), (sequential, "input", end_of("input", sequential))],
        ),
        Repair(
            "sequential_rebuild",
            "Each Sequential.add calls all layers again, and layer.output keeps the tensor of the first call, which is not on the way to "
            "model.output; layers already called in this order are not called again.",
            [(sequential, "build", rebuilt(sequential.build))],
        ),
        Repair(
            "layer_shapes",
            "layer.output_shape, layer.input_shape and the get_..._at(index) methods are gone.",
            [
                (layer, "output_shape", property(lambda self: shape_of(self.output))),
                (layer, "input_shape", property(lambda self: shape_of(self.input))),
                (layer, "get_output_at", lambda self, index: single(self._inbound_nodes[index].output_tensors)),
                (layer, "get_input_at", lambda self, index: single(self._inbound_nodes[index].input_tensors)),
                (layer, "get_output_shape_at", lambda self, index: shape_of(self.get_output_at(index))),
                (layer, "get_input_shape_at", lambda self, index: shape_of(self.get_input_at(index))),
                (layer, "inbound_nodes", property(lambda self: self._inbound_nodes)),
                (layer, "outbound_nodes", property(lambda self: self._outbound_nodes)),
            ],
        ),
        Repair(
            "layer_call",
            "Layers take K.variables and expressions of them as inputs; and a layer built after K.set_learning_phase, or with training=True, keeps "
            "that phase whatever the model around it runs in (Keras 3 models overrule it, so Monte Carlo dropout stops drawing).",
            [(layer, "__call__", called(layer.__call__, engine))],
        ),
        Repair(
            "input_tensor",
            "Input(tensor=K.variable(...)) makes an input that needs no feed; Keras 3 refuses tensors of other kinds than its own.",
            [(module, "Input", with_tensor(keras.Input, engine)) for module in (keras, keras.layers)],
        ),
        Repair(
            "layer_updates",
            "model.updates and layer.updates were the moving averages of batch normalization, to be passed to K.function(..., updates=...).",
            [
                (layer, "updates", property(lambda self: updates_of(self, engine))),
                (layer, "get_updates_for", lambda self, inputs: updates_of(self, engine)),
                (keras.Model, "state_updates", property(lambda self: updates_of(self, engine))),
            ],
        ),
        Repair(
            "uses_learning_phase",
            "Old code asks model.uses_learning_phase whether K.learning_phase() has to be among the inputs.",
            [(layer, "uses_learning_phase", property(lambda self: any(map(takes_training, self._flatten_layers(include_self=False)))))],
        ),
    ]


def single(tensors: Any) -> Any:
    """The tensor of a list of one."""
    return tensors[0] if isinstance(tensors, (list, tuple)) and len(tensors) == 1 else tensors


def shape_of(tensors: Any) -> Any:
    """Static shape as a tuple, a list of them for several tensors."""
    return [shape_of(tensor) for tensor in tensors] if isinstance(tensors, (list, tuple)) else tuple(tensors.shape)


def end_of(which: str, sequential: type) -> property:
    """``Sequential.input`` or ``.output``: that of the functional model inside."""

    def get(self: Any) -> Any:
        inner = self._functional
        return getattr(inner, which) if inner is not None else getattr(super(sequential, self), which)

    return property(get)


def rebuilt(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Sequential.build`` that keeps the tensors of layers it called before in the same order."""

    def build(self: Any, input_shape: Any = None) -> None:
        layers = self._layers
        self._layers = [*layers[:1], *map(Reused, layers[1:])]
        try:
            original(self, input_shape)
        finally:
            added = self._layers[: len(self._layers) - len(layers)]
            self._layers = [*added, *layers]

    return build


class Reused:
    """A layer that, called on a tensor it was called on before, gives the tensor it gave then."""

    def __init__(self, layer: Any):
        self.layer = layer

    def __call__(self, tensor: Any) -> Any:
        for node in self.layer._inbound_nodes:
            arguments = node.arguments
            if len(arguments.args) == 1 and not arguments.kwargs and arguments.args[0] is tensor:
                return single(node.outputs)
        return self.layer(tensor)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.layer, name)


def called(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``Layer.__call__`` that takes our own symbolic tensors, and keeps to the learning phase a layer was built with."""

    def source(leaf: Any) -> Any:
        return Keras3().source(leaf) if isinstance(leaf, engine.Lazy) else leaf

    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("training") is engine.phase_state.symbol:
            del kwargs["training"]  # what is fed for the phase decides, as without the argument
        chosen = kwargs.get("training", engine.phase_state.fixed)
        if tf.executing_eagerly() and any(isinstance(leaf, engine.Lazy) for leaf in engine.leaves(args)):
            args = engine.rebuild(args, source)
        pinned = vars(self).get("_k2compat_training")
        if pinned is not None and being_called():
            kwargs["training"] = pinned
        result = original(self, *args, **kwargs)
        for tensor in keras.tree.flatten(result):
            if isinstance(tensor, keras.KerasTensor) and hasattr(tensor, "_keras_history"):
                pin(self, tensor._keras_history, chosen)
        return result

    return __call__


def pin(layer: Any, history: Any, training: Any) -> None:
    """Notes the phase a layer was built with on its node; on the layer too, if all its calls agree."""
    if history.operation is not layer:
        return
    node = layer._inbound_nodes[history.node_index]
    node._k2compat_training = training
    values = {getattr(other, "_k2compat_training", None) for other in layer._inbound_nodes}
    # Past Keras's own attribute tracking, which locks built layers.
    vars(layer)["_k2compat_training"] = values.pop() if len(values) == 1 else None


def with_tensor(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``Input`` that takes our own symbolic tensors as ``tensor``."""

    def Input(*args: Any, tensor: Any = None, name: str | None = None, **kwargs: Any) -> Any:  # noqa: N802
        if isinstance(tensor, engine.Lazy):
            return Keras3().source(tensor, name)
        return original(*args, tensor=tensor, name=name, **kwargs)

    return Input


def updates_of(model: Any, engine: Any) -> list[Any]:
    """The updates of a model's layers: what batch normalization does to its moving averages."""
    return [
        update
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
        for node in layer._inbound_nodes
        for update in moving_averages(layer, node.input_tensors[0], engine)
    ]


def moving_averages(layer: Any, inputs: Any, engine: Any) -> list[Any]:
    """Updates of one batch normalization by one batch, with the unbiased variance of Keras 2."""

    def statistics(x: tf.Tensor) -> list[tf.Tensor]:
        axes = [axis for axis in range(x.shape.rank) if axis != layer.axis % x.shape.rank]
        mean, variance = tf.nn.moments(x, axes)
        count = tf.cast(tf.reduce_prod([tf.shape(x)[axis] for axis in axes]), x.dtype)
        return [mean, variance * count / (count - (1.0 + layer.epsilon))]

    mean, variance = engine.apply(statistics, (inputs,), {})
    return [
        engine.moving_average_update(layer.moving_mean, mean, layer.momentum),
        engine.moving_average_update(layer.moving_variance, variance, layer.momentum),
    ]
