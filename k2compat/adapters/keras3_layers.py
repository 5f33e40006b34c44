"""Repairs of Keras 3's layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from k2compat.adapters import batch_norm
from k2compat.adapters.fit import weight_losses
from k2compat.adapters.keras3 import Keras3, being_called, is_plain, single, takes_training
from k2compat.adapters.keras3_addresses import namespaces, roots
from k2compat.adapters.layers import called, follows_phase, phased, pinned, shape_of, with_setter
from k2compat.adapters.repair import Repair

WEIGHT_LOSSES = "_get_regularization_losses"
Node = keras.src.ops.node.Node
NameScope = keras.src.backend.common.name_scope.name_scope


def layer_repairs(engine: Any) -> list[Repair]:
    """Repairs of ``Layer``."""
    return [*attribute_repairs(engine), *construction_repairs(engine), *call_repairs(engine)]


def attribute_repairs(engine: Any) -> list[Repair]:
    """Repairs of what can be read off a layer."""
    layer = keras.Layer
    return [
        Repair(
            "input_layer_input",
            "model.layers[0].input is an empty list for an input layer; Keras 2 gave its tensor, and "
            "K.function([model.layers[0].input], ...) is how many scripts begin.",
            [(keras.layers.InputLayer, "input", property(lambda self: self.output))],
        ),
        Repair(
            "layer_shapes",
            "layer.output_shape, layer.input_shape, the get_..._at(index) methods and the masks of nodes are gone.",
            [
                (layer, "output_shape", property(lambda self: shape_of(self.output))),
                (layer, "input_shape", property(lambda self: shape_of(self.input))),
                (layer, "get_output_at", lambda self, index: single(self._inbound_nodes[index].output_tensors)),
                (layer, "get_input_at", lambda self, index: single(self._inbound_nodes[index].input_tensors)),
                (layer, "get_output_shape_at", lambda self, index: shape_of(self.get_output_at(index))),
                (layer, "get_input_shape_at", lambda self, index: shape_of(self.get_input_at(index))),
                (layer, "inbound_nodes", property(lambda self: self._inbound_nodes)),
                (layer, "outbound_nodes", property(lambda self: self._outbound_nodes)),
                (Node, "input_masks", property(lambda self: masks(self.input_tensors))),
                (Node, "output_masks", property(lambda self: masks(self.output_tensors))),
            ],
        ),
        Repair(
            "layer_updates",
            "model.updates and layer.updates were the moving averages of batch normalization, to be passed to "
            "K.function(..., updates=...).",
            [
                (layer, "updates", property(lambda self: updates_of(self, engine))),
                (layer, "get_updates_for", lambda self, inputs: updates_of(self, engine)),
                (keras.Model, "state_updates", property(lambda self: updates_of(self, engine))),
            ],
        ),
        Repair(
            "weight_losses",
            "model.losses and layer.losses give values; Keras 2 gave tensors, and a loss they are added to has the "
            "gradient of the weights' regularisation.",
            [(layer, WEIGHT_LOSSES, weight_losses(getattr(layer, WEIGHT_LOSSES), engine))],
        ),
        Repair(
            "uses_learning_phase",
            "Old code asks model.uses_learning_phase whether K.learning_phase() has to be among the inputs.",
            [(layer, "uses_learning_phase", phased(is_plain, takes_training))],
        ),
    ]


def construction_repairs(engine: Any) -> list[Repair]:
    """Repairs of how layers are named and get their weights."""
    layer = keras.Layer
    return [
        Repair(
            "layer_weights",
            "A K.variable kept as attribute of a layer is a weight of it, and layers written for Keras 2.0 set their "
            "trainable_weights.",
            [
                (layer, "__setattr__", tracking(layer.__setattr__, engine)),
                *(
                    (layer, name, with_setter(getattr(layer, name), track))
                    for name in ("trainable_weights", "non_trainable_weights")
                ),
            ],
        ),
        Repair(
            "layer_names",
            "Layers may have a slash in their name, as those of keras.applications had (conv1/conv).",
            [
                (keras.Operation, "__init__", with_slash(keras.Operation.__init__)),
                (NameScope, "__init__", without_slash(NameScope.__init__)),
            ],
        ),
    ]


RECURRENT = (keras.layers.RNN, keras.layers.Bidirectional)


def call_repairs(engine: Any) -> list[Repair]:
    """Repairs of what layers take and how they run."""
    layer = keras.Layer
    return [
        Repair(
            "layer_call",
            "Layers take K.variables and expressions of them as inputs, recurrent ones a list of input and states; and "
            "a layer built after K.set_learning_phase, or with training=True, keeps that phase whatever the model "
            "around it runs in (Keras 3 models overrule it, so Monte Carlo dropout stops drawing).",
            [(layer, "__call__", with_states(called(layer.__call__, Keras3(), being_called, engine)))],
            elsewhere=pinned(lambda layer: follows_phase(layer, is_plain, takes_training)),
        ),
        Repair(
            "input_tensor",
            "Input(tensor=...) makes an input that needs no feed; Keras 3 refuses tensors of other kinds than its own, "
            "and makes the given one forget how it is computed.",
            [
                (module, "Input", with_tensor(keras.Input, engine))
                for module in (*roots().values(), *namespaces("layers"))
            ],
        ),
    ]


def tracking(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``Layer.__setattr__`` that tracks K.variables as it tracks Keras's own."""

    def __setattr__(self: Any, name: str, value: Any) -> None:
        if isinstance(value, engine.Variable) and hasattr(self, "_tracker"):
            track(self, value.holder)
        original(self, name, value)

    return __setattr__


def with_slash(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Operation.__init__`` that takes a name with a slash."""

    def __init__(self: Any, name: Any = None) -> None:
        slashed = isinstance(name, str) and "/" in name
        original(self, name=name.replace("/", "_") if slashed else name)
        if slashed:
            self.name = name

    return __init__


def without_slash(original: Callable[..., Any]) -> Callable[..., Any]:
    """``name_scope.__init__`` that puts an underscore for each slash."""

    def __init__(self: Any, name: Any, *args: Any, **kwargs: Any) -> None:
        original(self, name.replace("/", "_") if isinstance(name, str) else name, *args, **kwargs)

    return __init__


def with_states(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer.__call__`` of which recurrent layers take a list of input and states."""

    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], (list, tuple)) and isinstance(self, RECURRENT):
            (sequence, *states), *others = args
            args, kwargs = (sequence, *others), ({"initial_state": states, **kwargs} if states else kwargs)
        return original(self, *args, **kwargs)

    return __call__


def with_tensor(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``Input`` that takes our own symbolic tensors as ``tensor``."""

    def Input(*args: Any, tensor: Any = None, name: str | None = None, **kwargs: Any) -> Any:
        if isinstance(tensor, (engine.Lazy, keras.KerasTensor)):
            return Keras3().source(tensor, name)
        return original(*args, tensor=tensor, name=name, **kwargs)

    return Input


def updates_of(model: Any, engine: Any) -> list[Any]:
    """The updates of a model's layers: what batch normalization does to its moving averages."""
    return batch_norm.updates_in(model, keras.layers.BatchNormalization, engine)


def track(layer: Any, variable: Any) -> None:
    """Makes a variable a weight of a layer."""
    layer._tracker.track(variable)


def masks(tensors: list[Any]) -> list[Any]:
    """The masks of symbolic tensors, None for those that have none."""
    return [getattr(tensor, "_keras_mask", None) for tensor in tensors]
