"""What layers had in Keras 2, for the layers of either Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.added_updates import calling, catching
from k2compat.adapters.inner_layers import enclose, listening
from k2compat.adapters.tensor_names import is_of_keras
from k2compat.graph.context import evaluating
from k2compat.graph.dispatch import present
from k2compat.graph.learning_phase import phase_state
from k2compat.graph.nested import leaves, rebuild
from k2compat.graph.record import record
from k2compat.graph.symbols import LIVE
from k2compat.naming import scopes
from k2compat.naming.graph_code import is_for_tensorflows_keras
from k2compat.ops.shapes import resize_images
from k2compat.repair.shared.inner_outputs import stand_for
from k2compat.repair.table import Elsewhere


def follows_phase(layer: Any, is_plain: Callable[[Any], bool], takes_training: Callable[[Any], bool]) -> bool:
    """Return whether a layer computes otherwise in the training phase; many of Keras's own only have the argument."""
    if vars(layer).get(attributes.PHASED):
        return True
    if not is_plain(layer):
        return takes_training(layer)
    kind = type(layer).__name__
    return "Dropout" in kind or kind in ("BatchNormalization", "GaussianNoise") or getattr(layer, "dropout", 0) != 0


def pinned(follows: Callable[[Any], bool]) -> Elsewhere:
    """Return what the layers of a nested model compute that keep to the phase they were built with.

    Args:
        follows: whether a layer computes otherwise in the training phase.
    """

    def touches(layer: Any, training: int | None) -> bool:
        built = vars(layer).get(attributes.TRAINING)
        return built is not None and (training is None or bool(built) != bool(training)) and follows(layer)

    return Elsewhere(
        touches,
        "the model around it tells it whether it is trained, not the phase it was built with.",
        "Use a subclass of the layer, whose call passes training= on as it was built.",
    )


def bilinear(kind: Any) -> Elsewhere:
    """Return what layers of a class compute that enlarge pictures."""
    return Elsewhere(
        lambda layer, _: isinstance(layer, kind) and layer.interpolation == "bilinear",
        "pixels are mapped by their centres instead of corners.",
        "Use a layer that calls tf.compat.v1.image.resize_bilinear.",
    )


def phased(is_plain: Callable[[Any], bool], takes_training: Callable[[Any], bool]) -> property:
    """``uses_learning_phase``, which layers of their own kind set in ``call``; a model asks its layers."""

    def uses_learning_phase(self: Any) -> bool:
        inner = self._flatten_layers(include_self=False)
        own = bool(vars(self).get(attributes.PHASED))
        return own or any(follows_phase(layer, is_plain, takes_training) for layer in inner)

    def assign(self: Any, value: Any) -> None:
        vars(self)[attributes.PHASED] = bool(value)  # past Keras's attribute tracking

    return property(uses_learning_phase, assign)


def called(
    original: Callable[..., Any],
    adapter: Any,
    being_called: Callable[[], bool],
    takes_training: Callable[[Any], bool],
) -> Any:
    """``Layer.__call__`` that takes our own symbolic tensors and keeps to the learning phase a layer was built with.

    Args:
        original: the method.
        adapter: that of the layers' Keras.
        being_called: whether a layer of this Keras is being called in this thread.
        takes_training: whether the ``call`` of a layer has a ``training`` argument.
    """
    run = catchable(original, lambda layer: takes_training(layer) and not is_of_keras(layer, adapter))

    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
        vars(self).pop(attributes.CALL_LOSSES, None)
        if kwargs.get("training") is phase_state.symbol:
            del kwargs["training"]  # what is fed for the phase decides, as without the argument
        args, kwargs = taking_symbols(args, kwargs, adapter)
        chosen = kwargs.get("training", phase_state.fixed)
        pinned = vars(self).get(attributes.TRAINING)
        if pinned is not None and being_called():
            kwargs["training"] = pinned
        if evaluating():
            result = unpacked(self, run(self, args, kwargs), adapter)
            return result if listening.listener is None else listening.listener(self, args, result)
        symbolic = any(isinstance(leaf, adapter.symbolic_type) for leaf in leaves(args, kwargs))
        in_line = isinstance(self, adapter.package.Sequential)
        had_graph = in_line and bool(getattr(self, "outputs", None))
        with scopes.of_call(self, isinstance(self, adapter.package.Model), symbolic) as scope:
            result = unpacked(self, original(self, *args, **kwargs), adapter)
        if scopes.opened.seen is not None:
            see(self, args, result)
        for tensor in tf.nest.flatten(result):
            if isinstance(tensor, adapter.symbolic_type) and hasattr(tensor, "_keras_history"):
                pin(self, tensor._keras_history, chosen, scope)
        if symbolic:
            enclose(self, lambda layer: calls_layers(layer, adapter))
            if in_line:
                stand_for(self, args, had_graph)
        return result

    return __call__


