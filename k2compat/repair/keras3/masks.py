"""Repairs of Keras 3's masks: which layers get them, and what goes on to the next layer."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from k2compat.repair.keras3.layer_order import ordering
from k2compat.repair.shared.masks import without_mask
from k2compat.repair.table import Elsewhere, Repair

Merge: Any = keras.src.layers.merging.base_merge.Merge
SET_MASKS = "_set_mask_metadata"
OF_TWO = "_apply_merge_op_and_or_mask"


class _Called(threading.local):
    """The layer that was called last in this thread, and the masks its first argument came with."""

    layer: Any = None
    masks: Any = None


_called = _Called()


def repairs() -> list[Repair]:
    """Repairs of masks."""
    layer = keras.Layer
    return [
        Repair(
            "merged_masks",
            "Add, Multiply, Concatenate and so on keep the steps that none of the masks takes out, and pass over "
            "inputs without one; in Keras 3 one mask that lets a step through is enough, and a missing one ends all. "
            "Multiply, Maximum and Minimum take the values at all steps.",
            [
                (Merge, "compute_mask", merging(Merge.compute_mask)),
                (keras.layers.Concatenate, "compute_mask", joining(keras.layers.Concatenate.compute_mask)),
                (keras.layers.Multiply, "_merge_function", product),
                *([(Merge, OF_TWO, of_all)] if hasattr(Merge, OF_TWO) else []),
            ],
            elsewhere=Elsewhere(
                lambda layer, _: isinstance(layer, Merge) and is_masked(layer),
                "a step counts that one of the masks lets through, and none is masked if an input has no mask.",
                "Give the merged tensor its mask in a subclass of the layer, with compute_mask.",
            ),
        ),
        Repair(
            "layer_masks",
            "A mask is passed on by compute_mask alone: a layer that hands its input through may end the mask, and a "
            "mask given by hand ends with its layer. A layer called on a list without masks has mask=None, a recurrent "
            "one with initial states still gets the mask of its input, and Softmax takes none. Masks do not count for "
            "the order of a model's layers.",
            [
                (keras.src.ops.function, "map_graph", ordering(keras.src.ops.function.map_graph)),
                (keras.Operation, "__call__", masking(keras.Operation.__call__)),
                (layer, SET_MASKS, passing_on(getattr(layer, SET_MASKS))),
                (
                    keras.layers.Softmax,
                    "__call__",
                    without_mask(calling),
                ),
            ],
        ),
    ]


def calling(layer: Any, *args: Any, **kwargs: Any) -> Any:
    """``Layer.__call__`` as it is by then, with the repairs of it."""
    return keras.Layer.__call__(layer, *args, **kwargs)


def mask_of(tensors: Any) -> Any:
    """Return the masks of tensors, in their structure; None if there is none."""
    found = keras.tree.map_structure(lambda tensor: getattr(tensor, "_keras_mask", None), tensors)
    return found if any(mask is not None for mask in keras.tree.flatten(found)) else None


def is_masked(layer: Any) -> bool:
    """Return whether a layer has been called on something with a mask."""
    return any(mask_of(node.input_tensors) is not None for node in layer._inbound_nodes)


def all_of(masks: list[Any]) -> Any:
    """Return what all masks let through."""
    return functools.reduce(keras.ops.logical_and, masks) if len(masks) > 1 else keras.ops.cast(masks[0], "bool")


def fits(inputs: Any, mask: Any) -> bool:
    """Return whether there is a mask, or None, for each input; Keras says it if not."""
    return isinstance(inputs, (list, tuple)) and isinstance(mask, (list, tuple)) and len(mask) == len(inputs)


def merging(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Merge.compute_mask`` of Keras 2."""

    @functools.wraps(original)
    def compute_mask(self: Any, inputs: Any, mask: Any = None) -> Any:
        if not fits(inputs, mask):
            return original(self, inputs, mask)
        given = [one for one in mask if one is not None]
        return all_of(given) if given else None

    return compute_mask


def product(layer: Any, inputs: list[Any]) -> Any:
    """``Multiply`` without a look at masks; Keras 3 puts ones in place of masked values."""
    return of_all(layer, keras.ops.multiply, inputs)


