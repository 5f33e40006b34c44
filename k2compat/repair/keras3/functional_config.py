"""The configuration of a functional model of Keras 3 as Keras 2 wrote it: with lists of calls and of ends."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator
from typing import Any

MODELS = {"Model", "Functional", "Sequential"}
TENSOR = "__keras_tensor__"


def with_listed_calls(config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration with each call as ``[[layer, call, output, arguments], ...]`` of its inputs.

    The calls of a nested model are counted from 1, as Keras 2 did. Where a call has tensors among its named arguments,
    or ends are nested, all stays as Keras 3 wrote it, which knows either form.
    """
    if "input_layers" not in config or not all(map(can_be_listed, calls_in(config))):
        return config
    if not all(is_flat(config[name]) for name in ("input_layers", "output_layers")):
        return config
    kinds = {layer["name"]: layer["class_name"] for layer in config["layers"]}
    nested = {name for name, kind in kinds.items() if kind in MODELS}
    ends = {name: listed_ends(config[name]) for name in ("input_layers", "output_layers")}
    for end in leaf_references(ends["output_layers"]):
        end[1] += kinds[end[0]] == "Sequential"  # calls of functional models are counted so already
    layers = [with_old_input_shape(layer) for layer in config["layers"]]
    for layer in layers:
        layer["inbound_nodes"] = [listed_inputs(call, nested) for call in layer["inbound_nodes"]]
    return {**config, **ends, "layers": layers}


def with_old_input_shape(layer: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a layer, in which an input layer calls its shape as in Keras 2."""
    if layer["class_name"] != "InputLayer" or "batch_shape" not in layer["config"]:
        return dict(layer)
    inner = {"batch_input_shape" if name == "batch_shape" else name: value for name, value in layer["config"].items()}
    return {**layer, "config": inner}


def can_be_listed(call: Any) -> bool:
    """Return whether Keras 2 could have written a call: of one tensor or a list of them, and of values by name."""
    if not isinstance(call, dict) or len(call["args"]) != 1 or any(map(is_tensor, leaves(call["kwargs"]))):
        return False
    inputs = call["args"][0]
    return is_tensor(inputs) or (isinstance(inputs, (list, tuple)) and bool(inputs) and all(map(is_tensor, inputs)))


def listed_inputs(call: dict[str, Any], nested: set[str]) -> list[list[Any]]:
    """Return the inputs of a call as Keras 2 wrote them.

    Keras 3 writes mask=None and training=False into calls that were given neither.

    Args:
        nested: names of the models among the layers.
    """
    inputs = [call["args"][0]] if is_tensor(call["args"][0]) else call["args"][0]
    by_itself = {"mask": None, "training": False}
    named = {name: value for name, value in call["kwargs"].items() if value is not by_itself.get(name, call)}
    histories = [tensor["config"]["keras_history"] for tensor in inputs]
    return [[name, number + (name in nested), output, named] for name, number, output in histories]


def is_flat(ends: Any) -> bool:
    """Return whether the ends of a model are one, or a list of them, which Keras 2 knew alone."""
    return is_end(ends) or (isinstance(ends, (list, tuple)) and all(map(is_end, ends)))


def is_end(part: Any) -> bool:
    """Return whether something is ``[layer, call, output]``."""
    return isinstance(part, (list, tuple)) and len(part) == 3 and isinstance(part[0], str)


def listed_ends(ends: Any) -> list[list[Any]]:
    """Return the ends of a model as lists in a list, where there is one alone, too."""
    return [list(ends)] if is_end(ends) else [list(end) for end in ends]


def is_tensor(part: Any) -> bool:
    """Return whether a part of a configuration is a symbolic tensor."""
    return isinstance(part, dict) and part.get("class_name") == TENSOR


def leaves(part: Any) -> Iterator[Any]:
    """Yield what is in a part of a configuration: tensors and values."""
    if is_tensor(part) or not isinstance(part, (dict, list, tuple)):
        yield part
    else:
        for inner in part.values() if isinstance(part, dict) else part:
            yield from leaves(inner)


def from_listed_calls(original: Callable[..., Any]) -> Callable[..., Any]:
    """``functional_from_config``, for calls in the form of either Keras; the configuration can be used again."""

    @functools.wraps(original)
    def functional_from_config(cls: Any, config: Any, custom_objects: Any = None) -> Any:
        return original(cls, dict(counted_from_zero(config)), custom_objects=custom_objects)

    return functional_from_config


def counted_from_zero(config: Any) -> Any:
    """Return the configuration of a functional model in which calls of nested models are counted from 0.

    In Keras 2 a nested model's call number 0 was its own construction; in Keras 3 there is no such call. Whose calls
    are lists was written in the form of Keras 2.
    """
    if not all(isinstance(call, list) for call in calls_in(config)):
        return config
    config = copy.deepcopy(config)
    nested = {layer["name"]: layer["class_name"] for layer in config["layers"] if layer["class_name"] in MODELS}
    inbound = [node for call in calls_in(config) for node in call if isinstance(node, list)]
    ends = list(leaf_references(config.get("output_layers", [])))
    used = {name: min((node[1] for node in (*inbound, *ends) if node[0] == name), default=0) for name in nested}
    for node in inbound:
        node[1] -= used.get(node[0], 0) > 0
    for node in ends:
        # Of functional models Keras 3 takes one off by itself here.
        node[1] -= used.get(node[0], 0) > 0 and nested[node[0]] == "Sequential"
    return config


def calls_in(config: dict[str, Any]) -> list[Any]:
    """Return the calls of all layers in a configuration."""
    return [call for layer in config.get("layers", ()) for call in layer.get("inbound_nodes", ())]


def leaf_references(ends: Any) -> Iterator[list[Any]]:
    """Yield the references [layer, call, output] among a model's outputs."""
    stack = [ends]
    while stack:
        part = stack.pop()
        if isinstance(part, list) and len(part) == 3 and isinstance(part[0], str):
            yield part
        elif isinstance(part, (list, dict)):
            stack.extend(part.values() if isinstance(part, dict) else part)
