"""Turns what a user feeds into tensors, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.errors import FeedError, FeedTypeError, K2RuntimeError, three_parts
from k2compat.graph.evaluation import evaluate, placeholder_name
from k2compat.graph.symbols import is_feedable, is_symbol, is_variable, spec_of
from k2compat.runtime.direct_call import tensor_from

NESTS = (list, tuple, dict)


class Feed:
    """Turns the values fed for a symbolic tensor into tensors of its dtype.

    Attributes:
        symbol: the symbolic tensor.
        sparse: whether it is one.

    Args:
        symbol: the symbolic tensor.
        spec: shape and dtype of the values, where they are not those of the symbolic tensor: of one row of it.
    """

    def __init__(self, symbol: Any, spec: tf.TypeSpec | None = None):
        self.symbol = symbol
        self._spec = spec or spec_of(symbol)
        self.sparse = isinstance(self._spec, tf.SparseTensorSpec)
        self._sizes = None if self._spec.shape.rank is None else self._spec.shape.as_list()
        kind = self._spec.dtype.as_numpy_dtype
        self._dtype = None if self.sparse or kind is object else np.dtype(kind)

    def __call__(self, value: Any) -> Any:
        """Return the tensor that a fed value becomes.

        Args:
            value: array, nested list, number or tensor; cast to the symbol's dtype. Sparse matrices for sparse
                placeholders.

        Raises:
            FeedError: the shape does not fit (a ``ValueError`` and an ``InvalidArgumentError``).
            FeedTypeError: the value cannot become an array of that dtype (a ``TypeError`` too).
        """
        if type(value) is np.ndarray and value.dtype is self._dtype and self._fits(value.shape):
            return tensor_from(value)  # the way of most feeds, in a tenth of the time
        return self._any(value)

    def array(self, value: Any) -> Any:
        """Return the same value as an array of its own; sparse ones stay tensors.

        Raises:
            FeedError, FeedTypeError: as for a tensor.
        """
        if type(value) is np.ndarray and value.dtype is self._dtype and self._fits(value.shape):
            return value.copy()
        return read_dense(self._any(value))

    def has_row(self, array: Any) -> bool:
        """Return whether an array lacks one axis."""
        return self._sizes is not None and len(array.shape) == len(self._sizes) - 1

    def _fits(self, shape: tuple[int, ...]) -> bool:
        sizes = self._sizes
        if sizes is None or len(sizes) != len(shape):
            return sizes is None
        return all(size is None or size == given for size, given in zip(sizes, shape, strict=True))

    def _any(self, value: Any) -> Any:
        symbol, spec = self.symbol, self._spec
        try:
            tensor = sparse(value, spec.dtype) if self.sparse else dense(value, spec.dtype)
        except (TypeError, ValueError, tf.errors.OpError) as error:
            raise FeedTypeError(
                three_parts(
                    f"a value of type {type(value).__name__} for the input '{placeholder_name(symbol)}': {error}",
                    f"{spec.dtype.name} values, or what NumPy makes an array of them from.",
                    f"make it an array first: np.asarray(value, dtype={numpy_name(spec.dtype)!r}); rows of equal "
                    "length.",
                )
            ) from None
        if not spec.shape.is_compatible_with(tensor.shape):
            raise FeedError(
                three_parts(
                    f"a value of shape {tuple(tensor.shape)} for the input '{placeholder_name(symbol)}'",
                    f"shape {tuple(spec.shape.as_list())}, where None is any size.",
                    "check the batch axis (np.expand_dims adds one), the picture size and the channel order.",
                )
            )
        return tensor


def opened(values: list[Any], feeds: Sequence[Feed]) -> list[Any]:
    """Return values without the lists that arrays stand in, as Keras 2 flattened all that it was fed.

    So a function of a model's inputs, targets and sample weights takes ``model._standardize_user_data(x, y)``. Numbers
    in lists stay the value of one input, and so do the rows of a batch: arrays with an axis less than their inputs, as
    before Keras 2.3, or more of them than inputs.

    Args:
        values: what was fed, some of it lists, tuples or dicts.
        feeds: of the inputs.
    """
    leaves = tf.nest.flatten(values)
    nested = [leaf for value in values if isinstance(value, NESTS) for leaf in tf.nest.flatten(value)]
    if not nested or not all(leaf is None or is_array(leaf) for leaf in nested) or any(feed.sparse for feed in feeds):
        return values
    if any(feed.has_row(leaf) for feed, leaf in zip(feeds, leaves, strict=False) if leaf is not None):
        return values
    return values if len(values) <= len(feeds) < len(leaves) else leaves


def is_array(value: Any) -> bool:
    return len(getattr(value, "shape", ())) > 0


def dense(value: Any, dtype: tf.DType) -> tf.Tensor:
    """Return a tensor from a tensor, a variable or anything NumPy makes an array of.

    Raises:
        TypeError, ValueError: it cannot be one of that dtype.
    """
    if is_symbol(value) or is_variable(value):
        if is_feedable(value):
            raise TypeError("a symbolic tensor, which has no value yet")
        value = evaluate([value], {}, 0)[0]
    if tf.is_tensor(value):
        tensor = tf.convert_to_tensor(value)
        check_kind("S" if tensor.dtype == tf.string else np.dtype(tensor.dtype.as_numpy_dtype).kind, dtype)
        return tensor if tensor.dtype == dtype else tf.cast(tensor, dtype)
    array = np.asarray(value)
    if array.dtype == object and any(item is None for item in array.flat):
        raise TypeError("None in an array of Python objects")
    check_kind(array.dtype.kind, dtype)
    return tf.constant(array if dtype == tf.string else array.astype(dtype.as_numpy_dtype, copy=False))


def numpy_name(dtype: tf.DType) -> str:
    return "str" if dtype == tf.string else dtype.name


def check_kind(kind: str, dtype: tf.DType) -> None:
    """Refuse text for numbers, numbers for text, and complex numbers for real ones, by NumPy's letter of a kind."""
    if kind != "O" and (kind in "SU") != (dtype == tf.string):
        raise TypeError("text" if kind in "SU" else "numbers")
    if kind == "c" and not dtype.is_complex:
        raise TypeError("complex numbers")


