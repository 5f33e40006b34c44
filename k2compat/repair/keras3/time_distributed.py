"""The repair of Keras 3's ``TimeDistributed``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from k2compat.repair.shared import time_distributed
from k2compat.repair.shared.time_distributed import flat_mask, merged, parted
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """Return the repair of TimeDistributed."""
    return [time_distributed_repair()]


def time_distributed_repair() -> Repair:
    """Return the repair of the wrapper."""
    kind = keras.layers.TimeDistributed
    patches = [
        (kind, "call", calling(kind.call)),
        (kind, "compute_mask", computing_mask),
        *time_distributed.weight_patches(kind),
    ]
    return time_distributed.repair(patches, normalizes, kind)


def normalizes(layer: Any) -> bool:
    """Return whether there is batch normalization in a layer."""
    return any(isinstance(inner, keras.layers.BatchNormalization) for inner in layer._flatten_layers())


def calling(original: Callable[..., Any]) -> Callable[..., Any]:
    """``TimeDistributed.call`` on the steps of all samples at once."""

    @functools.wraps(original)
    def call(self: Any, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        if not tf.is_tensor(inputs) or len(inputs.shape) < 3:
            return original(self, inputs, training=training, mask=mask)
        check(inputs, mask)
        inputs = time_distributed.with_steps(self, inputs, lambda node: node.input_tensors[0])
        if time_distributed.is_fixed(self, lambda node: node.input_tensors[0]):
            outputs = step_by_step(self, inputs, training)
            out = mask
        else:
            outputs, out = at_once(self, inputs, training, mask)
        if out is not None:
            outputs._keras_mask = out
        return outputs

    return call


def check(inputs: Any, mask: Any) -> None:
    """Raise Keras's error for a mask of other samples and steps than the inputs have."""
    if mask is not None and (len(mask.shape) < 2 or not mask.shape[:2].is_compatible_with(inputs.shape[:2])):
        raise ValueError(
            f"The `mask` passed to the `TimeDistributed` layer has a shape {tuple(mask.shape)} that is incompatible "
            f"with the input shape {tuple(inputs.shape)}. The first two dimensions of the mask (batch size and "
            "timesteps) must match the input's first two dimensions."
        )


def at_once(layer: Any, inputs: Any, training: Any, mask: Any) -> tuple[Any, Any]:
    """Return what the layer inside makes of the steps of all samples together, and its mask or None."""
    inner = layer.layer
    steps, steps_mask = merged(inputs), None if mask is None else merged(mask)
    made = inner.call(steps, **arguments(inner, training, steps_mask))
    if isinstance(inner, keras.Model):
        out = getattr(made, "_keras_mask", None)
    else:
        out = inner.compute_mask(steps, steps_mask) if inner.supports_masking else None
    return parted(made, inputs), flat_mask(mask) if out is None else parted(out, inputs)


def step_by_step(layer: Any, inputs: Any, training: Any) -> Any:
    """Return what the layer inside makes of one step after the other."""
    known = arguments(layer.layer, training, None)
    steps = tf.unstack(inputs, axis=1) if inputs.shape[1] is not None else None
    if steps is not None:
        return tf.stack([layer.layer.call(step, **known) for step in steps], axis=1)
    turned = tf.transpose(inputs, [1, 0, *range(2, len(inputs.shape))])
    made = tf.map_fn(lambda step: layer.layer.call(step, **known), turned, parallel_iterations=1)
    return tf.transpose(made, [1, 0, *range(2, len(made.shape))])


def arguments(inner: Any, training: Any, mask: Any) -> dict[str, Any]:
    """Return what the layer inside takes beside its input."""
    found = {"training": training} if inner._call_has_training_arg else {}
    return {**found, "mask": mask} if inner._call_has_mask_arg and mask is not None else found


def computing_mask(self: Any, inputs: Any, mask: Any = None) -> Any:
    """``TimeDistributed.compute_mask``: of tensors ``call`` has seen to it; of symbolic ones, the mask of the steps."""
    if not isinstance(inputs, keras.KerasTensor) or mask is None or len(mask.shape) == 2:
        return mask if isinstance(inputs, keras.KerasTensor) else None
    return keras.ops.any(mask, axis=list(range(2, len(mask.shape))))
