"""Repairs of what a layer of a script's own may do in ``build`` and ``call`` of Keras 3."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import keras

from k2compat.adapters.keras3.internals import is_plain, takes_training
from k2compat.repair.shared.layer_graph import graph_repair
from k2compat.repair.shared.layer_protocol import protocol_repairs, unlocked
from k2compat.repair.shared.layers import follows_phase
from k2compat.repair.shared.own_attributes import attribute_repair
from k2compat.repair.table import Around, Repair

Node = keras.src.ops.node.Node
layer_module = keras.src.layers.layer
SHAPES = "update_shapes_dict_for_target_fn"


def repairs() -> list[Repair]:
    """Return the repairs of the protocol of layers."""
    return [
        *protocol_repairs(keras.Layer),
        attribute_repair(keras.Layer, {"dtype": lambda self, value: setattr(self, "dtype_policy", value)}),
        graph_repair(
            Node,
            keras.Layer,
            keras.KerasTensor,
            lambda node: list(node.output_tensors if node.is_input else node.input_tensors),
            lambda node: list(node.output_tensors),
            lambda layer: isinstance(layer, keras.Layer) and follows_phase(layer, is_plain, takes_training),
        ),
        Repair(
            "shapes_of_one",
            "A layer of a script's own that is called on a list of one tensor is built with the shape of that tensor; "
            "in Keras 3 with a list of it.",
            [(layer_module, SHAPES, Around(patched_shapes))],
        ),
        Repair(
            "layers_built_later",
            "A layer of a script's own above Activation, GaussianNoise, Average or others without weights makes its "
            "weights in __init__ or build, and any layer may add weights after it was built; Keras 3 has built it at "
            "the end of the upper __init__, and refuses.",
            [
                (keras.Layer, "_build_at_init", unlocked(keras.Layer._build_at_init, is_plain)),
                (keras.Layer, "_track_variable", Around(patched_track)),
            ],
        ),
    ]


def patched_track(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer._track_variable`` of layers that are built, too."""

    @functools.wraps(original)
    def _track_variable(self: Any, variable: Any) -> None:
        locked = self._tracker.locked
        self._tracker.unlock()
        original(self, variable)
        if locked:
            self._tracker.lock()

    return _track_variable


def patched_shapes(original: Callable[..., Any]) -> Callable[..., Any]:
    """What gives ``build`` and ``compute_output_shape`` their shapes, with one shape for a list of one."""

    @functools.wraps(original)
    def update_shapes(target_fn: Any, *args: Any, **kwargs: Any) -> Any:
        shapes = original(target_fn, *args, **kwargs)
        owner = getattr(inspect.unwrap(target_fn), "__self__", None)
        if not shapes or not isinstance(owner, keras.Layer) or is_plain(owner) or isinstance(owner, keras.Model):
            return shapes
        return {name: shape[0] if is_single(shape) else shape for name, shape in shapes.items()}

    return update_shapes


def is_single(shape: Any) -> bool:
    """Return whether something is a list of one shape."""
    return isinstance(shape, (list, tuple)) and len(shape) == 1 and isinstance(shape[0], (list, tuple))
