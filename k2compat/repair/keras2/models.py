"""Repairs of Keras 2's models."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.base import forward_passes
from k2compat.adapters.gradient_maps import cloning, deciding, follow, noting, running_loss
from k2compat.adapters.keras2.internals import KerasTensor, inner, keras
from k2compat.adapters.keras2.nodes import Node, Recorded
from k2compat.naming.static_shape import shape_of
from k2compat.repair.keras2.compilation import Compilation
from k2compat.repair.shared.batch_logs import batch_logs_repair
from k2compat.repair.shared.compiled_model import compiled_repair
from k2compat.repair.shared.gradient_maps import node_repair
from k2compat.repair.shared.predicted import predicted_list_repair
from k2compat.repair.shared.removed_methods import old_methods_repair
from k2compat.repair.shared.splits import split_repair
from k2compat.repair.shared.weight_order import order_repair
from k2compat.repair.table import Repair, with_default

Functional: Any = inner("engine.functional").Functional
training: Any = inner("engine.training")
functional_utils: Any = inner("engine.functional_utils")
CallContext: Any = inner("engine.base_layer_utils").CallContext
call_context: Any = inner("engine.base_layer_utils").call_context
Losses: Any = inner("engine.compile_utils").LossesContainer


def repairs() -> list[Repair]:
    """Repairs of ``Model``."""
    return [*spelling_repairs(), *running_repairs(), map_repair()]


def spelling_repairs() -> list[Repair]:
    """Repairs of how models are made and their calls counted."""
    return [
        Repair(
            "model_arguments",
            "Model(input=x, output=y) is how Keras 1 code spells Model(inputs=x, outputs=y), and Keras 2 still took "
            "it.",
            [
                (training, "is_functional_model_init_params", spelt_either_way(training)),
                (Functional, "__init__", renaming(Functional.__init__)),
            ],
        ),
        Repair(
            "model_nodes",
            "A nested model's own construction was its node 0, its first call node 1; get_output_at(1) counts from "
            "there.",
            [
                patch
                for kind in (Functional, keras.Sequential)
                for which in ("input", "output")
                for patch in (
                    (kind, f"get_{which}_at", at(which, kind)),
                    (kind, f"get_{which}_shape_at", shape_at(which)),
                )
            ],
        ),
    ]


def running_repairs() -> list[Repair]:
    """Repairs of what models consist of and how they run."""
    layers = keras.Model.layers.fget

    def is_between(layer: Any) -> bool:
        return isinstance(layer, Recorded)

    return [
        Repair(
            "model_layers",
            "model.layers were layers, and model.layers[1] the first behind the input; TensorFlow 2 counts what is "
            "computed between layers, too.",
            [(keras.Model, "layers", property(lambda self: [one for one in layers(self) if not is_between(one)]))],
        ),
        predicted_list_repair(Functional),
        Repair(
            "forward_pass",
            "Losses close over tensors of the model they train: z_mean in the loss of an autoencoder, the averaged "
            "samples in a gradient penalty. While model.fit is traced, the values of the forward pass are remembered, "
            "so that K functions find them.",
            [(Node, "map_arguments", remembering(Node.map_arguments))],
        ),
        Repair(
            "silent_predict",
            "model.predict draws a progress bar unless it is told verbose=0, which was the default.",
            [with_default(inspect.unwrap(keras.Model.predict), verbose=0)],
        ),
        compiled_repair(keras, Compilation),
        order_repair(keras.Model, parts),
        old_methods_repair(keras),
        split_repair(keras.Model),
        batch_logs_repair(keras),
    ]


def map_repair() -> Repair:
    """Return the repair of models whose layers were called under ``gradient_override_map``."""
    run = Functional._run_internal_graph

    def itself(node: Any) -> Any:
        return node

    return node_repair(
        [
            (Node, "__init__", noting(Node.__init__, itself)),
            (Functional, "_run_internal_graph", deciding(run, lambda leaf: isinstance(leaf, KerasTensor), caller)),
            (functional_utils, "clone_graph_nodes", cloning(functional_utils, "layer", itself)),
            (CallContext, "enter", keeping_outermost(CallContext.enter)),
            (Losses, "__call__", running_loss(Losses.__call__)),
        ]
    )


def caller(model: Any) -> bool:
    """Return whether a functional model is called by another model or a layer."""
    outermost = call_context()._state.get("outermost")
    return outermost is not None and outermost is not model


def keeping_outermost(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method that opens the context of a layer's call, which keeps the layer whose call contains the
    others.
    """

    @functools.wraps(original)
    def enter(self: Any, layer: Any, *args: Any, **kwargs: Any) -> Any:
        manager = original(self, layer, *args, **kwargs)
        manager._state["outermost"] = self._state.get("outermost", layer)
        return manager

    return enter


def parts(layer: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Return the trainable and the other weights a layer has itself, and the layers in it."""
    layers = list(layer._flatten_layers(recursive=False, include_self=False))
    return layer._trainable_weights, layer._non_trainable_weights, layers


def spelt_either_way(module: Any) -> Callable[..., Any]:
    """Tell functional models from others by their arguments, Keras 1's names among them."""
    original = module.is_functional_model_init_params

    def is_functional_model_init_params(args: Any, kwargs: Any) -> bool:
        return original(args, kwargs) or {"input", "output"} <= set(kwargs)

    return is_functional_model_init_params


def renaming(original: Callable[..., Any]) -> Callable[..., Any]:
    """Constructor of a functional model that knows the arguments' names in Keras 1."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        names = {"input": "inputs", "output": "outputs"}
        original(self, *args, **{names.get(name, name): value for name, value in kwargs.items()})

    return __init__


def at(which: str, kind: Any) -> Callable[[Any, int], Any]:
    """``get_input_at`` or ``get_output_at`` of a model: 0 for its own tensors, n for those of its n-th call; -1 for the
    last ones.
    """
    original = getattr(kind, f"get_{which}_at")

    def get(self: Any, index: int) -> Any:
        own = index in (0, -1 - len(self._inbound_nodes))
        return getattr(self, which) if own else original(self, index - (index > 0))

    return get


def shape_at(which: str) -> Callable[[Any, int], Any]:
    """``get_input_shape_at`` or ``get_output_shape_at``: the static shape of what the method without it gives."""
    return lambda self, index: shape_of(getattr(self, f"get_{which}_at")(index))


def remembering(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Node.map_arguments``, which is given the values of a model's tensors before each layer, and here keeps them
    with the graph.
    """

    def map_arguments(self: Any, tensor_dict: dict[str, list[Any]]) -> Any:
        if not tf.executing_eagerly():
            passes = forward_passes()
            found = next(((values, kept) for values, kept in passes if kept[0] is tensor_dict), None)
            if found is None:
                passes.append(found := ({}, [tensor_dict]))
            values, kept = found
            kept.append(self)
            values.update({id(symbol): tensor_dict[str(id(symbol))][-1] for symbol in self.keras_inputs})
        follow(self)
        return original(self, tensor_dict)

    return map_arguments
