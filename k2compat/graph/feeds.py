"""Turns what a user feeds into tensors, and says what is wrong with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.errors import FeedError, FeedTypeError, three_parts
from k2compat.graph.evaluate import placeholder_name
from k2compat.graph.symbols import spec_of


def feed(symbol: Any, value: Any) -> Any:
    """The tensor that a fed value becomes.

    Args:
        symbol: the symbolic tensor it is fed for.
        value: array, nested list, number or tensor; cast to the symbol's dtype. Sparse matrices for sparse placeholders.

    Returns:
        A tensor of the symbol's dtype.

    Raises:
        FeedError: the shape does not fit (a ``ValueError`` and an ``InvalidArgumentError``).
        FeedTypeError: the value cannot become an array of that dtype (a ``TypeError`` too).
    """
    spec = spec_of(symbol)
    if isinstance(spec, tf.SparseTensorSpec):
        return sparse(value, spec.dtype)
    if tf.is_tensor(value):
        tensor = tf.convert_to_tensor(value)
        if tensor.dtype != spec.dtype:
            tensor = tf.cast(tensor, spec.dtype)
    else:
        tensor = tf.constant(as_array(symbol, spec, value))
    if not spec.shape.is_compatible_with(tensor.shape):
        raise FeedError(
            three_parts(
                f"a value of shape {tuple(tensor.shape)} for the input '{placeholder_name(symbol)}'",
                f"shape {tuple(spec.shape.as_list())}, where None is any size.",
                "check the batch axis (np.expand_dims adds one), the picture size and the channel order.",
            )
        )
    return tensor


def as_array(symbol: Any, spec: tf.TensorSpec, value: Any) -> np.ndarray:
    """A value as array of a dtype."""
    dtype = spec.dtype.as_numpy_dtype
    try:
        array = np.asarray(value)
        if array.dtype == object and spec.dtype != tf.string:
            raise TypeError("an array of Python objects, often rows of unequal length")
        if array.dtype.kind in "SU" and spec.dtype != tf.string:
            raise TypeError("text")
        return array if spec.dtype == tf.string else array.astype(dtype, copy=False)
    except (TypeError, ValueError) as error:
        raise FeedTypeError(
            three_parts(
                f"a value of type {type(value).__name__} for the input '{placeholder_name(symbol)}': {error}",
                f"numbers of dtype {spec.dtype.name}, or what NumPy makes an array of them from.",
                "make it an array first: np.asarray(value, dtype='float32'); rows must be of equal length.",
            )
        ) from None


def sparse(value: Any, dtype: tf.DType) -> tf.SparseTensor:
    """A sparse tensor from a TensorFlow or SciPy one, or from the triple (indices, values, shape)."""
    if isinstance(value, tf.SparseTensor):
        return tf.cast(value, dtype)
    if hasattr(value, "tocoo"):
        matrix = value.tocoo()
        value = (np.stack([matrix.row, matrix.col], axis=1), matrix.data, matrix.shape)
    if isinstance(value, tuple) and len(value) == 3:
        indices, values, shape = value
        return tf.cast(tf.SparseTensor(np.asarray(indices, "int64"), np.asarray(values), np.asarray(shape, "int64")), dtype)
    return tf.sparse.from_dense(tf.cast(value, dtype))


def read(tensor: Any) -> Any:
    """A fetched tensor as the user gets it: an array of its own, a NumPy scalar, or a sparse triple."""
    if isinstance(tensor, tf.SparseTensor):
        return tf.compat.v1.SparseTensorValue(tensor.indices.numpy(), tensor.values.numpy(), tensor.dense_shape.numpy())
    return tensor.numpy() if hasattr(tensor, "numpy") else tensor
