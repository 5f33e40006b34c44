"""Compiled functions with their weights folded in as constants, for many calls with the same weights."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.errors import K2ValueError, three_parts
from k2compat.runtime.constant_folding import fold
from k2compat.runtime.direct_call import Caller, caller


class FrozenCaller:
    """Calls a concrete function with the present values of its variables, folded into each other.

    A changed weight is noticed before each call: the values that were folded in are kept, so that TensorFlow puts new
    ones elsewhere in memory.

    Args:
        concrete: a ``tf.ConcreteFunction`` whose arguments and results are flat.
        jit_compile: whether TensorFlow compiles it with XLA.

    Raises:
        ValueError: the function changes variables, those of random generators among them.
    """

    def __init__(self, concrete: Any, jit_compile: bool = False):
        self._concrete, self._jit_compile = concrete, jit_compile
        self._read = reader(concrete.graph.variables)
        self._lock = threading.Lock()
        if any(operation.type.startswith("Assign") for operation in concrete.graph.get_operations()):
            raise K2ValueError(
                three_parts(
                    "K.function(..., freeze=True) of something that changes variables when it runs",
                    "outputs that depend on their inputs and on weights that stay as they are.",
                    "leave out freeze=True for functions with dropout in the training phase.",
                )
            )
        self._values: Sequence[tf.Tensor] = []
        self._addresses: list[Any] = []
        self._call: Caller = self._fold()

    def __call__(self, tensors: Sequence[Any]) -> Sequence[Any]:
        return self.current()(tensors)

    def current(self) -> Caller:
        """Calls the function with the weights as they are now."""
        with self._lock:
            if list(map(address, self._read([]))) != self._addresses:
                warnings.warn(
                    "weights have changed since K.function(..., freeze=True) folded them in; they are folded in again, "
                    "which takes as long as compiling.",
                    stacklevel=6,
                )
                self._call = self._fold()
            return self._call

    def _fold(self) -> Caller:
        self._values = self._read([])
        self._addresses = list(map(address, self._values))
        return caller(fold(self._concrete, self._jit_compile))


def reader(variables: Iterable[Any]) -> Caller:
    """Return what gives the values of variables, as the tensors that these themselves keep; all at once, which is
    quicker.
    """

    def values() -> list[tf.Tensor]:
        return [tf.raw_ops.ReadVariableOp(resource=variable.handle, dtype=variable.dtype) for variable in variables]

    return caller(tf.function(values, autograph=False).get_concrete_function(), alone=True)


def address(tensor: tf.Tensor) -> Any:
    """Return where the value of a tensor is in memory; the value itself, where that is not the host's."""
    try:
        return np.frombuffer(tensor, np.uint8).__array_interface__["data"][0]
    except (BufferError, TypeError, ValueError):
        return tensor.numpy().tobytes()
