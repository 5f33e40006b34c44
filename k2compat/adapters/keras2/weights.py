"""The weights of Keras 2's layers, as the adapter reads them."""

from __future__ import annotations

import threading
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.internals import inner

base_layer_utils = inner("engine.base_layer_utils")


AutoCastVariable: Any = inner("mixed_precision.autocast_variable").AutoCastVariable


is_distributed = inner("distribute.distributed_training_utils").is_distributed_variable


class Weight(AutoCastVariable):
    """A layer's weight: a shell around the TensorFlow variable.

    TensorFlow reads the value of its own variables without asking anybody, so that an expression of them cannot be
    recorded. Keras has a shell for mixed precision that all of Keras and TensorFlow know how to treat; this one never
    casts.
    """

    def _should_cast(self) -> bool:
        return False

    @property
    def _cast_dtype(self) -> tf.DType:
        return self._variable.dtype

    def __repr__(self) -> str:
        return repr(self._variable)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return self._variable.__array__(*args, **kwargs)

    def __float__(self) -> float:
        return float(self._variable)

    def __int__(self) -> int:
        return int(self._variable)

    def __bool__(self) -> bool:
        return bool(self._variable)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return type(self)(self._variable.__deepcopy__(memo))


def tf_variable(variable: Any) -> tf.Variable:
    """Return the TensorFlow variable in a layer's weight."""
    return variable._variable if isinstance(variable, Weight) else variable


def calling_phase() -> int | None:
    """Return the ``training`` value of the Keras call going on in this thread, None outside of one."""
    context = base_layer_utils.call_context()
    if not context.in_call:
        return None
    training = context.training
    return int(bool(training)) if isinstance(training, (bool, int)) else 0


class Building(threading.local):
    """Whether a layer is being built in this thread."""

    now = False


building_now = Building()


def is_computing() -> bool:
    """Return whether a layer or model computes in this thread, and does not only make its weights."""
    return being_called() and not building_now.now


def being_called() -> bool:
    """Return whether a layer or model is being called in this thread."""
    return bool(base_layer_utils.call_context().in_call)
