"""The repairs of Keras 3: what old code uses of Keras tensors, layers, models and optimizers that Keras 3 took away or
changed.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from k2compat.adapters.compiled import compiled_repair
from k2compat.adapters.fit import fit_repairs
from k2compat.adapters.keras3 import being_called, unhook
from k2compat.adapters.keras3_defaults import computing_repairs, default_repairs
from k2compat.adapters.keras3_layers import layer_repairs
from k2compat.adapters.keras3_losses import loss_repair
from k2compat.adapters.keras3_models import Compilation, model_repairs, sequential_repairs
from k2compat.adapters.keras3_names import name_repairs
from k2compat.adapters.keras3_optimizers import optimizer_repairs
from k2compat.adapters.keras3_saving import saving_repairs
from k2compat.adapters.keras3_training import training_repairs
from k2compat.adapters.live import operators, present, weight_patches
from k2compat.adapters.old_methods import old_methods_repair
from k2compat.adapters.order import order_repair
from k2compat.adapters.repair import Repair
from k2compat.adapters.sizes import Size


@keras.src.tree.register_tree_node_class
class Shape(tuple):
    """The static shape of a Keras tensor, also readable as TensorFlow 1's ``TensorShape``."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(tf.TensorShape(tuple(self)), name)

    def tree_flatten(self) -> tuple[tuple[Any, ...], None]:
        """As Keras's trees see it: a tuple."""
        return tuple(self), None

    @classmethod
    def tree_unflatten(cls, _: None, sizes: Any) -> tuple[Any, ...]:
        return tuple(sizes)

    @property
    def dims(self) -> list[int | None]:
        return list(self)


def tensor_repairs(engine: Any) -> list[Repair]:
    """Repairs of what is computed with ``KerasTensor`` and weights."""
    tensor = keras.KerasTensor
    convert = tensor.__tf_tensor__

    def to_tensor(self: Any, dtype: Any = None, name: str | None = None) -> Any:
        try:
            return engine.convert(self, dtype, name)
        except TypeError:
            return convert(self, dtype, name)  # Keras's own refusal, upon which TensorFlow asks the dispatcher

    return [
        Repair(
            "value_inside_evaluation",
            "Functions given to Lambda layers, K.switch, K.map_fn and so on close over symbolic tensors; while an "
            "evaluation runs these stand for their values. At top level TensorFlow still refuses them.",
            [(tensor, "__tf_tensor__", to_tensor)],
        ),
        Repair(
            "tensor_index",
            "Indexing a symbolic tensor with a NumPy integer (np.argmax(preds[0])) raises; and every index expression "
            "stays on the model's layer for good.",
            [(tensor, "__getitem__", indexed(tensor.__getitem__, engine))],
        ),
        Repair(
            "tensor_operators",
            "NumPy float64 operands turn a float32 expression into float64, an array on the left of an operator fails, "
            "and every expression stays on the model's layer for good.",
            [(tensor, "__array_priority__", 1000), *operator_patches(engine)],
        ),
        Repair(
            "weight_operators",
            "p - lr * g, tau * p + (1 - tau) * q, p[:, 0] or tf.nn.l2_loss(p), with layers' weights p and q, would "
            "freeze the weights' present values; such an expression is recorded with the live weights. Inside layers, "
            "losses and training loops, and inside Keras and TensorFlow, nothing changes.",
            weight_patches(keras.Variable, (tensor, engine.Lazy), being_called, engine),
        ),
        Repair(
            "weight_values",
            "Initializers and constraints written with K functions give symbolic tensors, which weights refuse; they "
            "take their value.",
            value_patches(engine),
        ),
    ]


def reading_repairs(engine: Any) -> list[Repair]:
    """Repairs of what can be read off a ``KerasTensor``."""
    tensor = keras.KerasTensor
    shape = property(lambda self: Shape(size if size is None else Size(size) for size in self._shape))

    return [
        Repair(
            "tensor_shape",
            "TensorFlow 1 code reads static shapes with t.get_shape().as_list(), t.shape.as_list(), t.shape[1].value "
            "and t._keras_shape.",
            [
                (tensor, "shape", shape),
                (tensor, "get_shape", lambda self: self.shape),
                (tensor, "set_shape", set_shape),
                (tensor, "_keras_shape", property(lambda self: tuple(self._shape))),
            ],
        ),
        Repair(
            "tensor_eval",
            "t.eval(session=..., feed_dict=...) ran a tensor in a session.",
            [(tensor, "eval", lambda self, feed_dict=None, session=None: engine.run(self, feed_dict))],
        ),
        Repair(
            "tensor_identity",
            "t != u compared the tensors themselves, as t == u still does; in Keras 3 it gives a symbolic tensor.",
            [(tensor, "__ne__", lambda self, other: self is not other)],
        ),
        Repair(
            "tensor_value",
            "float(t), bool(t), len(t), np.array(t) and a loop over t raise other classes, and do not say what to do.",
            [(tensor, name, method) for name, method in vars(engine.Valueless).items() if callable(method)],
        ),
    ]