def sparse(value: Any, dtype: tf.DType) -> tf.SparseTensor:
    """Return a sparse tensor from a TensorFlow or SciPy one, or from the triple (indices, values, shape)."""
    if isinstance(value, tf.SparseTensor):
        return tf.cast(value, dtype)
    if hasattr(value, "tocoo"):
        matrix = value.tocoo()
        value = (np.stack([matrix.row, matrix.col], axis=1), matrix.data, matrix.shape)
    if isinstance(value, tuple) and len(value) == 3:
        indices, values, shape = value
        tensor = tf.SparseTensor(np.asarray(indices, "int64"), dense(values, dtype), np.asarray(shape, "int64"))
        return tf.sparse.reorder(tensor)  # a matrix by columns gives its entries by columns
    return tf.sparse.from_dense(dense(value, dtype))


def read_dense(tensor: Any) -> Any:
    return tensor if isinstance(tensor, tf.SparseTensor) else tensor.numpy()


def read(tensor: Any) -> Any:
    """Return a fetched tensor as the user gets it: an array of its own, a NumPy scalar, or a sparse triple.

    Inside a ``tf.function`` it stays a tensor.

    Raises:
        RuntimeError: graph mode, where nothing was computed.
    """
    if isinstance(tensor, tf.SparseTensor):
        return tf.compat.v1.SparseTensorValue(*map(read, (tensor.indices, tensor.values, tensor.dense_shape)))
    if hasattr(tensor, "numpy"):
        return tensor.numpy()
    if not tf.compat.v1.executing_eagerly_outside_functions():
        raise K2RuntimeError(
            three_parts(
                "a K.function, K.eval or K.get_value that was called in graph mode",
                "eager execution, which TensorFlow 2 begins with.",
                "take out tf.compat.v1.disable_eager_execution(), disable_v2_behavior() or the "
                "`with graph.as_default():` around the call.",
            )
        )
    return tensor
