"""Elementwise functions, comparisons, reductions and products."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.errors import K2ValueError, three_parts
from k2compat.ops.config import floatx
from k2compat.ops.registry import NAMES, recorded


def as_float(x: Any) -> Any:
    """Booleans as the default float type, other tensors as they are."""
    x = x if tf.is_tensor(x) else tf.convert_to_tensor(x)
    return tf.cast(x, floatx()) if x.dtype == tf.bool else x


def axes_of(axis: Any) -> Any:
    """Axes as Python integers; NumPy arrays of them come from ``np.arange(1, len(x.shape))``."""
    return axis.tolist() if isinstance(axis, (np.ndarray, np.integer)) else axis


@recorded
def cast(x: Any, dtype: Any) -> Any:
    """A tensor of another dtype."""
    return tf.cast(x, dtype)


@recorded
def abs(x: Any) -> Any:
    """Absolute value."""
    return tf.abs(x)


@recorded
def square(x: Any) -> Any:
    """Square."""
    return tf.square(x)


@recorded
def sqrt(x: Any) -> Any:
    """Square root; of negative numbers 0, as in Keras 2."""
    return tf.sqrt(tf.maximum(x, tf.zeros([], x.dtype)))


@recorded
def exp(x: Any) -> Any:
    """Exponential."""
    return tf.exp(x)


@recorded
def log(x: Any) -> Any:
    """Natural logarithm."""
    return tf.math.log(x)


@recorded
def round(x: Any) -> Any:
    """To the nearest integer, halves to the even one."""
    return tf.round(x)


@recorded
def sign(x: Any) -> Any:
    """Sign."""
    return tf.sign(x)


@recorded
def pow(x: Any, a: Any) -> Any:
    """Power."""
    return tf.pow(x, a)


@recorded
def sin(x: Any) -> Any:
    """Sine."""
    return tf.sin(x)


@recorded
def cos(x: Any) -> Any:
    """Cosine."""
    return tf.cos(x)


@recorded
def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """Values limited to an interval; a maximum below the minimum counts as the minimum, None as no limit."""
    if isinstance(min_value, (int, float)) and isinstance(max_value, (int, float)) and max_value < min_value:
        max_value = min_value
    low, high = -np.inf if min_value is None else min_value, np.inf if max_value is None else max_value
    return tf.clip_by_value(x, tf.convert_to_tensor(low, x.dtype), tf.convert_to_tensor(high, x.dtype))


@recorded
def maximum(x: Any, y: Any) -> Any:
    """Elementwise maximum of two tensors."""
    return tf.maximum(x, y)


@recorded
def minimum(x: Any, y: Any) -> Any:
    """Elementwise minimum of two tensors."""
    return tf.minimum(x, y)


@recorded
def equal(x: Any, y: Any) -> Any:
    """Elementwise equality, as booleans."""
    return tf.equal(x, y)


@recorded
def not_equal(x: Any, y: Any) -> Any:
    """Elementwise inequality, as booleans."""
    return tf.not_equal(x, y)


@recorded
def greater(x: Any, y: Any) -> Any:
    """Elementwise ``x > y``, as booleans."""
    return tf.greater(x, y)


@recorded
def greater_equal(x: Any, y: Any) -> Any:
    """Elementwise ``x >= y``, as booleans."""
    return tf.greater_equal(x, y)


@recorded
def less(x: Any, y: Any) -> Any:
    """Elementwise ``x < y``, as booleans."""
    return tf.less(x, y)


@recorded
def less_equal(x: Any, y: Any) -> Any:
    """Elementwise ``x <= y``, as booleans."""
    return tf.less_equal(x, y)


@recorded
def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Maximum over axes."""
    return tf.reduce_max(x, axes_of(axis), keepdims)


@recorded
def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Minimum over axes."""
    return tf.reduce_min(x, axes_of(axis), keepdims)


@recorded
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Sum over axes."""
    return tf.reduce_sum(x, axes_of(axis), keepdims)


@recorded
def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Product over axes."""
    return tf.reduce_prod(x, axes_of(axis), keepdims)


@recorded
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Mean over axes; of booleans in the default float type."""
    return tf.reduce_mean(as_float(x), axes_of(axis), keepdims)


@recorded
def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Variance over axes, of the whole population."""
    x, axis = as_float(x), axes_of(axis)
    return tf.reduce_mean(tf.square(x - tf.reduce_mean(x, axis, True)), axis, keepdims)


@recorded
def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Standard deviation over axes, of the whole population."""
    return tf.sqrt(NAMES["var"](x, axis, keepdims))


