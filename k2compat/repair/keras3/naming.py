"""Repairs of how Keras 3 names layers, weights and tensors."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import keras

from k2compat import attributes
from k2compat.adapters.keras3.adapter import Keras3
from k2compat.adapters.tensor_names import name_of
from k2compat.naming import numbers, scopes
from k2compat.naming.callers import package_of
from k2compat.naming.default_names import NUMBERING, TENSOR_NAMES, WEIGHT_NAMES
from k2compat.repair.table import Repair

naming = keras.src.utils.naming
global_state = keras.src.backend.common.global_state
Functional = keras.src.models.functional.Functional
SEQUENTIAL = "keras.src.models.sequential"


def repairs() -> list[Repair]:
    """Repairs of the names of layers, weights and tensors."""
    scopes.NAMES.sessions.append(session)
    scopes.NAMES.own.append(keras.src.backend.common.name_scope.current_path)
    return [numbering_repair(), weight_names_repair(), tensor_names_repair(), repr_repair()]


class Session:
    """The time between two ``clear_session``."""


def session() -> Session:
    """Return what Keras keeps from one ``clear_session`` to the next."""
    return global_state.get_global_attribute("k2compat_session", Session(), set_to_default=True)


def numbering_repair() -> Repair:
    """Return the repair of the numbers in the names of layers, models and metrics."""
    operation, metric = keras.src.ops.operation, keras.src.metrics.metric
    return Repair(
        "layer_numbers",
        NUMBERING,
        [
            (operation, "auto_name", layer_name(operation.auto_name)),
            (metric, "auto_name", numbered),
        ],
    )


def repr_repair() -> Repair:
    """Return the repair of how layers are printed."""
    return Repair(
        "layer_repr",
        "str(layer) was the module and the class of the layer, as of any object (...input_layer.InputLayer object at "
        "...), in which programs look for kinds of layers; Keras 3 writes its name.",
        [(keras.Layer, "__repr__", object.__repr__)],
    )


def numbered(kind: str, is_model: bool = False) -> str:
    """Return a name of Keras 2: of a layer ``Dense``, ``dense_1``, then ``dense_2``."""
    return numbers.numbered(kind, is_model, naming.get_uid, session())


def layer_name(original: Callable[[str], str]) -> Callable[[str], str]:
    """``auto_name`` as the constructor of operations calls it: layers are numbered as in Keras 2, and operators of
    Keras, which Keras 2 did not number, have names that no layer gets.
    """

    def auto_name(kind: str) -> str:
        layer = sys._getframe(1).f_locals.get("self")
        if isinstance(layer, keras.layers.InputLayer):
            return name_in_sequential(layer) or f"input_{naming.get_uid('input')}"
        if type(layer) is Functional:
            return name_in_sequential(layer) or numbered("Model", is_model=True)
        if isinstance(layer, keras.Layer):
            return numbered(kind, isinstance(layer, keras.Model))
        if type(layer).__module__.startswith("keras.src.ops."):
            return str(naming.uniquify(f"keras.ops.{naming.to_snake_case(kind)}"))
        return original(kind)

    return auto_name


def name_in_sequential(layer: Any) -> str | None:
    """Return the name of what a ``Sequential`` makes for itself: its input layer and its functional model.

    Returns:
        None for what is made elsewhere.
    """
    frames = list(library_frames(sys._getframe(2)))
    methods = ("add", "build", "_maybe_rebuild")
    inside = [f for f in frames if f.f_globals.get("__name__") == SEQUENTIAL and f.f_code.co_name in methods]
    if not inside:
        return None
    model, method = inside[0].f_locals["self"], inside[0].f_code.co_name
    if not isinstance(layer, keras.layers.InputLayer):
        return f"{model.name}_functional"
    if method == "add":
        return f"{inside[0].f_locals['layer'].name}_input"
    rebuilt = any(frame.f_code.co_name == "_maybe_rebuild" for frame in inside)
    return f"{model._layers[0].name if rebuilt else model.name}_input"


def library_frames(frame: Any) -> Iterator[Any]:
    """Yield a frame and those it was called from, up to the first one outside of Keras and k2compat."""
    while frame is not None and package_of(frame) in ("keras", "k2compat"):
        yield frame
        frame = frame.f_back


def weight_names_repair() -> Repair:
    """Return the repair of the names of weights."""
    variable, bidirectional = keras.Variable, keras.layers.Bidirectional
    return Repair(
        "weight_names",
        WEIGHT_NAMES.format(now="in Keras 3 it is kernel"),
        [
            (variable, "__init__", named(variable.__init__)),
            (variable, "name", property(weight_name)),
            (variable, "op", property(variable_operation)),
            (bidirectional, "build", built_both_ways(bidirectional.build)),
            (keras.Layer, "build_from_config", built_in_scope(keras.Layer.build_from_config)),
        ],
    )


# Names that are others now: (layer, name now) -> name of Keras 2.
RENAMED: dict[tuple[str, str | None], str] = {("DepthwiseConv2D", "kernel"): "depthwise_kernel"}


# Variable of an optimizer -> its name; the others are those of its moments.
OF_OPTIMIZERS = {"iteration": "{kind}/iterations", "learning_rate": "{kind}/learning_rate"}


def named(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the constructor of variables, which notes the name that Keras 2 would have given."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, name: str | None = None, **kwargs: Any) -> None:
        original(self, *args, name=name, **kwargs)
        inner = global_state.get_global_attribute("name_scope_stack")
        caller = inner[-1].caller if inner else None
        old = RENAMED.get((type(caller).__name__, name), name) or "Variable"
        if isinstance(caller, keras.optimizers.Optimizer):
            old = OF_OPTIMIZERS.get(old, "training/{kind}/" + old).format(kind=type(caller).__name__)
        vars(self)[attributes.NAME] = f"{scopes.unique(old)}:0"

    return __init__


def known_name(variable: Any) -> str | None:
    """Return the name that Keras 2 would have given a variable; None for one made before k2compat was there."""
    return vars(variable).get(attributes.NAME)


def weight_name(variable: Any) -> str:
    """``Variable.name``: Keras 2's for a script, Keras 3's for a library."""
    if scopes.asked_by_library(scopes.caller()):
        return variable._name
    return known_name(variable) or f"{variable.path}:0"


def variable_operation(variable: Any) -> scopes.Operation:
    """``Variable.op``."""
    return scopes.operation(lambda: known_name(variable) or variable.path, scopes.caller(), "VarHandleOp")


def built_in_scope(original: Callable[..., Any]) -> Callable[..., Any]:
    """``build_from_config``, by which a layer read from a file gets its weights before it is called."""

    @functools.wraps(original)
    def build_from_config(self: Any, config: Any) -> None:
        if isinstance(self, keras.Model) or scopes.opened.stack:
            original(self, config)
            return
        with scopes.scope(self.name) as full:
            original(self, config)
        vars(self)[attributes.BUILT_IN] = full

    return build_from_config


def built_both_ways(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Bidirectional.build``, which builds the layer of each direction in a scope of its own."""

    @functools.wraps(original)
    def build(self: Any, *shapes: Any, **named_shapes: Any) -> None:
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                with scopes.scope(layer.name):
                    layer.build(*shapes[:1], **{name: shape for name, shape in named_shapes.items() if "seq" in name})
        original(self, *shapes, **named_shapes)

    return build


