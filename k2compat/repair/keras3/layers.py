"""Repairs of Keras 3's layers."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from k2compat.adapters.keras3.adapter import Keras3
from k2compat.adapters.keras3.internals import being_called, is_plain, single, takes_training
from k2compat.graph.own_variable import OwnVariable
from k2compat.graph.symbols import LIVE, Variable
from k2compat.naming.static_shape import shape_of
from k2compat.repair.keras3.namespaces import namespaces, roots
from k2compat.repair.shared.added_updates import Kinds
from k2compat.repair.shared.layers import called, follows_phase, phased, pinned, symbol_of
from k2compat.repair.shared.states import all_updates, updates_for, updates_of_stateful
from k2compat.repair.shared.training import weight_losses
from k2compat.repair.shared.weight_lists import WeightList, held
from k2compat.repair.table import Repair, definer

WEIGHT_LOSSES = "_get_regularization_losses"
in_stateless_scope = keras.src.backend.common.stateless_scope.in_stateless_scope
NameScope = keras.src.backend.common.name_scope.name_scope


def repairs() -> list[Repair]:
    """Repairs of ``Layer``."""
    return [*attribute_repairs(), *construction_repairs(), *call_repairs()]


def attribute_repairs() -> list[Repair]:
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
            "layer.output_shape, layer.input_shape and the get_..._at(index) methods are gone.",
            [
                (layer, "output_shape", property(lambda self: shape_of(self.output))),
                (layer, "input_shape", property(lambda self: shape_of(self.input))),
                (layer, "get_output_at", lambda self, index: single(self._inbound_nodes[index].output_tensors)),
                (layer, "get_input_at", lambda self, index: single(self._inbound_nodes[index].input_tensors)),
                (layer, "get_output_shape_at", lambda self, index: shape_of(self.get_output_at(index))),
                (layer, "get_input_shape_at", lambda self, index: shape_of(self.get_input_at(index))),
                (layer, "output_mask", own_or("output_mask", lambda self: masks(keras.tree.flatten(self.output)))),
                (layer, "input_mask", own_or("input_mask", lambda self: masks(keras.tree.flatten(self.input)))),
                (layer, "inbound_nodes", property(lambda self: self._inbound_nodes)),
                (layer, "outbound_nodes", property(lambda self: self._outbound_nodes)),
            ],
        ),
        Repair(
            "layer_updates",
            "model.updates and layer.updates were the averages of batch normalization, the states of layers and what "
            "layers of a program's own add, to be passed to K.function(..., updates=...).",
            [
                (layer, "updates", property(lambda self: all_updates(self, KINDS))),
                (layer, "get_updates_for", lambda self, inputs: updates_for(self, inputs, KINDS)),
                (keras.Model, "state_updates", property(lambda self: updates_of_stateful(self, KINDS))),
            ],
        ),
        Repair(
            "weight_losses",
            "model.losses and layer.losses give values; Keras 2 gave tensors, and a loss they are added to has the "
            "gradient of the weights' regularisation. That of frozen weights counted, too.",
            [(layer, WEIGHT_LOSSES, weight_losses(getattr(layer, WEIGHT_LOSSES), in_stateless_scope))],
        ),
        Repair(
            "uses_learning_phase",
            "Old code asks model.uses_learning_phase whether K.learning_phase() has to be among the inputs.",
            [(layer, "uses_learning_phase", phased(is_plain, takes_training))],
        ),
    ]


def construction_repairs() -> list[Repair]:
    """Repairs of how layers are named and get their weights."""
    layer = keras.Layer
    return [
        Repair(
            "layer_weights",
            "A K.variable kept as attribute of a layer is a weight of it, and layers written for Keras 1 and 2 set "
            "their trainable_weights and _trainable_weights, or add to these lists.",
            [
                (layer, "__setattr__", tracking(layer.__setattr__)),
                *((layer, name, all_weights(getattr(layer, name), name)) for name in KINDS_OF_WEIGHTS),
                *((layer, f"_{name}", own_weights(name)) for name in KINDS_OF_WEIGHTS),
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


KINDS = Kinds(
    model=keras.Model,
    normalization=keras.layers.BatchNormalization,
    recurrent=keras.layers.RNN,
    distributed=keras.layers.TimeDistributed,
    wrapper=keras.layers.Wrapper,
    value=lambda variable: tf.identity(variable.value),
    inputs=lambda node: keras.tree.flatten(node.arguments.args[:1]) or node.input_tensors,  # without masks
    outputs=lambda node: node.output_tensors,
)


def call_repairs() -> list[Repair]:
    """Repairs of what layers take and how they run."""
    layer = keras.Layer
    return [
        Repair(
            "layer_call",
            "Layers take K.variables and expressions of them as inputs; a call that gives a list of one tensor gives "
            "the tensor; and a layer built after K.set_learning_phase, or with training=True, keeps that phase "
            "whatever the model around it runs in (Keras 3 models overrule it, so Monte Carlo dropout stops drawing). "
            "A layer of a script's own with compute_output_shape builds the layers it uses when it is called "
            "symbolically.",
            [
                (layer, "__call__", called(layer.__call__, Keras3(), being_called, takes_training)),
                (layer, "compute_output_spec", after_call(layer.compute_output_spec)),
            ],
            elsewhere=pinned(lambda layer: follows_phase(layer, is_plain, takes_training)),
        ),
        Repair(
            "input_tensor",
            "Input(tensor=...) makes an input that needs no feed; Keras 3 refuses tensors of other kinds than its own, "
            "and makes the given one forget how it is computed.",
            [(module, "Input", with_tensor(keras.Input)) for module in (*roots().values(), *namespaces("layers"))],
        ),
    ]


def tracking(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer.__setattr__`` that tracks K.variables as it tracks Keras's own."""

    def __setattr__(self: Any, name: str, value: Any) -> None:
        if isinstance(value, (Variable, OwnVariable)) and hasattr(self, "_tracker"):
            locked = self._tracker.locked  # of a built layer, which Keras 2 let have further ones
            self._tracker.unlock()
            track(self, value.holder)
            if locked:
                self._tracker.lock()
        original(self, name, value)

    return __setattr__


