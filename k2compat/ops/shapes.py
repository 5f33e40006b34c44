"""Functions that change the shape or the order of a tensor's elements, or put tensors together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.errors import K2ValueError, three_parts
from k2compat.graph.dispatch import apply
from k2compat.ops.config import normalize_data_format
from k2compat.ops.registry import plain, recorded

# TensorFlow 1's resizing maps corners, not pixel centres.
RESIZE = {"nearest": tf.compat.v1.image.resize_nearest_neighbor, "bilinear": tf.compat.v1.image.resize_bilinear}


@recorded
def shape(x: Any) -> Any:
    """The shape as a symbolic int32 tensor."""
    return tf.shape(x)


@recorded
def size(x: Any, name: str | None = None) -> Any:
    """The number of elements."""
    return tf.size(x)


@recorded
def transpose(x: Any) -> Any:
    """Axes in reverse order."""
    return tf.transpose(x)


@recorded
def permute_dimensions(x: Any, pattern: Any) -> Any:
    """Axes in another order."""
    return tf.transpose(x, pattern)


@recorded
def reshape(x: Any, shape: Any) -> Any:
    """Another shape; one size may be -1."""
    return tf.reshape(x, shape)


@recorded
def flatten(x: Any) -> Any:
    """All elements in one axis."""
    return tf.reshape(x, [-1])


@recorded
def batch_flatten(x: Any) -> Any:
    """All axes but the first in one: (batch, ...) gives (batch, n)."""
    sizes = x.shape[1:]
    count = int(np.prod(sizes.as_list())) if sizes.is_fully_defined() else tf.reduce_prod(tf.shape(x)[1:])
    return tf.reshape(x, tf.stack([-1, count]))


@recorded
def expand_dims(x: Any, axis: int = -1) -> Any:
    """A new axis of size 1."""
    return tf.expand_dims(x, axis)


@recorded
def squeeze(x: Any, axis: int) -> Any:
    """Without an axis of size 1."""
    return tf.squeeze(x, [axis])


@recorded
def concatenate(tensors: Sequence[Any], axis: int = -1) -> Any:
    """Tensors joined along an axis; sparse ones alone stay sparse."""
    if all(isinstance(item, tf.SparseTensor) for item in tensors):
        return tf.sparse.concat(axis, tensors)
    tensors = [
        tf.sparse.to_dense(item) if isinstance(item, tf.SparseTensor) else tf.convert_to_tensor(item)
        for item in tensors
    ]
    return tf.concat(tensors, axis)


@recorded
def stack(x: Sequence[Any], axis: int = 0) -> Any:
    """Tensors of one shape joined along a new axis."""
    return tf.stack(x, axis)


@recorded
def repeat(x: Any, n: int) -> Any:
    """A (batch, dim) tensor repeated to (batch, n, dim)."""
    return tf.tile(tf.expand_dims(x, 1), tf.stack([1, n, 1]))


@recorded
def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Each element ``rep`` times along an axis."""
    return tf.repeat(x, rep, axis)


@recorded
def tile(x: Any, n: Any) -> Any:
    """A tensor repeated ``n`` times along each axis; fewer numbers than axes, or one, count for the last ones."""
    if tf.is_tensor(n):
        return tf.tile(x, n)
    counts = [n] if isinstance(n, int) else list(n)
    return tf.tile(x, [1] * (x.shape.rank - len(counts)) + counts)


@recorded
def reverse(x: Any, axes: Any) -> Any:
    """Elements in reverse order along axes."""
    return tf.reverse(x, [axes] if isinstance(axes, int) else axes)


@recorded
def slice(x: Any, start: Any, size: Any) -> Any:
    """A block of a tensor: where it starts and how large it is, for each axis."""
    return tf.slice(x, start, size)


@plain
def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = "int32") -> Any:
    """Numbers from ``start`` (or 0) up to ``stop``, like NumPy's; none for a single negative number.

    Differs from Keras 2: the dtype may be given as a ``tf.DType``, too. As there, the default dtype leaves a range of
    floats as it is.
    """
    return apply(number_range, (start, stop, step, dtype), {})


def number_range(start: Any, stop: Any, step: Any, dtype: Any) -> Any:
    numbers = tf.range(tf.maximum(start, 0), delta=step) if stop is None else tf.range(start, stop, step)
    return numbers if dtype == "int32" else tf.cast(numbers, dtype)


@recorded
def one_hot(indices: Any, num_classes: int) -> Any:
    """Integers as rows with a single one, float32."""
    return tf.one_hot(indices, num_classes)


@recorded
def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    """Zeros before and behind the middle axis of a (batch, steps, dim) tensor."""
    return tf.pad(x, [[0, 0], list(padding), [0, 0]])


@recorded
def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: str | None = None) -> Any:
    """Zeros around height and width of pictures."""
    return tf.pad(x, around(padding, data_format))


@recorded
def spatial_3d_padding(x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None) -> Any:
    """Zeros around depth, height and width of volumes."""
    return tf.pad(x, around(padding, data_format))


def around(padding: Any, data_format: str | None) -> list[list[int]]:
    """Paddings for all axes from those of the spatial ones."""
    spatial = [list(pair) for pair in padding]
    none = [0, 0]
    return [none, *spatial, none] if normalize_data_format(data_format) == "channels_last" else [none, none, *spatial]


@recorded
def resize_images(
    x: Any, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest"
) -> Any:
    """Pictures enlarged by whole factors, ``"nearest"`` or ``"bilinear"`` (which gives float32).

    Raises:
        ValueError: another interpolation.
    """
    if interpolation not in RESIZE:
        raise K2ValueError(
            three_parts(f"interpolation={interpolation!r}", "'nearest' or 'bilinear'.", "give one of them.")
        )
    first = normalize_data_format(str(data_format)) == "channels_first"
    x = tf.transpose(x, [0, 2, 3, 1]) if first else x
    sizes = tf.shape(x)[1:3] * tf.constant([height_factor, width_factor])
    known = [None if n is None else n * f for n, f in zip(x.shape[1:3], (height_factor, width_factor), strict=True)]
    x = RESIZE[interpolation](x, sizes)
    x.set_shape([x.shape[0], *known, x.shape[3]])
    return tf.transpose(x, [0, 3, 1, 2]) if first else x


@recorded
def resize_volumes(x: Any, depth_factor: int, height_factor: int, width_factor: int, data_format: str) -> Any:
    """Volumes enlarged by whole factors: each element is repeated.

    Raises:
        ValueError: neither ``"channels_last"`` nor ``"channels_first"``.
    """
    before = 2 if normalize_data_format(str(data_format)) == "channels_first" else 1
    for axis, factor in enumerate((depth_factor, height_factor, width_factor), before):
        x = tf.repeat(x, factor, axis)
    return x


@recorded
def to_dense(tensor: Any) -> Any:
    """A sparse tensor as a dense one; a dense one unchanged."""
    return tf.sparse.to_dense(tensor) if isinstance(tensor, tf.SparseTensor) else tf.identity(tensor)