def set_shape(self: Any, shape: Any) -> None:
    """Narrows the static shape of a Keras tensor."""
    sizes = shape.as_list() if hasattr(shape, "as_list") else list(shape)
    self._shape = tuple(known if new is None else int(new) for known, new in zip(self._shape, sizes, strict=True))


def indexed(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``__getitem__`` that takes NumPy integers and leaves no trace on the model; symbolic indices are recorded."""

    def getitem(self: Any, key: Any) -> Any:
        key = engine.rebuild(key, engine.plain_index)
        if not engine.evaluating() and not any(
            isinstance(part, (keras.KerasTensor, engine.Lazy)) for part in engine.leaves(key)
        ):
            with contextlib.suppress(TypeError, ValueError):  # what Keras's own indexing cannot do, TensorFlow's may
                result = original(self, key)
                unhook(result)
                return result
        return engine.apply(operator.getitem, (self, key), {})

    return getitem


def operator_patches(engine: Any) -> list[tuple[Any, str, Any]]:
    """Operators of Keras tensors that give float64 arrays the tensor's float type and leave no trace on the model.

    While an evaluation runs, they compute.
    """

    def wrapped(original: Callable[..., Any], function: Callable[..., Any], mirrored: bool) -> Callable[..., Any]:
        def operate(self: Any, *others: Any) -> Any:
            if engine.evaluating() or any(is_foreign(other, engine) for other in others):
                return engine.apply(function, (*others, self) if mirrored else (self, *others), {})
            result = original(self, *(as_operand(self, other, engine) for other in others))
            unhook(result)
            return result

        return operate

    return [
        (keras.KerasTensor, name, wrapped(getattr(keras.KerasTensor, name), function, mirrored))
        for name, function, mirrored in operators()
    ]


def is_foreign(other: Any, engine: Any) -> bool:
    """Whether a thing is a symbolic tensor of another Keras, which this one takes for something else."""
    return engine.is_symbol(other) and not isinstance(other, (keras.KerasTensor, engine.Lazy))


def as_operand(tensor: Any, other: Any, engine: Any) -> Any:
    """What stands beside a Keras tensor in an operator."""
    if isinstance(other, (np.ndarray, np.float64)):
        narrow = other.dtype == np.float64 and "float" in tensor.dtype
        return other.astype(tensor.dtype if narrow else other.dtype)
    return other


def value_patches(engine: Any) -> list[tuple[Any, str, Any]]:
    """Weights that take the value of our own symbolic tensors when they are made and when they are assigned."""
    variable = keras.Variable
    assign, initialize = variable.assign, variable._initialize_with_initializer

    def assign_value(self: Any, value: Any) -> Any:
        return assign(self, present(value, engine))

    def initialize_with_initializer(self: Any, initializer: Any) -> None:
        initialize(self, lambda *args, **kwargs: present(initializer(*args, **kwargs), engine))

    return [(variable, "assign", assign_value), (variable, "_initialize_with_initializer", initialize_with_initializer)]


def repairs(engine: Any) -> list[Repair]:
    """All repairs of Keras 3."""
    losses = loss_repair(engine)
    return [
        *tensor_repairs(engine),
        *reading_repairs(engine),
        *layer_repairs(engine),
        *default_repairs(engine),
        *computing_repairs(engine),
        *model_repairs(),
        *sequential_repairs(),
        *saving_repairs(),
        *training_repairs(),
        *fit_repairs(
            keras,
            ("train_step", "test_step", "_symbolic_build"),
            (keras.Model, keras.src.models.functional.Functional),
            engine,
        ),
        order_repair(keras.Model, parts),
        old_methods_repair(keras),
        losses,
        compiled_repair(keras, Compilation, engine),
        *optimizer_repairs(engine),
        *name_repairs({value.__wrapped__: value for _, _, value in losses.patches}),
    ]


def parts(layer: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """The trainable and the other weights a layer has itself, and the layers in it."""
    return layer._trainable_variables, layer._non_trainable_variables, layer._layers
