"""Repairs of what a layer of a script's own may do in ``build`` and ``call`` of Keras 2."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.internals import KerasTensor, Layer, inner, keras
from k2compat.adapters.keras2.nodes import is_plain, takes_training
from k2compat.repair.shared.layer_graph import graph_repair
from k2compat.repair.shared.layer_protocol import protocol_repairs
from k2compat.repair.shared.layers import follows_phase
from k2compat.repair.shared.own_attributes import attribute_repair
from k2compat.repair.table import Around, Repair

Node = inner("engine.node").Node


def repairs() -> list[Repair]:
    """Return the repairs of the protocol of layers."""
    setters = {
        "name": lambda self, value: setattr(self, "_name", value),
        "dtype": lambda self, value: self._set_dtype_policy(value),
    }
    return [
        *protocol_repairs(Layer, takes_functions=True),
        attribute_repair(Layer, setters),
        graph_repair(
            Node,
            Layer,
            KerasTensor,
            lambda node: tf.nest.flatten(node.input_tensors),
            lambda node: tf.nest.flatten(node.output_tensors),
            lambda layer: follows_phase(layer, is_plain, takes_training),
        ),
        Repair(
            "shapes_of_one",
            "A layer of a script's own that is called on a list of one tensor is built with the shape of that tensor; "
            "in TensorFlow 2 with a list of it.",
            [(Layer, "_maybe_build", Around(patched_maybe_build))],
        ),
        Repair(
            "built_from_config",
            "A layer of a script's own whose build does not say that it is built was marked so by its call; made from "
            "a configuration of TensorFlow 2 it is built before, and then a second time.",
            [(Layer, "build_from_config", marking(Layer.build_from_config))],
        ),
    ]


def marking(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer.build_from_config`` that marks a layer as built, as its first call would."""

    @functools.wraps(original)
    def build_from_config(self: Any, config: Any) -> None:
        original(self, config)
        if config["input_shape"] is not None:
            self.built = True

    return build_from_config


def patched_maybe_build(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer._maybe_build`` that builds a script's layer for the one tensor of a list."""

    @functools.wraps(original)
    def _maybe_build(self: Any, inputs: Any) -> None:
        own = not (is_plain(self) or isinstance(self, keras.Model))
        original(self, inputs[0] if own and isinstance(inputs, list) and len(inputs) == 1 else inputs)

    return _maybe_build
