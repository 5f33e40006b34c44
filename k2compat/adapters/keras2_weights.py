"""The weights of Keras 2's layers, live in the expressions of a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2_package import KerasTensor, inner
from k2compat.adapters.live import present, weight_patches
from k2compat.adapters.repair import Repair

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


# Before the function that TensorFlow knows for the class above: the method there is asked for at each conversion.
tf.register_tensor_conversion_function(
    Weight, lambda weight, dtype=None, name=None, as_ref=False: weight.__tf_tensor__(dtype, name), priority=50
)


def tf_variable(variable: Any) -> tf.Variable:
    """The TensorFlow variable in a layer's weight."""
    return variable._variable if isinstance(variable, Weight) else variable


def calling_phase() -> int | None:
    """The ``training`` value of the Keras call going on in this thread, None outside of one."""
    context = base_layer_utils.call_context()
    if not context.in_call:
        return None
    training = context.training
    return int(bool(training)) if isinstance(training, (bool, int)) else 0


def being_called() -> bool:
    """Whether a layer or model is being called in this thread."""
    return bool(base_layer_utils.call_context().in_call)


def weight_repairs(engine: Any) -> list[Repair]:
    """Repairs of weights."""
    return [
        Repair(
            "weight_operators",
            "p - lr * g, tau * p + (1 - tau) * q, p[:, 0] or tf.nn.l2_loss(p), with layers' weights p and q, would "
            "freeze the weights' present values; such an expression is recorded with the live weights. Of layers built "
            "while the repair is applied. Inside layers, losses and training loops, and inside Keras and TensorFlow, "
            "nothing changes.",
            [
                (base_layer_utils, "make_variable", shelled(base_layer_utils.make_variable)),
                *weight_patches(Weight, (KerasTensor, engine.Lazy), being_called, engine),
            ],
        ),
        Repair(
            "weight_values",
            "Initializers and constraints written with K functions give symbolic tensors, which weights refuse; they "
            "take their value.",
            [
                (base_layer_utils, "infer_init_val_and_dtype", initialized(engine)),
                (Weight, "assign", assigning(Weight.assign, engine)),
            ],
        ),
    ]


def shelled(original: Callable[..., Any]) -> Callable[..., Any]:
    """``make_variable`` that puts the shell around what can be differentiated."""

    def make_variable(*args: Any, **kwargs: Any) -> Any:
        made = original(*args, **kwargs)
        return Weight(made) if made.dtype.is_floating and not is_distributed(made) else made

    return make_variable


def initialized(engine: Any) -> Callable[..., Any]:
    """``infer_init_val_and_dtype`` with initializers whose symbolic tensors give their value."""
    original = base_layer_utils.infer_init_val_and_dtype

    def infer_init_val_and_dtype(initializer: Any, *args: Any, **kwargs: Any) -> Any:
        value, dtype = original(initializer, *args, **kwargs)
        return (lambda: present(value(), engine)) if callable(value) else present(value, engine), dtype

    return infer_init_val_and_dtype


def assigning(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``assign`` that takes the value of a symbolic tensor of ours."""

    def assign(self: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        return original(self, present(value, engine), *args, **kwargs)

    return assign
