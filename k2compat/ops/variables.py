"""Placeholders, variables and constants, and reading and writing their values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.registry import adapter
from k2compat.errors import K2ValueError, NoGradientError, three_parts
from k2compat.graph import context
from k2compat.graph.dispatch import apply, present
from k2compat.graph.none_gradients import absence_note
from k2compat.graph.own_graphs import outside
from k2compat.graph.symbols import Lazy, Variable, is_symbol, is_variable, spec_of, variable_of
from k2compat.graph.updates import Update, Waiting
from k2compat.ops import initial_values
from k2compat.ops.config import floatx
from k2compat.ops.once import made_once
from k2compat.ops.registry import NAMES, plain, recorded
from k2compat.runtime.direct_call import put, value_of
from k2compat.runtime.feeds import read, sparse
from k2compat.runtime.function import Function


@plain
@outside
def placeholder(
    shape: Any = None, ndim: int | None = None, dtype: Any = None, sparse: bool = False, name: str | None = None
) -> Any:
    """A symbolic tensor whose value is fed when a function runs.

    Args:
        shape: tuple of sizes, None for any size; None as a whole for unknown rank.
        ndim: number of axes, instead of a shape.
        dtype: ``K.floatx()`` by default; ``"string"`` works.
        sparse: whether sparse matrices are fed.
        name: for messages.

    Returns:
        A symbolic tensor that Keras layers take too (one of unknown rank only K and TensorFlow functions take).
    """
    if shape is None and ndim:
        shape = (None,) * ndim
    dtype = tf.as_dtype(dtype or floatx())
    kind = tf.SparseTensorSpec if sparse else tf.TensorSpec
    spec = kind(None if shape is None else tuple(shape), dtype)
    if shape is None:
        return Lazy(spec, feedable=True, name=name or "placeholder")
    tensor = adapter().placeholder(spec, clean(name) or f"placeholder_{adapter().get_uid('placeholder')}")
    setattr(tensor, attributes.PLACEHOLDER, True)
    return tensor


@plain
def is_placeholder(x: Any) -> bool:
    """Whether a tensor has to be fed: a placeholder or a model input."""
    if isinstance(x, Lazy):
        return x.feedable and x.call is None
    return is_symbol(x) and adapter().call_of(x) is None


@plain
def is_keras_tensor(x: Any) -> bool:
    """Whether a tensor was made by a Keras layer (``Input`` included); False for placeholders and results of K
    functions.

    Raises:
        ValueError: it is no tensor at all.
    """
    if not (is_symbol(x) or is_variable(x) or tf.is_tensor(x)):
        raise K2ValueError(
            three_parts(
                f"K.is_keras_tensor of {type(x).__name__}",
                "a symbolic tensor or variable.",
                "an array is neither; use isinstance for it.",
            )
        )
    return adapter().is_layer_output(x) and not hasattr(x, attributes.PLACEHOLDER)


@plain
@outside
@made_once
def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Any:
    """A variable: live in every expression it is used in.

    Args:
        value: array, nested list, number or tensor; the initial value. A SciPy matrix gives a sparse tensor of its own
            dtype, as in Keras 2.
        dtype: ``K.floatx()`` by default.
        name: for messages.
        constraint: kept as attribute, as in Keras 2.

    Raises:
        ValueError: the value is None.
    """
    if value is None:
        raise NoGradientError(
            three_parts(
                "K.variable(None)" + absence_note(value),
                "an initial value; None values are not supported.",
                "give an array or a number.",
            )
        )
    if hasattr(value, "tocoo"):
        return apply(sparse_matrix, (value,), {})
    dtype = tf.as_dtype(dtype or floatx())
    if isinstance(value, Lazy) or (not tf.is_tensor(value) and hasattr(value, "numpy")):
        value = get_value(value)
    value = tf.cast(value, dtype) if tf.is_tensor(value) else tf.constant(np.asarray(value, dtype.as_numpy_dtype))
    made = Variable(adapter().new_variable(value, dtype.name, clean(name)), name, constraint)
    initial_values.drop(made.holder)
    initial_values.note(made, value)
    return made


def sparse_matrix(matrix: Any) -> tf.SparseTensor:
    """Return a SciPy matrix as a constant sparse tensor."""
    return sparse(matrix, tf.as_dtype(matrix.dtype))


plain(is_variable)


@plain
@outside
def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """A constant.

    Args:
        value: number, array or nested list.
        dtype: ``K.floatx()`` by default.
        shape: to fill or reshape to.
        name: accepted, without effect.
    """
    dtype = tf.as_dtype(dtype or floatx())
    return apply(tf.constant, (np.asarray(value, dtype.as_numpy_dtype),), {"shape": shape})


@plain
@made_once
def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of zeros; for a shape that holds symbolic sizes a symbolic tensor, as in Keras 2."""
    return filled(tf.zeros, shape, dtype, name)


@plain
@made_once
def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of ones; for a shape that holds symbolic sizes a symbolic tensor, as in Keras 2."""
    return filled(tf.ones, shape, dtype, name)


def filled(make: Any, shape: Any, dtype: Any, name: str | None) -> Any:
    dtype = tf.as_dtype(dtype or floatx())
    sizes = shape if isinstance(shape, (list, tuple)) else [shape]
    if (
        context.evaluation() is not None
        or not tf.executing_eagerly()
        or any(is_symbol(size) or size is None for size in sizes)
    ):
        return apply(make, (shape, dtype), {})
    return variable(make(shape, dtype), dtype, name)


@plain
@made_once
def eye(size: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable with an identity matrix: ``size`` rows, or (rows, columns)."""
    return filled(identity_matrix, size, dtype, name)


