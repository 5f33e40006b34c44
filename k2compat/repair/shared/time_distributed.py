"""``TimeDistributed`` as Keras 2 had it, for the layers of either Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.repair.table import Elsewhere, Repair

REASON = (
    "TimeDistributed runs its layer once on the steps of all samples, so that batch normalization inside normalizes "
    "them together, and takes any number of steps, which the layers behind know if its symbolic input does; the layer "
    "inside says what becomes of the mask. A batch of a fixed size is run step by step, as it was."
)


def repair(patches: list[tuple[Any, str, Any]], normalizes: Callable[[Any], bool], kind: Any) -> Repair:
    """Return the repair of a Keras.

    Args:
        patches: what it has to set.
        normalizes: whether there is batch normalization in a layer.
        kind: the class of the wrapper.
    """
    elsewhere = Elsewhere(
        lambda layer, training: isinstance(layer, kind) and training != 0 and normalizes(layer),
        "each step is normalized by itself in training.",
        "Reshape to (batch * time, ...) in front of the layer and back behind it.",
    )
    return Repair("time_distributed", REASON, patches, elsewhere=elsewhere)


def weight_patches(kind: Any) -> list[tuple[Any, str, Any]]:
    """Return what makes the arrays of the wrapper those of its layer, in that one's order."""
    return [
        (kind, "get_weights", lambda self: self.layer.get_weights()),
        (kind, "set_weights", lambda self, weights: self.layer.set_weights(weights)),
    ]


def is_fixed(layer: Any, inputs_of: Callable[[Any], Any]) -> bool:
    """Return whether a layer has been called on batches of a fixed size only.

    Args:
        layer: the layer.
        inputs_of: the input of one of its nodes.
    """
    nodes = layer._inbound_nodes
    return bool(nodes) and all(inputs_of(node).shape[0] is not None for node in nodes)


def with_steps(layer: Any, inputs: Any, inputs_of: Callable[[Any], Any]) -> Any:
    """Return the inputs of a layer with the number of steps that its symbolic input has, if they do not tell it.

    Args:
        layer: the layer.
        inputs: what it is called on.
        inputs_of: the input of one of its nodes.
    """
    if not isinstance(inputs, tf.Tensor) or inputs.shape.rank is None or inputs.shape[1] is not None:
        return inputs
    found = {inputs_of(node).shape[1] for node in layer._inbound_nodes}
    return tf.ensure_shape(inputs, [None, *found, *inputs.shape[2:]]) if len(found) == 1 else inputs


def merged(tensor: Any) -> Any:
    """Return a tensor (batch, time, ...) as (batch * time, ...)."""
    return tf.reshape(tensor, [-1, *sizes(tensor, 2)])


def parted(tensor: Any, inputs: Any) -> Any:
    """Return a tensor (batch * time, ...) as (batch, time, ...), with the steps of the inputs."""
    result = tf.reshape(tensor, [-1, *sizes(inputs, 1)[:1], *sizes(tensor, 1)])
    result.set_shape([inputs.shape[0], inputs.shape[1], *tensor.shape[1:]])
    return result


def sizes(tensor: Any, start: int) -> list[Any]:
    """Return the sizes of a tensor's axes from one on, numbers where they are known."""
    dynamic = tf.shape(tensor)
    return [dynamic[axis] if size is None else size for axis, size in enumerate(tensor.shape) if axis >= start]


def flat_mask(mask: Any) -> Any:
    """Return a mask without the axes behind (batch, time): a step counts where any of it does."""
    return mask if mask is None or mask.shape.rank == 2 else tf.reduce_any(mask, axis=list(range(2, mask.shape.rank)))
