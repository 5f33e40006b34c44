"""Repairs of Keras 2's symbolic tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.internals import KerasTensor, keras_tensor
from k2compat.adapters.keras2.nodes import tf_op_layer
from k2compat.graph import nested
from k2compat.graph.dispatch import apply, convert
from k2compat.graph.nested import plain_index, rebuild
from k2compat.graph.symbols import Valueless
from k2compat.ops.session import get_session
from k2compat.repair.shared.live_weights import operators
from k2compat.repair.shared.static_shape import Size
from k2compat.repair.table import Repair

# What symbolic tensors refuse, as they have no value.
REFUSED = {"__bool__", "__len__", "__iter__", "__array__", "__float__", "__int__"}


def repairs() -> list[Repair]:
    """Return the repairs of symbolic tensors."""
    return [*tensor_repairs(), *reading_repairs()]


class Shape(tf.TensorShape):
    """The static shape of a Keras tensor, whose sizes have the ``.value`` of TensorFlow 1."""

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return Size(found) if isinstance(found, int) else found

    def __iter__(self) -> Any:
        return iter(size if size is None else Size(size) for size in super().__iter__())

    def __reduce__(self) -> Any:
        return tf.TensorShape, (self.as_list() if self.rank is not None else None,)


def tensor_repairs() -> list[Repair]:
    """Repairs of what is computed with ``KerasTensor``."""

    def to_tensor(self: Any, dtype: Any = None, name: str | None = None) -> Any:
        return convert(self, dtype, name)

    def getitem(self: Any, key: Any) -> Any:
        return apply(tf.__operators__.getitem, (self, rebuild(key, plain_index)), {})

    dispatcher, slicing = tf_op_layer.KerasOpDispatcher, tf_op_layer.TFSlicingOpDispatcher
    return [
        Repair(
            "value_inside_evaluation",
            "Functions given to Lambda layers, K.switch, K.map_fn and so on close over symbolic tensors; while an "
            "evaluation runs these stand for their values. At top level TensorFlow still refuses them.",
            [(KerasTensor, "__tf_tensor__", to_tensor)],
        ),
        Repair(
            "tensor_functions",
            "TensorFlow functions, operators and indices of symbolic tensors make a layer at each use, which takes "
            "long and stays on the model for good; they are recorded instead, and become layers where Keras asks for "
            "them.",
            [
                (dispatcher, "handle", handled(dispatcher.handle)),
                (slicing, "handle", sliced(slicing.handle)),
                (KerasTensor, "__getitem__", getitem),
                (KerasTensor, "__array_priority__", 1000),
                *operator_patches(),
            ],
        ),
    ]


def is_recordable(leaves: list[Any]) -> bool:
    """Return whether there are symbolic tensors among the arguments of a call, and none of a kind that only Keras
    knows.
    """
    symbolic = [leaf for leaf in leaves if isinstance(leaf, KerasTensor)]
    return bool(symbolic) and not any(isinstance(leaf, keras_tensor.RaggedKerasTensor) for leaf in symbolic)


def handled(original: Callable[..., Any]) -> Callable[..., Any]:
    """``KerasOpDispatcher.handle`` that records."""

    def handle(self: Any, op: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if is_recordable(nested.leaves(args, kwargs)):
            return apply(op, args, kwargs)
        return original(self, op, args, kwargs)

    return handle


def sliced(original: Callable[..., Any]) -> Callable[..., Any]:
    """``TFSlicingOpDispatcher.handle`` that records."""

    def handle(self: Any, args: Any, kwargs: Any) -> Any:
        if is_recordable(nested.leaves(args, kwargs)):
            return apply(self.op, args, kwargs)
        return original(self, args, kwargs)

    return handle


def operator_patches() -> list[tuple[Any, str, Any]]:
    """Operators of Keras tensors that record, as those of the engine's own symbolic tensors do."""

    def recording(function: Callable[..., Any], mirrored: bool) -> Callable[..., Any]:
        def operate(self: Any, *others: Any) -> Any:
            return apply(function, (*others, self) if mirrored else (self, *others), {})

        return operate

    return [(KerasTensor, name, recording(function, mirrored)) for name, function, mirrored in operators()]


def reading_repairs() -> list[Repair]:
    """Repairs of what can be read off a ``KerasTensor``."""
    return [
        Repair(
            "tensor_shape",
            "TensorFlow 1 code reads static shapes with t.shape[1].value and t._keras_shape.",
            [
                (KerasTensor, "shape", property(lambda self: Shape(self._type_spec.shape))),
                (KerasTensor, "_keras_shape", property(lambda self: tuple(self._type_spec.shape.as_list()))),
            ],
        ),
        Repair(
            "tensor_eval",
            "t.eval(session=..., feed_dict=...) ran a tensor in a session.",
            [(KerasTensor, "eval", lambda self, feed_dict=None, session=None: get_session().run(self, feed_dict))],
        ),
        Repair(
            "tensor_identity",
            "t == u and t != u compared the tensors themselves, and feed_dict={t: value} took them as keys; in "
            "TensorFlow 2 the comparison gives a symbolic tensor, and they do not hash.",
            [
                (KerasTensor, "__eq__", lambda self, other: self is other),
                (KerasTensor, "__ne__", lambda self, other: self is not other),
                (KerasTensor, "__hash__", object.__hash__),
            ],
        ),
        Repair(
            "tensor_value",
            "float(t), bool(t), len(t), np.array(t) and a loop over t raise other classes, and do not say what to do.",
            [(KerasTensor, name, method) for name, method in vars(Valueless).items() if name in REFUSED],
        ),
    ]