def identity_matrix(size: Any, dtype: Any) -> Any:
    rows, columns = size if isinstance(size, (list, tuple)) else (size, size)
    return tf.eye(rows, columns, dtype=dtype)


@recorded
def zeros_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Zeros of a tensor's shape, of the default float type."""
    return tf.zeros_like(x, dtype or floatx())


@recorded
def ones_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Ones of a tensor's shape, of the default float type."""
    return tf.ones_like(x, dtype or floatx())


@recorded
def identity(x: Any, name: str | None = None) -> Any:
    """The same values."""
    return tf.identity(x)


@plain
@outside
def eval(x: Any) -> Any:
    """The value of an expression of variables and constants.

    Returns:
        A NumPy array or scalar; a dense one of a sparse tensor.

    Raises:
        UnfedPlaceholderError: it needs a placeholder's value; the message names it.
    """
    x = NAMES["to_dense"](x) if is_tensor(x) and is_sparse(x) else x
    if tf.is_tensor(x) and not (is_symbol(x) or is_variable(x)):
        return read(x)
    return Function([], x)()


@plain
@outside
def get_value(x: Any) -> Any:
    """The current value of a variable, as a NumPy array or scalar."""
    return read(value_of(variable_of(x))) if is_variable(x) else eval(x)


@plain
def batch_get_value(ops: Sequence[Any]) -> list[Any]:
    """The current values of several variables."""
    return [get_value(op) for op in ops]


@plain
@outside
def set_value(x: Any, value: Any) -> None:
    """Sets a variable's value, at once.

    Raises:
        ValueError: the shape does not fit.
    """
    target = variable_of(x) if is_variable(x) else None
    if target is None:
        raise K2ValueError(
            three_parts(f"K.set_value of {x!r}", "a K.variable or a layer's weight.", "make it with K.variable(...).")
        )
    array = np.asarray(value, target.dtype.as_numpy_dtype)
    if not target.shape.is_compatible_with(array.shape):
        raise K2ValueError(
            three_parts(
                f"K.set_value with shape {array.shape} for {x!r}",
                f"shape {tuple(target.shape.as_list())}.",
                "reshape the value first.",
            )
        )
    put(target, array)


@plain
def batch_set_value(tuples: Iterable[tuple[Any, Any]]) -> None:
    """Sets the values of several variables, given as pairs (variable, value)."""
    for x, value in tuples:
        set_value(x, value)


@plain
def update(x: Any, new_x: Any) -> Any:
    """An update that gives a variable a new value; it happens when a function runs it."""
    return changed(Update(x, new_x))


@plain
def update_add(x: Any, increment: Any) -> Any:
    """An update that adds to a variable."""
    return changed(Update(x, increment, "assign_add"))


@plain
def update_sub(x: Any, decrement: Any) -> Any:
    """An update that subtracts from a variable."""
    return changed(Update(x, decrement, "assign_sub"))


@plain
def moving_average_update(x: Any, value: Any, momentum: Any) -> Any:
    """An update of a moving average: ``x = x * momentum + value * (1 - momentum)``."""
    return update_sub(x, apply(average_step, (x, value, momentum), {}))


def load(self: Variable, value: Any, session: Any = None) -> None:
    """Set the value at once, as ``tf.Variable.load`` did in a session."""
    set_value(self, value)


for name, method in {"assign": update, "assign_add": update_add, "assign_sub": update_sub, "load": load}.items():
    setattr(Variable, name, method)


def average_step(x: Any, value: Any, momentum: Any) -> Any:
    return (x - tf.cast(value, x.dtype)) * tf.cast(1.0 - momentum, x.dtype)


def changed(change: Update) -> Any:
    """Return the update itself where expressions are built, and in the call of a layer, which gives it to
    ``add_update``; in a function being traced it happens now.
    """
    if context.evaluating():
        return change
    if adapter().computing():
        return Waiting(change.target, present(change.value), change.how)
    return change if tf.executing_eagerly() else change.run(present(change.value))


@plain
def int_shape(x: Any) -> tuple[int | None, ...] | None:
    """The static shape as a tuple, None for a size not known; None as a whole for unknown rank."""
    shape = spec_of(x).shape if is_symbol(x) or is_variable(x) else tf.TensorShape(x.shape)
    return None if shape.rank is None else tuple(shape.as_list())


@plain
def get_variable_shape(x: Any) -> tuple[int | None, ...] | None:
    """Keras 2.1's name of ``int_shape``."""
    return int_shape(x)


@plain
def ndim(x: Any) -> int | None:
    """The number of axes, None if unknown."""
    shape = int_shape(x)
    return None if shape is None else len(shape)


@plain
def dtype(x: Any) -> str:
    """The dtype's name."""
    return spec_of(x).dtype.name if is_symbol(x) or is_variable(x) else tf.as_dtype(x.dtype).name


@plain
def count_params(x: Any) -> Any:
    """The number of elements of a variable, as ``np.int64``."""
    return np.prod([size or 0 for size in int_shape(x) or ()])


@plain
def is_sparse(tensor: Any) -> bool:
    """Whether a tensor is sparse."""
    return (
        isinstance(spec_of(tensor), tf.SparseTensorSpec) if is_symbol(tensor) else isinstance(tensor, tf.SparseTensor)
    )


@plain
def is_tensor(x: Any) -> bool:
    """Whether a thing is a tensor, symbolic or with a value, or a variable."""
    return is_symbol(x) or is_variable(x) or tf.is_tensor(x)


def clean(name: str | None) -> str | None:
    """Return a name Keras takes: no slash, no colon."""
    return name.replace("/", "_").replace(":", "_") if name else None
