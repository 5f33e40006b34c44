"""Repairs of Keras 3's symbolic tensors and weights."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.keras3.internals import being_called, unhook
from k2compat.graph import dispatch
from k2compat.graph.context import evaluating
from k2compat.graph.dispatch import apply
from k2compat.graph.nested import leaves, plain_index, rebuild
from k2compat.graph.symbols import Lazy, Valueless, is_symbol
from k2compat.ops.session import get_session
from k2compat.repair.shared.live_weights import ASSIGNMENTS, deferring, operators, present, weight_patches
from k2compat.repair.shared.static_shape import Size
from k2compat.repair.table import Repair
from k2compat.tensorflow_internals import in_function, outside_functions


def repairs() -> list[Repair]:
    """Return the repairs of symbolic tensors."""
    return [*tensor_repairs(), *reading_repairs()]


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


def tensor_repairs() -> list[Repair]:
    """Repairs of what is computed with ``KerasTensor`` and weights."""
    tensor = keras.KerasTensor
    convert = tensor.__tf_tensor__

    def to_tensor(self: Any, dtype: Any = None, name: str | None = None) -> Any:
        try:
            return dispatch.convert(self, dtype, name)
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
            [(tensor, "__getitem__", indexed(tensor.__getitem__))],
        ),
        Repair(
            "tensor_operators",
            "NumPy float64 operands turn a float32 expression into float64, an array on the left of an operator fails, "
            "and every expression stays on the model's layer for good.",
            [(tensor, "__array_priority__", 1000), *operator_patches()],
        ),
        Repair(
            "weight_operators",
            "p - lr * g, tau * p + (1 - tau) * q, p[:, 0] or tf.nn.l2_loss(p), with layers' weights p and q, would "
            "freeze the weights' present values; such an expression is recorded with the live weights. Inside layers, "
            "losses and training loops, and inside Keras and TensorFlow, nothing changes.",
            weight_patches(keras.Variable, (tensor, Lazy), being_called),
        ),
        Repair(
            "weight_values",
            "Initializers and constraints written with K functions give symbolic tensors, which weights refuse; they "
            "take their value. w.assign(t), assign_add and assign_sub of a symbolic tensor t is an update for a "
            "session to run; of an expression of weights it is where its result is kept, and happens at once where it "
            "is a statement of its own.",
            value_patches(),
        ),
    ]


def reading_repairs() -> list[Repair]:
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
            [(tensor, "eval", lambda self, feed_dict=None, session=None: get_session().run(self, feed_dict))],
        ),
        Repair(
            "tensor_identity",
            "t != u compared the tensors themselves, as t == u still does; in Keras 3 it gives a symbolic tensor.",
            [(tensor, "__ne__", lambda self, other: self is not other)],
        ),
        Repair(
            "tensor_value",
            "float(t), bool(t), np.array(t) and a loop over t raise other classes, and do not say what to do.",
            # Not __len__, which Keras's tensors lack: Keras takes what has it for a list of tensors.
            [
                (tensor, name, method)
                for name, method in vars(Valueless).items()
                if callable(method) and name in vars(tensor)
            ],
        ),
    ]


def set_shape(self: Any, shape: Any) -> None:
    """Narrow the static shape of a Keras tensor."""
    sizes = shape.as_list() if hasattr(shape, "as_list") else list(shape)
    self._shape = tuple(known if new is None else int(new) for known, new in zip(self._shape, sizes, strict=True))


def indexed(original: Callable[..., Any]) -> Callable[..., Any]:
    """``__getitem__`` that takes NumPy integers and leaves no trace on the model; symbolic indices are recorded."""

    def getitem(self: Any, key: Any) -> Any:
        key = rebuild(key, plain_index)
        if not evaluating() and not any(isinstance(part, (keras.KerasTensor, Lazy)) for part in leaves(key)):
            with contextlib.suppress(TypeError, ValueError):  # what Keras's own indexing cannot do, TensorFlow's may
                result = original(self, key)
                unhook(result)
                return result
        return apply(operator.getitem, (self, key), {})

    return getitem


def operator_patches() -> list[tuple[Any, str, Any]]:
    """Operators of Keras tensors that give float64 arrays the tensor's float type and leave no trace on the model.

    While an evaluation runs, they compute.
    """

    def wrapped(original: Callable[..., Any], function: Callable[..., Any], mirrored: bool) -> Callable[..., Any]:
        def operate(self: Any, *others: Any) -> Any:
            if evaluating() or any(is_foreign(other) for other in others):
                return apply(function, (*others, self) if mirrored else (self, *others), {})
            result = original(self, *(as_operand(self, other) for other in others))
            unhook(result)
            return result

        return operate

    return [
        (keras.KerasTensor, name, wrapped(getattr(keras.KerasTensor, name), function, mirrored))
        for name, function, mirrored in operators()
    ]


def is_foreign(other: Any) -> bool:
    """Return whether a thing is a symbolic tensor of another Keras, which this one takes for something else."""
    return is_symbol(other) and not isinstance(other, (keras.KerasTensor, Lazy))


def as_operand(tensor: Any, other: Any) -> Any:
    """Return the other operand of an operator of a Keras tensor."""
    if isinstance(other, (np.ndarray, np.float64)):
        narrow = other.dtype == np.float64 and "float" in tensor.dtype
        return other.astype(tensor.dtype if narrow else other.dtype)
    return other


def value_patches() -> list[tuple[Any, str, Any]]:
    """Weights that take the value of our own symbolic tensors when they are made and when they are assigned."""
    variable = keras.Variable
    initialize = variable._initialize_with_initializer
    symbolic = (keras.KerasTensor, variable)

    def initialize_with_initializer(self: Any, initializer: Any) -> None:
        def value(*args: Any, **kwargs: Any) -> Any:
            made = present(initializer(*args, **kwargs))
            getattr(initializer, attributes.USED, int)()  # by another repair
            return made

        # Models that a loss makes are no part of the graph of a training step.
        with outside_functions() if in_function() else contextlib.nullcontext():
            initialize(self, value)

    return [
        *((variable, name, deferring(getattr(variable, name), symbolic, being_called)) for name in ASSIGNMENTS),
        (variable, "_initialize_with_initializer", initialize_with_initializer),
    ]