KINDS_OF_WEIGHTS = {"trainable_weights": "trainable_variables", "non_trainable_weights": "non_trainable_variables"}


def all_weights(found: property, name: str) -> property:
    """The weights of a layer and of those in it; a script's own layer can set them, and add to them."""
    read: Any = found.fget

    def get(self: Any) -> Any:
        weights = read(self)
        if is_plain(self) or isinstance(self, keras.Model):
            return weights
        return WeightList(weights, lambda new: assign_weights(self, name, new))

    return property(get, lambda self, weights: assign_weights(self, name, weights))


def own_weights(name: str) -> property:
    """The weights of a layer itself."""

    def assign(self: Any, weights: Any) -> None:
        assign_weights(self, name, weights)

    return property(
        lambda self: WeightList(self._tracker.config[KINDS_OF_WEIGHTS[name]][1], lambda new: assign(self, new)), assign
    )


def assign_weights(layer: Any, name: str, weights: Any) -> None:
    """Make variables the weights of one kind that a layer has itself, beside those of the layers in it."""
    tracker, kind = layer._tracker, KINDS_OF_WEIGHTS[name]
    inside = {id(weight) for inner in layer._flatten_layers(include_self=False) for weight in inner.weights}
    wanted = [one for one in map(held, weights) if id(one) not in inside]
    locked, kept = tracker.locked, {id(one) for one in wanted}
    tracker.unlock()
    for one in list(tracker.config[kind][1]):
        if id(one) not in kept:
            tracker.untrack(one)
    for one in wanted:
        if not tracker.is_in_store(kind, one):
            tracker.untrack(one)
            if isinstance(one, keras.Variable):
                one.trainable = name == "trainable_weights"
            tracker.add_to_store(kind, one)
    tracker.config[kind][1][:] = wanted  # in their order
    if locked:
        tracker.lock()


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


def after_call(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer.compute_output_spec`` that runs the ``call`` of a script's layer before it asks for the shape.

    Keras 3 does not run a layer that has ``compute_output_shape`` when it is called on symbolic tensors. In Keras 2 it
    ran first: it built the layers it uses, and set what ``compute_output_shape`` may read.
    """

    @functools.wraps(original)
    def compute_output_spec(self: Any, *args: Any, **kwargs: Any) -> Any:
        if is_plain(self) or isinstance(self, keras.Model):
            return original(self, *args, **kwargs)
        if type(self).compute_output_shape is keras.Layer.compute_output_shape:
            return original(self, *args, **kwargs)
        traced = None
        with contextlib.suppress(Exception):  # a layer that only runs on values
            traced = keras.src.backend.compute_output_spec(self.call, *args, **kwargs)
        given = original(self, *args, **kwargs)
        return (
            traced
            if traced is not None and has_other_outputs(type(self), given, traced)
            else with_dtypes(given, traced)
        )

    return compute_output_spec


def has_other_outputs(kind: type, given: Any, traced: Any) -> bool:
    """Return whether ``call`` of a class gives another number of outputs than the ``compute_output_shape`` that it
    inherits from a class with another ``call``.
    """
    if len(keras.tree.flatten(given)) == len(keras.tree.flatten(traced)):
        return False
    order = kind.__mro__
    return order.index(definer(kind, "call")) < order.index(definer(kind, "compute_output_shape"))


def with_dtypes(given: Any, traced: Any) -> Any:
    """The tensors of the shapes that a layer gave, with the dtypes that its ``call`` has made."""
    shapes, results = keras.tree.flatten(given), keras.tree.flatten(traced)
    if len(shapes) != len(results) or not all(isinstance(one, keras.KerasTensor) for one in (*shapes, *results)):
        return given
    made = [keras.KerasTensor(one.shape, dtype=other.dtype) for one, other in zip(shapes, results, strict=True)]
    return keras.tree.pack_sequence_as(given, made)


def with_tensor(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Input`` that takes our own symbolic tensors as ``tensor``."""

    def Input(*args: Any, tensor: Any = None, name: str | None = None, **kwargs: Any) -> Any:
        if isinstance(tensor, tf.Tensor) and tf.executing_eagerly():
            tensor = symbol_of(tensor)
        if isinstance(tensor, (*LIVE, keras.KerasTensor)):
            return Keras3().source(tensor, name)
        return original(*args, tensor=tensor, name=name, **kwargs)

    return Input


def track(layer: Any, variable: Any) -> None:
    """Make a variable a weight of a layer."""
    layer._tracker.track(variable)


def own_or(name: str, found: Callable[[Any], list[Any]]) -> property:
    """Return a property that gives what a layer has set under its name, or else what is found: one thing, or a list."""

    def get(self: Any) -> Any:
        return vars(self)[name] if name in vars(self) else single(found(self))

    return property(get, lambda self, value: vars(self).__setitem__(name, value))


def masks(tensors: list[Any]) -> list[Any]:
    """Return the masks of symbolic tensors, None for those that have none."""
    return [getattr(tensor, "_keras_mask", None) for tensor in tensors]
