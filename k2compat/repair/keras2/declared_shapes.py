"""The repair of the static shapes that layers of a program's own declare."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.internals import KerasTensor, Layer, keras
from k2compat.naming.callers import LIBRARIES
from k2compat.repair.table import Around, Repair, definer


def repairs() -> list[Repair]:
    """Return the repair."""
    return [
        Repair(
            "declared_shapes",
            "Where what a layer of a script's own computes has no static size, its compute_output_shape gave it: "
            "K.int_shape and the layers behind know the number of regions that are cut out of an image; TensorFlow 2 "
            "does not ask it.",
            [(Layer, "_infer_output_signature", Around(declaring))],
        )
    ]


def declaring(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_infer_output_signature`` that takes sizes it does not know from ``compute_output_shape``."""

    @functools.wraps(original)
    def _infer_output_signature(self: Any, inputs: Any, args: Any, kwargs: Any, input_masks: Any) -> Any:
        outputs = original(self, inputs, args, kwargs, input_masks)
        package = definer(type(self), "compute_output_shape").__module__.partition(".")[0]
        if package in LIBRARIES or isinstance(self, keras.Model):
            return outputs
        made = tf.nest.flatten(outputs)
        given = declared(self, inputs)
        if len(given) != len(made) or not all(type(tensor) is KerasTensor for tensor in made):
            return outputs
        return tf.nest.pack_sequence_as(outputs, list(map(with_sizes, made, given)))

    return _infer_output_signature


def declared(layer: Any, inputs: Any) -> list[Any]:
    """Return the shapes that a layer declares for its outputs; none if it fails to."""
    with contextlib.suppress(Exception):
        found = layer.compute_output_shape(tf.nest.map_structure(lambda one: tuple(one.shape.as_list()), inputs))
        is_one = isinstance(found, tf.TensorShape) or all(size is None or isinstance(size, int) for size in found)
        return [tuple(tf.TensorShape(shape).as_list()) for shape in ([found] if is_one else found)]
    return []


def with_sizes(tensor: Any, given: Sequence[int | None]) -> Any:
    """Return a symbolic tensor with the declared sizes, if these say more than what was inferred."""
    if tensor.shape.rank != len(given):
        return tensor
    sizes = [own if own is not None else size for own, size in zip(tensor.shape.as_list(), given, strict=True)]
    if sizes[1:] == tensor.shape.as_list()[1:]:
        return tensor
    result = KerasTensor(tf.TensorSpec([given[0], *sizes[1:]], tensor.dtype), name=tensor.name)
    if hasattr(tensor, "_keras_mask"):
        result._keras_mask = tensor._keras_mask
    return result