@recorded
def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether any element is true, over axes."""
    return tf.reduce_any(tf.cast(x, tf.bool), axes_of(axis), keepdims)


@recorded
def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all elements are true, over axes."""
    return tf.reduce_all(tf.cast(x, tf.bool), axes_of(axis), keepdims)


@recorded
def argmax(x: Any, axis: int = -1) -> Any:
    """Position of the maximum along an axis, int64."""
    return tf.argmax(x, axis)


@recorded
def argmin(x: Any, axis: int = -1) -> Any:
    """Position of the minimum along an axis, int64."""
    return tf.argmin(x, axis)


@recorded
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """``log(sum(exp(x)))`` over axes, without overflow."""
    return tf.reduce_logsumexp(x, axes_of(axis), keepdims)


@recorded
def cumsum(x: Any, axis: int = 0) -> Any:
    """Running sum along an axis."""
    return tf.cumsum(x, axis)


@recorded
def cumprod(x: Any, axis: int = 0) -> Any:
    """Running product along an axis."""
    return tf.math.cumprod(x, axis)


@recorded
def dot(x: Any, y: Any) -> Any:
    """Product of two tensors: over the last axis of ``x`` and the second to last of ``y``, other axes of both kept.

    Shapes: (..., i) and (..., i, j) give (..., ..., j); sparse ``x`` of two axes works.
    """
    if isinstance(x, tf.SparseTensor):
        return tf.sparse.sparse_dense_matmul(x, y)
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    ranks = x.shape.rank, y.shape.rank
    if None in ranks or ranks == (2, 2):
        return tf.matmul(x, y)
    return tf.tensordot(x, y, axes=[[ranks[0] - 1], [0 if ranks[1] == 1 else ranks[1] - 2]])


@recorded
def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Products of two batches, row by row: (batch, ..., n, ...) and (batch, ..., n, ...), contracted over the axes of
    size n.

    Args:
        x, y: at least two axes.
        axes: axis of ``x`` and axis of ``y``, or one number for both; by default the last of ``x`` and the second to
            last of ``y`` (the last of a ``y`` of two axes).

    Returns:
        (batch, other axes of x, other axes of y); (batch, 1) if there are none.

    Raises:
        ValueError: fewer than two axes, the batch axis among ``axes``, or sizes that differ.
    """
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    over_x, over_y = contracted_axes(x, y, axes)
    if over_x == 0 or over_y == 0 or not x.shape[over_x : over_x + 1].is_compatible_with(y.shape[over_y : over_y + 1]):
        raise K2ValueError(
            three_parts(
                f"K.batch_dot of shapes {x.shape} and {y.shape} with axes={axes!r}",
                "axes of the same size, not the first ones, which are the batch.",
                "name the two axes: axes=[2, 1] for the third of x and the second of y.",
            )
        )
    letters = iter("bcdefghijklmopqrstuvwxyz")
    of_x, of_y = (
        ["a", *("n" if axis == over else next(letters) for axis in range(1, tensor.shape.rank))]
        for tensor, over in ((x, over_x), (y, over_y))
    )
    left = [letter for letter in (*of_x, *of_y[1:]) if letter != "n"]
    product = tf.einsum(f"{''.join(of_x)},{''.join(of_y)}->{''.join(left)}", x, y)
    return tf.expand_dims(product, 1) if len(left) == 1 else product


def contracted_axes(x: Any, y: Any, axes: Any) -> tuple[int, int]:
    """Return the axes of ``batch_dot``, counted from 0."""
    if x.shape.rank < 2 or y.shape.rank < 2:
        raise K2ValueError(
            three_parts(
                f"K.batch_dot of shapes {x.shape} and {y.shape}",
                "at least two axes each.",
                "use K.dot, or K.expand_dims.",
            )
        )
    if axes is None:
        return x.shape.rank - 1, y.shape.rank - (1 if y.shape.rank == 2 else 2)
    over_x, over_y = (axes, axes) if isinstance(axes, int) else axes
    if not isinstance(over_x, int) or not isinstance(over_y, int):
        raise K2ValueError(
            three_parts(
                f"K.batch_dot with axes={axes!r}",
                "one axis of each tensor.",
                "use tf.einsum for products over several.",
            )
        )
    return over_x % x.shape.rank, over_y % y.shape.rank


@recorded
def l2_normalize(x: Any, axis: Any = None) -> Any:
    """A tensor divided by its Euclidean norm over axes."""
    return tf.nn.l2_normalize(x, axes_of(axis))


@recorded
def gather(reference: Any, indices: Any) -> Any:
    """Rows of ``reference`` by index."""
    return tf.gather(reference, indices)


@recorded
def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Whether each target is among the ``k`` largest predictions of its row."""
    return tf.math.in_top_k(targets, predictions, k)