def catchable(original: Callable[..., Any], takes_phase: Callable[[Any], bool]) -> Callable[..., Any]:
    """``Layer.__call__`` of which it is known that it goes on where updates are caught.

    Args:
        original: the method.
        takes_phase: whether a layer is of a program's own class, and its ``call`` has a ``training`` argument.
    """

    def run(self: Any, args: Any, kwargs: Any) -> Any:
        if catching.found is None:
            return original(self, *args, **kwargs)
        if catching.without_phase and takes_phase(self):
            kwargs.setdefault("training", None)
        with calling(self, tf.nest.flatten(args[:1])):
            return original(self, *args, **kwargs)

    return run


def calls_layers(layer: Any, adapter: Any) -> bool:
    """Return whether a layer is of a program's own class, whose ``call`` calls the layers in it."""
    return not is_of_keras(layer, adapter) and not getattr(layer, "outputs", None)


def unpacked(layer: Any, result: Any, adapter: Any) -> Any:
    """Return what the call of a layer gave; of a list of one tensor, the tensor.

    Models have their own rule, and layers written for the Keras in TensorFlow, which left the list alone.
    """
    if type(result) is not list or len(result) != 1 or isinstance(layer, adapter.package.Model):
        return result
    return result if is_for_tensorflows_keras(type(layer)) else result[0]


def see(layer: Any, args: Any, result: Any) -> None:
    """Note which layer made a tensor, while an outer layer is traced."""
    shapes = [tuple(leaf.shape) for leaf in tf.nest.flatten(args) if hasattr(leaf, "shape")]
    scopes.opened.seen.update((id(tensor), (layer, shapes)) for tensor in tf.nest.flatten(result))  # type: ignore[union-attr]


def taking_symbols(args: Any, kwargs: Any, adapter: Any) -> tuple[Any, Any]:
    """Return the arguments of a layer with our own symbolic tensors as this Keras can take them."""

    def source(leaf: Any) -> Any:
        return adapter.source(leaf) if isinstance(leaf, LIVE) else leaf

    if evaluating():
        return rebuild((args, kwargs), present)
    if tf.executing_eagerly() and any(isinstance(leaf, LIVE) for leaf in leaves(args, kwargs)):
        return rebuild((args, kwargs), source)
    return args, kwargs


def pin(layer: Any, history: Any, training: Any, scope: str | None) -> None:
    """Note the phase a layer was built with on its node; on the layer too, if all its calls agree.

    Args:
        history: of what the layer made: the layer, the number of its call, ...
        scope: the name scope of the call, noted on the node, too.
    """
    maker, number, *_ = history
    if maker is not layer:
        return
    setattr(layer._inbound_nodes[number], attributes.TRAINING, training)
    setattr(layer._inbound_nodes[number], attributes.SCOPE, scope)
    values = {getattr(node, attributes.TRAINING, None) for node in layer._inbound_nodes}
    # Past Keras's own attribute tracking, which locks built layers.
    vars(layer)[attributes.TRAINING] = values.pop() if len(values) == 1 else None


def upsampling(original: Callable[..., Any]) -> Callable[..., Any]:
    """``UpSampling2D.call`` with Keras 2's bilinear interpolation."""

    @functools.wraps(original)
    def call(self: Any, inputs: Any) -> Any:
        if self.interpolation != "bilinear":
            return original(self, inputs)
        height, width = self.size
        return resize_images(inputs, height, width, self.data_format, "bilinear")

    return call


def symbol_of(tensor: Any) -> Any:
    """Return a tensor with a value as one of our symbolic tensors, which inputs can have their values from."""
    return record(lambda: tensor, (), {})
