"""The names of symbolic tensors, as TensorFlow 1 gave them: the scope of the layer's call, and the operation."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.base import SourceCall
from k2compat.naming import op_types, scopes
from k2compat.naming.static_shape import shape_of

# Tracing a layer: (layer, its node, what is given the call's result).
Trace = Callable[[Any, Any, Callable[[Any], None]], None]
# What a call of a layer leaves with it.
LEFT_BEHIND = ("_losses", "_callable_losses", "_eager_losses", "_metrics", "_updates")


def name_of(tensor: Any, adapter: Any, trace: Trace) -> str:
    """Return the name of a symbolic tensor, such as ``dense_1/BiasAdd:0``.

    Args:
        adapter: that of the tensor's Keras.
        trace: traces the call of a layer of a script.
    """
    known = vars(tensor).get(attributes.NAME)
    if known is None:
        known = vars(tensor)[attributes.NAME] = new_name(tensor, adapter, trace)
    return known


def new_name(tensor: Any, adapter: Any, trace: Trace) -> str:
    """Return the name of a symbolic tensor that has none yet."""
    call = adapter.call_of(tensor)
    if call is None:
        layer = tensor._keras_history[0] if getattr(tensor, "_keras_history", None) else tensor
        if attributes.NAME not in vars(layer):
            vars(layer)[attributes.NAME] = f"{scopes.unique(layer.name, '')}:0"
        return vars(layer)[attributes.NAME]
    if isinstance(call, SourceCall):
        source = call.inputs[0]
        return source.old_name if hasattr(source, "old_name") else name_of(source, adapter, trace)
    index = next(number for number, output in enumerate(call.outputs) if output is tensor)
    if not is_of_layer(call, adapter):
        return f"{operation_name(call)}:{index}"
    node = call.node
    if getattr(node, attributes.SCOPE, None) is None:
        setattr(node, attributes.SCOPE, scopes.unique(call.operation.name, ""))
    return f"{getattr(node, attributes.SCOPE)}/{made_by(call, index, adapter, trace)}:0"


def is_of_layer(call: Any, adapter: Any) -> bool:
    """Return whether a call is that of a layer, and not of a function or an operator."""
    return isinstance(getattr(call, "operation", None), adapter.package.layers.Layer)


def kind_of(call: Any) -> str:
    """Return the name of the function that a call is of; Keras has a class for each operator."""
    return type(call.operation).__name__.lower() if hasattr(call, "operation") else call.name


def operation_name(call: Any) -> str:
    """Return the name of the operation of a function's or operator's call."""
    if call.operation_name is None:
        call.operation_name = scopes.unique(op_types.of_function(kind_of(call)), call.scope)
    return call.operation_name


def made_by(call: Any, index: int, adapter: Any, trace: Trace) -> str:
    """Return the operation that made an output of a layer, with the layers inside that it belongs to in front."""
    layer = call.operation
    parts: list[str] = []
    while isinstance(layer, adapter.package.Model) and getattr(layer, "outputs", None):
        inner = tf.nest.flatten(layer.outputs)[index]
        call = adapter.call_of(inner)
        if call is None:
            return "/".join([*parts, "Identity"])
        if not is_of_layer(call, adapter):
            return "/".join([*parts, op_types.of_function(kind_of(call))])
        layer, index = call.operation, next(n for n, output in enumerate(call.outputs) if output is inner)
        parts.append(layer.name)
    shapes = [shape_of(leaf) for leaf in call.inputs if isinstance(leaf, adapter.symbolic_type)]
    known = op_types.of_layer(layer, shapes, index) if is_of_keras(layer, adapter) else None
    return "/".join([*parts, known or traced(layer, call.node, index, trace, adapter)])


def is_of_keras(layer: Any, adapter: Any) -> bool:
    """Return whether a layer's class is Keras's own."""
    return type(layer).__module__.partition(".")[0] == adapter.package.__name__.partition(".")[0]


def traced(layer: Any, node: Any, index: int, trace: Trace, adapter: Any) -> str:
    """Return the operation that made an output of a layer of a script: the last one when it is traced."""
    found = ["Identity"]
    seen: dict[int, Any] = {}

    def look(result: Any) -> None:
        tensor = tf.nest.flatten(result)[index]
        inner, shapes = seen.get(id(tensor), (None, None))
        if inner is not None and inner is not layer:
            found[0] = f"{inner.name}/{op_types.of_layer(inner, shapes, 0) or 'Identity'}"
        elif isinstance(tensor, tf.Tensor):
            found[0] = tensor.op.name.rpartition("/")[2]

    scopes.opened.seen = seen
    with contextlib.suppress(Exception), unchanged(layer), scopes.inside(getattr(node, attributes.SCOPE)):
        trace(layer, node, look)
    scopes.opened.seen = None
    return found[0]


@contextlib.contextmanager
def unchanged(layer: Any) -> Iterator[None]:
    """Take away what a call leaves with a layer and those in it."""
    lists = [vars(part).get(name) for part in layer._flatten_layers() for name in LEFT_BEHIND]
    before = [(kept, list(kept)) for kept in lists if isinstance(kept, list)]
    try:
        yield
    finally:
        for kept, items in before:
            if len(kept) != len(items):
                kept[:] = items