def of_all(layer: Any, operation: Callable[[Any, Any], Any], inputs: list[Any]) -> Any:
    """``Maximum`` and ``Minimum`` without a look at masks; Keras 3 leaves out masked values."""
    return functools.reduce(operation, inputs)


def joining(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Concatenate.compute_mask`` of Keras 2."""

    @functools.wraps(original)
    def compute_mask(self: Any, inputs: Any, mask: Any = None) -> Any:
        if not fits(inputs, mask):
            return original(self, inputs, mask)
        if all(one is None for one in mask):
            return None
        rank = len(inputs[0].shape)
        given = [one for one in mask if one is not None]
        if self.axis in (-1, rank - 1) and all(len(one.shape) == rank - 1 for one in given):
            return all_of(given)  # which leaves the order of the layers alone: it does not depend on the inputs
        some_missing = len(given) < len(mask)
        masks = [shaped(tensor, one, some_missing) for tensor, one in zip(inputs, mask, strict=True)]
        return keras.ops.all(keras.ops.concatenate(masks, axis=self.axis), axis=-1)

    return compute_mask


def shaped(tensor: Any, mask: Any, whole: bool) -> Any:
    """Return a mask with as many axes as its tensor; of ones if it is missing.

    Args:
        whole: whether all its sizes have to be the tensor's.
    """
    if mask is None:
        return keras.ops.ones_like(tensor, dtype="bool")
    missing = len(tensor.shape) - len(mask.shape)
    mask = keras.ops.cast(mask, "bool")
    if missing < 1:
        return mask
    mask = keras.ops.expand_dims(mask, axis=-1)
    return keras.ops.logical_and(mask, keras.ops.ones_like(tensor, dtype="bool")) if whole and missing == 1 else mask


def masking(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Operation.__call__`` that gives layers the masks Keras 2 gave them, and takes off those that they did not
    compute.
    """

    @functools.wraps(original)
    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(self, keras.Layer) or isinstance(self, keras.Model):
            return original(self, *args, **kwargs)
        first = args[0] if args else kwargs.get(next(iter(self._call_signature.parameters), ""))
        masks = mask_of(first)
        if self._call_has_mask_arg:
            kwargs = with_mask(self, args, kwargs, masks)
        outputs = original(self, *args, **kwargs)
        if not isinstance(self, keras.layers.TimeDistributed):
            outputs = unmasked(outputs, keras.tree.flatten((args, kwargs)))
        _called.layer, _called.masks = self, masks
        return outputs

    return __call__


def with_mask(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any], masks: Any) -> dict[str, Any]:
    """Return the arguments by name with the mask that a layer gets.

    Args:
        masks: those of the layer's first argument.
    """
    given = kwargs.get("mask")
    if given is None:
        position = list(layer._call_signature.parameters).index("mask")
        return {**kwargs, "mask": masks} if masks is not None and len(args) <= position else kwargs
    if isinstance(given, (list, tuple)) and all(mask is None for mask in given):
        return {**kwargs, "mask": masks}
    return kwargs


def unmasked(outputs: Any, inputs: list[Any]) -> Any:
    """Return what a layer made, as new tensors where they are its inputs or have a mask from a layer inside."""
    known = {id(tensor) for tensor in inputs if tf.is_tensor(tensor)}

    def new(tensor: Any) -> Any:
        if isinstance(tensor, tf.Tensor) and (id(tensor) in known or hasattr(tensor, "_keras_mask")):
            return tf.identity(tensor)
        return tensor

    return keras.tree.map_structure(new, outputs)


def passing_on(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_set_mask_metadata`` that goes by the masks of the inputs, not by one that was given by hand."""

    @functools.wraps(original)
    def _set_mask_metadata(self: Any, inputs: Any, outputs: Any, previous_mask: Any) -> None:
        if _called.layer is self:
            previous_mask, _called.layer, _called.masks = _called.masks, None, None
        original(self, inputs, outputs, previous_mask)

    return _set_mask_metadata
