"""Repairs of how Keras 2, as it is in TensorFlow 2, names layers, weights and tensors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.adapter import ADAPTER
from k2compat.adapters.keras2.internals import KerasTensor, Layer, inner, keras, keras_tensor
from k2compat.adapters.keras2.weights import Weight, base_layer_utils
from k2compat.adapters.tensor_names import name_of
from k2compat.naming import numbers, scopes
from k2compat.naming.default_names import NUMBERING, TENSOR_NAMES, WEIGHT_NAMES
from k2compat.repair.table import Around, Repair
from k2compat.tensorflow_internals import FuncGraph

Functional: Any = inner("engine.functional").Functional
backend: Any = inner("backend")


def repairs() -> list[Repair]:
    """Repairs of the names of layers, weights and tensors."""
    scopes.NAMES.sessions.append(session)
    return [numbering_repair(), weight_names_repair(), tensor_names_repair()]


def session() -> Any:
    """Return what Keras keeps from one ``clear_session`` to the next."""
    with tf.init_scope():
        return backend.get_graph()


def numbering_repair() -> Repair:
    """Return the repair of the numbers in the names of layers, models and metrics."""
    kinds = (Layer, Functional)
    return Repair(
        "layer_numbers", NUMBERING, [(kind, "_init_set_name", numbering(kind._init_set_name)) for kind in kinds]
    )


def numbering(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_init_set_name`` that numbers layers from 1."""

    def _init_set_name(self: Any, name: Any, zero_based: bool = True) -> None:
        if not name:
            kind = "Model" if type(self) is Functional else type(self).__name__
            name = numbers.numbered(kind, isinstance(self, keras.Model), ADAPTER.get_uid, session())
        original(self, name, zero_based)

    return _init_set_name


def weight_names_repair() -> Repair:
    """Return the repair of the names of weights."""
    return Repair(
        "weight_names",
        WEIGHT_NAMES.format(now="in TensorFlow 2 it is lstm/lstm_cell/kernel:0, and the same for layers of one name"),
        [
            (Layer, "add_weight", Around(named)),
            (Weight, "op", property(variable_operation)),
            (Weight, "_op", property(inner_operation, set_inner_operation)),
            (keras.layers.Bidirectional, "build", built_both_ways),
        ],
    )


def named(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer.add_weight`` of a variable with the name that Keras 2 gave."""

    @functools.wraps(original)
    def add_weight(self: Any, *args: Any, getter: Any = None, **kwargs: Any) -> Any:
        make = getter or base_layer_utils.make_variable

        def getter_in_scope(*arguments: Any, name: Any = None, **options: Any) -> Any:
            with scopes.variable(name) as own:
                return make(*arguments, name=own, **options)

        return original(self, *args, getter=getter_in_scope, **kwargs)

    return add_weight


def variable_operation(weight: Any) -> Any:
    """``weight.op``: of the variable inside for a library."""
    frame = scopes.caller()
    return weight._variable.op if scopes.asked_by_library(frame) else scopes.Operation(weight.name, "VarHandleOp")


def inner_operation(weight: Any) -> Any:
    """``weight._op``: Keras keeps a word there, where programs look for an operation as that of a tensor."""
    frame = scopes.caller()
    return vars(weight)["_op"] if scopes.asked_by_library(frame) else scopes.Operation(weight.name, "VarHandleOp")


def set_inner_operation(weight: Any, value: Any) -> None:
    """Set ``weight._op``."""
    vars(weight)["_op"] = value


def built_both_ways(self: Any, input_shape: Any) -> None:
    """``Bidirectional.build``, which builds the layer of each direction in a scope of its own."""
    for layer in (self.forward_layer, self.backward_layer):
        with scopes.scope(layer.name), backend.name_scope(layer.name):
            layer.build(input_shape)
    Layer.build(self, input_shape)


def tensor_names_repair() -> Repair:
    """Return the repair of the names of symbolic tensors."""
    return Repair(
        "tensor_names",
        TENSOR_NAMES.format(now="in TensorFlow 2 it is dense_1/BiasAdd:0 of every call, and input_1"),
        [
            (KerasTensor, "name", property(tensor_name)),
            (KerasTensor, "op", property(operation_of)),
        ],
    )


def tensor_name(tensor: Any) -> str:
    """``KerasTensor.name``: Keras 2's for a script, that of the Keras in use for a library."""
    if scopes.asked_by_library(scopes.caller()):
        return tensor._name
    return name_of(tensor, ADAPTER, traced_operation)


def operation_of(tensor: Any) -> scopes.Operation:
    """``KerasTensor.op``."""
    kind = "Placeholder" if ADAPTER.call_of(tensor) is None else None
    return scopes.operation(lambda: name_of(tensor, ADAPTER, traced_operation), scopes.caller(), kind)


def traced_operation(layer: Any, node: Any, spy: Callable[[Any], None]) -> None:
    """Trace a layer's call on the shapes it was called with.

    Args:
        spy: is given what the call returns.
    """
    with FuncGraph(f"{layer.name}_scratch_graph").as_default():
        args, kwargs = tf.nest.map_structure(
            keras_tensor.keras_tensor_to_placeholder, (node.call_args, node.call_kwargs)
        )
        spy(layer.call(*args, **kwargs))
