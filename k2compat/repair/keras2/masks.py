"""Repairs of Keras 2's masks and of its ``TimeDistributed``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.adapter import ADAPTER
from k2compat.adapters.keras2.internals import Layer, inner, keras
from k2compat.repair.shared import time_distributed
from k2compat.repair.shared.masks import without_mask
from k2compat.repair.table import Repair

BatchNormalization: Any = inner("layers.normalization.batch_normalization").BatchNormalizationBase
around_calls: Any = inner("utils.traceback_utils")
SET_MASKS, RESHAPES = "_set_mask_metadata", "_always_use_reshape"


def repairs() -> list[Repair]:
    """Repairs of masks."""
    kind = keras.layers.TimeDistributed
    at_once = property(
        lambda self: not time_distributed.is_fixed(self, first_input),
        lambda self, value: None,
    )
    patches = [
        (kind, RESHAPES, at_once),
        (kind, "call", counting(kind.call)),
        (kind, "compute_mask", once(kind.compute_mask)),
        *time_distributed.weight_patches(kind),
    ]
    return [
        Repair(
            "layer_masks",
            "A mask is passed on by compute_mask alone: a layer that hands its input through may end the mask, and a "
            "mask given by hand ends with its layer. Softmax takes none.",
            [
                (Layer, SET_MASKS, passing_on(getattr(Layer, SET_MASKS))),
                (
                    around_calls,
                    "inject_argument_info_in_traceback",
                    apart(around_calls.inject_argument_info_in_traceback),
                ),
                (keras.layers.Softmax, "__call__", without_mask(calling)),
            ],
        ),
        time_distributed.repair(patches, normalizes, kind),
    ]


def first_input(node: Any) -> Any:
    """Return the first input of a node."""
    return tf.nest.flatten(node.input_tensors)[0]


def counting(original: Callable[..., Any]) -> Callable[..., Any]:
    """``TimeDistributed.call`` that knows how many steps its symbolic input has."""

    @functools.wraps(original)
    def call(self: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return original(self, time_distributed.with_steps(self, inputs, first_input), *args, **kwargs)

    return call


def normalizes(layer: Any) -> bool:
    """Return whether there is batch normalization in a layer."""
    return any(isinstance(one, BatchNormalization) for one in layer._flatten_layers())


def once(original: Callable[..., Any]) -> Callable[..., Any]:
    """``TimeDistributed.compute_mask`` that does not run a model again, and move its averages twice, to find that it
    makes no mask.
    """

    @functools.wraps(original)
    def compute_mask(self: Any, inputs: Any, mask: Any = None) -> Any:
        outputs = getattr(self.layer, "outputs", None) if isinstance(self.layer, keras.Model) else None
        if outputs and all(getattr(tensor, "_keras_mask", None) is None for tensor in outputs):
            return time_distributed.flat_mask(mask)
        return original(self, inputs, mask)

    return compute_mask


def calling(layer: Any, *args: Any, **kwargs: Any) -> Any:
    """``Layer.__call__`` as it is by then, with the repairs of it."""
    return Layer.__call__(layer, *args, **kwargs)


def computes_masks(layer: Any) -> bool:
    """Return whether a layer's masks are up to ``compute_mask``: those of models and of wrapped layers are not."""
    jointly = getattr(layer, "_compute_output_and_mask_jointly", False)
    return not (jointly or isinstance(layer, keras.Model) or ADAPTER.inferring_shapes())


def passing_on(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_set_mask_metadata`` that goes by the masks of the inputs, not by one that was given by hand or that a layer
    inside made.
    """

    @functools.wraps(original)
    def _set_mask_metadata(self: Any, inputs: Any, outputs: Any, previous_mask: Any, build_graph: Any) -> None:
        if computes_masks(self):
            previous_mask = mask_of(inputs)
            given = {id(tensor) for tensor in tf.nest.flatten(inputs)}
            for tensor in tf.nest.flatten(outputs):
                if isinstance(tensor, tf.Tensor) and id(tensor) not in given and hasattr(tensor, "_keras_mask"):
                    tensor._keras_mask = None
        original(self, inputs, outputs, previous_mask, build_graph)

    return _set_mask_metadata


def mask_of(tensors: Any) -> Any:
    """Return the masks of tensors, in their structure; None if there is none."""
    found = tf.nest.map_structure(lambda tensor: getattr(tensor, "_keras_mask", None), tensors)
    return found if any(mask is not None for mask in tf.nest.flatten(found)) else None


def apart(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return what Keras puts around a layer's ``call``: of it, a tensor that is handed through is a new one without a
    mask.
    """

    @functools.wraps(original)
    def around(function: Any, *args: Any, **kwargs: Any) -> Any:
        run = original(function, *args, **kwargs)
        if isinstance(getattr(function, "__self__", None), keras.Model):
            return run

        @functools.wraps(run)
        def call(inputs: Any, *others: Any, **named: Any) -> Any:
            masked = {
                id(tensor)
                for tensor in tf.nest.flatten(inputs)
                if isinstance(tensor, tf.Tensor) and getattr(tensor, "_keras_mask", None) is not None
            }
            outputs = run(inputs, *others, **named)
            if not any(id(tensor) in masked for tensor in tf.nest.flatten(outputs)):
                return outputs
            return tf.nest.map_structure(lambda leaf: tf.identity(leaf) if id(leaf) in masked else leaf, outputs)

        return call

    return around
