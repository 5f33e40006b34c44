"""Random tensors: a fresh draw each time they are evaluated, one draw shared by all outputs of one evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.graph.dispatch import apply
from k2compat.ops.config import floatx
from k2compat.ops.registry import plain
from k2compat.ops.variables import variable


def drawn(draw: Any, *args: Any, seed: Any) -> Any:
    """Record a draw, unless it is made where tensors are computed."""
    return apply(draw, args, {"seed": seed})


@plain
def random_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: int | None = None) -> Any:
    """Normal random numbers."""
    return drawn(tf.random.normal, shape, mean, stddev, tf.as_dtype(dtype or floatx()), seed=seed)


@plain
def random_uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: int | None = None) -> Any:
    """Uniform random numbers of [minval, maxval)."""
    return drawn(tf.random.uniform, shape, minval, maxval, tf.as_dtype(dtype or floatx()), seed=seed)


@plain
def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: int | None = None) -> Any:
    """Normal random numbers within two standard deviations."""
    return drawn(tf.random.truncated_normal, shape, mean, stddev, tf.as_dtype(dtype or floatx()), seed=seed)


@plain
def random_binomial(shape: Any, p: Any = 0.0, dtype: Any = None, seed: int | None = None) -> Any:
    """Ones with probability ``p``, else zeros."""
    return drawn(binomial, shape, p, tf.as_dtype(dtype or floatx()), seed=seed)


def binomial(shape: Any, p: Any, dtype: tf.DType, seed: int | None) -> Any:
    return tf.cast(tf.random.uniform(shape, dtype=dtype, seed=seed) <= tf.cast(p, dtype), dtype)


@plain
def dropout(x: Any, level: Any, noise_shape: Any = None, seed: int | None = None) -> Any:
    """A tensor with a fraction ``level`` of its elements set to 0, the others scaled up to keep the mean."""
    return drawn(tf.nn.dropout, x, level, noise_shape, seed=seed)


@plain
def random_normal_variable(
    shape: Any, mean: Any, scale: Any, dtype: Any = None, name: str | None = None, seed: int | None = None
) -> Any:
    """A variable of normal random numbers, drawn once."""
    return variable(np.random.RandomState(seed).normal(mean, scale, shape), dtype, name)


@plain
def random_uniform_variable(
    shape: Any, low: Any, high: Any, dtype: Any = None, name: str | None = None, seed: int | None = None
) -> Any:
    """A variable of uniform random numbers, drawn once."""
    return variable(np.random.RandomState(seed).uniform(low, high, shape), dtype, name)
