"""The repair of outputs of layers that run inside of another layer's call, for either Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.base import SourceCall
from k2compat.adapters.inner_layers import around
from k2compat.adapters.tensor_names import unchanged
from k2compat.graph.inner_output import InnerOutput
from k2compat.graph.node import Placeholders, tensors_in
from k2compat.graph.record import attach
from k2compat.naming import op_types, scopes
from k2compat.repair.table import Repair


def inner_outputs_repair(layer: Any, adapter: Any) -> Repair:
    """Make the repair of a Keras.

    Args:
        layer: its class of layers.
        adapter: its adapter.
    """
    return Repair(
        "inner_outputs",
        "A layer or model of a program's own that was called on a symbolic tensor called the layers in it on symbolic "
        "tensors, so that each had an output in the graph: model.layers[1].dense.output. Keras runs such a call on "
        "values only, and says that the layers in it have never been called.",
        [(layer, "output", inner_or(layer.output.fget, adapter))],
    )


def inner_or(original: Callable[[Any], Any], adapter: Any) -> property:
    """``Layer.output`` that knows the layers inside of another one."""

    def output(self: Any) -> Any:
        if self._inbound_nodes:
            return original(self)
        found = inner_output(self, adapter)
        return original(self) if found is None else found

    return property(output)


def inner_output(layer: Any, adapter: Any) -> Any:
    """Return the output of a layer inside of another one, a list if it has several; None if it has none.

    Raises:
        AttributeError: the layer was called several times.
    """
    outer, path = around(layer)
    if outer is None or not outer._inbound_nodes:
        return None
    calls = [adapter.call_of(tf.nest.flatten(node.outputs)[0]) for node in outer._inbound_nodes]
    if len(calls) > 1:
        raise several(layer)
    made = calls[0].inner.get(id(layer)) or called_inside(layer, path, calls[0])
    if made is None:
        return None
    return made.outputs[0] if len(made.outputs) == 1 else list(made.outputs)


def called_inside(layer: Any, path: str, outer: Any) -> InnerOutput | None:
    """Return the call of a layer inside of another call, with its symbolic tensors: those of the call around it where
    it gives what the layer gave. None if the layer is not called there.
    """
    trace, calls = Placeholders("inside"), []

    def note(one: Any, args: Any, result: Any) -> Any:
        if one is layer:
            calls.append((args, tensors_in(result)))
        return result

    with trace.tracing(), unchanged(outer.operation):
        results = outer.run(trace, note)
    if len(calls) > 1:
        raise several(layer)
    # What is called in a loop or a function of TensorFlow is no tensor of the graph around it.
    if not calls or any(tensor.graph is not trace.graph for tensor in calls[0][1]):
        return None
    made = InnerOutput(outer, layer)
    places = {id(tensor): symbol for tensor, symbol in zip(results, outer.outputs, strict=True)}
    if all(id(tensor) in places for tensor in calls[0][1]):
        made.outputs = [places[id(tensor)] for tensor in calls[0][1]]
    else:
        made.operation_name = f"{scope_of(outer)}/{path}/{operation(layer, *calls[0])}"
        attach(made, [tf.type_spec_from_value(tensor) for tensor in calls[0][1]])
    outer.inner = {**outer.inner, id(layer): made}
    for call in (outer, *outer.inner.values()):
        call.links = call.passing = None
    return made


def stand_for(model: Any, args: Any, had_graph: bool) -> None:
    """Let the input of a ``Sequential`` have its value from the tensor that the model was made for by its only call.

    Args:
        model: a model that was called on symbolic tensors.
        args: of the call.
        had_graph: whether it had an input of its own before.
    """
    inputs = getattr(model, "inputs", None) or [None]
    given = args[0] if args else None
    if not had_graph and len(inputs) == 1 and inputs[0] is not given:
        setattr(inputs[0], attributes.CALLED_ON, SourceCall(given, inputs[0]))
        return
    known = getattr(inputs[0], attributes.CALLED_ON, None)
    if known is not None and known.inputs[0] is not given:
        delattr(inputs[0], attributes.CALLED_ON)


def several(layer: Any) -> AttributeError:
    """Return the error of Keras 2 for the output of a layer that has several."""
    return AttributeError(
        f"Layer {layer.name} has multiple inbound nodes, hence the notion of 'layer output' is ill-defined. Use "
        "`get_output_at(node_index)` instead."
    )


def scope_of(call: Any) -> str:
    """Return the name scope of the call of a layer."""
    found = getattr(call.node, attributes.SCOPE, None)
    if found is None:
        found = scopes.unique(call.operation.name, "")
        setattr(call.node, attributes.SCOPE, found)
    return str(found)


def operation(layer: Any, args: Any, results: list[Any]) -> str:
    """Return the name of the operation that made the output of a layer."""
    shapes = [tuple(leaf.shape) for leaf in tf.nest.flatten(args) if hasattr(leaf, "shape")]
    known = op_types.of_layer(layer, shapes, 0)
    return known or str(results[0].op.name.rpartition("/")[2])
