"""The repairs of Keras 3: what old code uses of Keras tensors, layers, models and optimizers that Keras 3 took away or changed."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from k2compat.adapters.keras3 import unhook
from k2compat.adapters.keras3_layers import layer_repairs
from k2compat.adapters.keras3_optimizers import optimizer_repairs
from k2compat.adapters.repair import Repair

ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
COMPARISON = ("lt", "le", "gt", "ge")


class Size(int):
    """A size of a static shape; ``.value`` is how TensorFlow 1 code reads it."""

    @property
    def value(self) -> int:
        return int(self)


class Shape(tuple):
    """The static shape of a Keras tensor, also readable as TensorFlow 1's ``TensorShape``."""

    __slots__ = ()

    def as_list(self) -> list[int | None]:
        return [None if size is None else int(size) for size in self]

    @property
    def ndims(self) -> int:
        return len(self)

    @property
    def rank(self) -> int:
        return len(self)

    @property
    def dims(self) -> list[int | None]:
        return list(self)

    def is_fully_defined(self) -> bool:
        return None not in self

    def num_elements(self) -> int | None:
        return None if None in self else int(np.prod(self))


def tensor_repairs(engine: Any) -> list[Repair]:
    """Repairs of ``KerasTensor``."""
    tensor = keras.KerasTensor
    convert = tensor.__tf_tensor__

    def to_tensor(self: Any, dtype: Any = None, name: str | None = None) -> Any:
        try:
            return engine.convert(self, dtype, name)
        except TypeError:
            return convert(self, dtype, name)  # Keras's own refusal, upon which TensorFlow asks the dispatcher

    def no_iteration(self: Any) -> Any:
        raise TypeError("Iterating over a symbolic tensor is not possible, it has no value yet. Use tf.unstack(x), or K.function to get an array.")

    return [
        Repair(
            "value_inside_evaluation",
            "Functions given to Lambda layers, K.switch, K.map_fn and so on close over symbolic tensors; while an evaluation runs these stand for "
            "their values. At top level TensorFlow still refuses them.",
            [(tensor, "__tf_tensor__", to_tensor)],
        ),
        Repair(
            "tensor_index",
            "Indexing a symbolic tensor with a NumPy integer (np.argmax(preds[0])) raises; and every index expression stays on the model's layer "
            "for good.",
            [(tensor, "__getitem__", indexed(tensor.__getitem__, engine))],
        ),
        Repair(
            "tensor_operators",
            "NumPy float64 operands turn a float32 expression into float64, an array on the left of an operator fails, and every expression "
            "stays on the model's layer for good.",
            [(tensor, "__array_priority__", 1000), *operator_patches(engine)],
        ),
        Repair(
            "tensor_shape",
            "TensorFlow 1 code reads static shapes with t.get_shape().as_list(), t.shape.as_list(), t.shape[1].value and t._keras_shape.",
            [
                (tensor, "shape", property(lambda self: Shape(size if size is None else Size(size) for size in self._shape))),
                (tensor, "get_shape", lambda self: self.shape),
                (tensor, "set_shape", set_shape),
                (tensor, "_keras_shape", property(lambda self: tuple(self._shape))),
            ],
        ),
        Repair("tensor_iteration", "Iterating over a symbolic tensor raised TypeError; Keras 3 raises another class.", [(tensor, "__iter__", no_iteration)]),
        Repair(
            "weight_operators",
            "p - lr * g, with a layer's weight p and a symbolic gradient g, would freeze the weight's present value; the expression is recorded "
            "with the live weight instead. Between a weight and a number nothing changes.",
            weight_patches(engine),
        ),
    ]


def set_shape(self: Any, shape: Any) -> None:
    """Narrows the static shape of a Keras tensor."""
    sizes = shape.as_list() if hasattr(shape, "as_list") else list(shape)
    self._shape = tuple(known if new is None else int(new) for known, new in zip(self._shape, sizes, strict=True))


def plain_index(part: Any) -> Any:
    """A Python integer for a NumPy one."""
    return int(part) if isinstance(part, numbers.Integral) and not isinstance(part, (bool, int)) else part


def indexed(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``__getitem__`` that takes NumPy integers and leaves no trace on the model; symbolic indices are recorded."""

    def getitem(self: Any, key: Any) -> Any:
        if any(isinstance(part, (keras.KerasTensor, engine.Lazy)) for part in engine.leaves(key)):
            return engine.apply(take, (self, key), {})
        result = original(self, engine.rebuild(key, plain_index))
        unhook(result)
        return result

    return getitem


def take(tensor: Any, key: Any) -> Any:
    """Indexing, as a function that can be recorded."""
    return tensor[key]


def operator_patches(engine: Any) -> list[tuple[Any, str, Any]]:
    """Operators of Keras tensors that give float64 arrays the tensor's float type and leave no trace on the model."""

    def wrapped(original: Callable[..., Any]) -> Callable[..., Any]:
        def operate(self: Any, *others: Any) -> Any:
            result = original(self, *(as_operand(self, other, engine) for other in others))
            unhook(result)
            return result

        return operate

    names = [f"__{name}__" for name in (*COMPARISON, "neg", "abs")]
    names += [f"__{side}{name}__" for name in ARITHMETIC for side in ("", "r")]
    return [(keras.KerasTensor, name, wrapped(getattr(keras.KerasTensor, name))) for name in names]


def as_operand(tensor: Any, other: Any, engine: Any) -> Any:
    """What stands beside a Keras tensor in an operator."""
    if isinstance(other, (np.ndarray, np.floating)) and other.dtype == np.float64 and "float" in tensor.dtype:
        return other.astype(tensor.dtype)
    return other


def weight_patches(engine: Any) -> list[tuple[Any, str, Any]]:
    """Operators of Keras weights that record when the other side is symbolic."""
    import operator

    functions = {name: getattr(operator, name) for name in (*ARITHMETIC, *COMPARISON)}

    def wrapped(original: Callable[..., Any], function: Callable[..., Any], mirrored: bool) -> Callable[..., Any]:
        def operate(self: Any, other: Any) -> Any:
            if isinstance(other, (keras.KerasTensor, engine.Lazy)):
                return engine.apply(function, (other, self) if mirrored else (self, other), {})
            return original(self, other)

        return operate

    patches = []
    for name, function in functions.items():
        for side in ("", "r") if name in ARITHMETIC else ("",):
            attribute = f"__{side}{name}__"
            patches.append((keras.Variable, attribute, wrapped(getattr(keras.Variable, attribute), function, bool(side))))
    return patches


def repairs(engine: Any) -> list[Repair]:
    """All repairs of Keras 3."""
    return [*tensor_repairs(engine), *layer_repairs(engine), *optimizer_repairs(engine)]