def tensor_names_repair() -> Repair:
    """Return the repair of the names of symbolic tensors."""
    tensor, inputs = keras.KerasTensor, keras.layers.InputLayer
    return Repair(
        "tensor_names",
        TENSOR_NAMES.format(now="in Keras 3 it is keras_tensor_7"),
        [
            (tensor, "name", property(tensor_name, lambda self, name: vars(self).__setitem__("name", name))),
            (tensor, "op", property(operation_of)),
            (inputs, "__init__", named_input(inputs.__init__)),
            (Functional, "input_names", property(lambda self: [t._keras_history[0].name for t in self.inputs])),
            (keras.Sequential, "input_names", property(lambda self: self._functional.input_names)),
            (keras.Sequential, "output_names", property(lambda self: self._functional.output_names)),
        ],
    )


def tensor_name(tensor: Any) -> str:
    """``KerasTensor.name``: Keras 2's for a script, Keras 3's for a library."""
    if scopes.asked_by_library(scopes.caller()):
        return vars(tensor)["name"]
    return name_of(tensor, Keras3(), traced_operation)


def operation_of(tensor: Any) -> scopes.Operation:
    """``KerasTensor.op``."""
    kind = "Placeholder" if Keras3().call_of(tensor) is None else None
    return scopes.operation(lambda: name_of(tensor, Keras3(), traced_operation), scopes.caller(), kind)


def named_input(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the constructor of input layers, whose tensors are named once each."""

    # Keras looks at the parameters, of which none may be any number by position.
    def __init__(self: Any, shape: Any = None, batch_size: Any = None, dtype: Any = None, **kwargs: Any) -> None:
        original(self, shape, batch_size, dtype, **kwargs)
        vars(self)[attributes.NAME] = scopes.input_name(self)

    return __init__


def traced_operation(layer: Any, node: Any, spy: Callable[[Any], None]) -> None:
    """Trace a layer's call on the shapes it was called with.

    Args:
        spy: is given what the call returns.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        result = layer.call(*args, **kwargs)
        spy(result)
        return result

    keras.src.backend.compute_output_spec(call, *node.arguments.args, **node.arguments.kwargs)
