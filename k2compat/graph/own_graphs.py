"""Leaves the graphs that web applications make around their models: Keras and K functions do without."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.tensorflow_internals import eagerly, in_own_graph

_warned: list[bool] = []


def outside(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function that runs eagerly also within ``with tf.Graph().as_default():``, with a warning once."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if tf.executing_eagerly() or not in_own_graph():
            return function(*args, **kwargs)
        if not _warned:
            _warned.append(True)
            warnings.warn(
                "`with graph.as_default():` does nothing for Keras models and K functions: there is one set of "
                "variables, and no graph or session to choose.",
                stacklevel=2,
            )
        with eagerly():
            return function(*args, **kwargs)

    return call
