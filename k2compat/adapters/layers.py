"""What layers had in Keras 2, for the layers of either Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.repair import Elsewhere


def shape_of(tensors: Any) -> Any:
    """Static shape as a tuple, a list of them for several tensors."""
    return [shape_of(tensor) for tensor in tensors] if isinstance(tensors, (list, tuple)) else tuple(tensors.shape)


def follows_phase(layer: Any, is_plain: Callable[[Any], bool], takes_training: Callable[[Any], bool]) -> bool:
    """Whether a layer computes otherwise in the training phase; many of Keras's own only have the argument."""
    if vars(layer).get("_k2compat_phased"):
        return True
    if not is_plain(layer):
        return takes_training(layer)
    kind = type(layer).__name__
    return "Dropout" in kind or kind in ("BatchNormalization", "GaussianNoise") or getattr(layer, "dropout", 0) != 0


def pinned(follows: Callable[[Any], bool]) -> Elsewhere:
    """What the layers of a nested model compute that keep to the phase they were built with.

    Args:
        follows: whether a layer computes otherwise in the training phase.
    """

    def touches(layer: Any, training: int | None) -> bool:
        built = vars(layer).get("_k2compat_training")
        return built is not None and (training is None or bool(built) != bool(training)) and follows(layer)

    return Elsewhere(
        touches,
        "the model around it tells it whether it is trained, not the phase it was built with.",
        "Use a subclass of the layer, whose call passes training= on as it was built.",
    )


def bilinear(kind: Any) -> Elsewhere:
    """What layers of a class compute that enlarge pictures."""
    return Elsewhere(
        lambda layer, _: isinstance(layer, kind) and layer.interpolation == "bilinear",
        "pixels are mapped by their centres instead of corners.",
        "Use a layer that calls tf.compat.v1.image.resize_bilinear.",
    )


def phased(is_plain: Callable[[Any], bool], takes_training: Callable[[Any], bool]) -> property:
    """``uses_learning_phase``, which layers of their own kind set in ``call``; a model asks its layers."""

    def uses_learning_phase(self: Any) -> bool:
        inner = self._flatten_layers(include_self=False)
        own = bool(vars(self).get("_k2compat_phased"))
        return own or any(follows_phase(layer, is_plain, takes_training) for layer in inner)

    def assign(self: Any, value: Any) -> None:
        vars(self)["_k2compat_phased"] = bool(value)  # past Keras's attribute tracking

    return property(uses_learning_phase, assign)


def with_setter(weights: property, track: Callable[[Any, Any], None]) -> property:
    """The property of a layer's weights, which can be set: what is set is tracked, and the layer's from then on."""

    def assign(self: Any, variables: Any) -> None:
        for variable in variables:
            track(self, getattr(variable, "holder", variable))

    return property(weights.fget, assign)


def called(original: Callable[..., Any], adapter: Any, being_called: Callable[[], bool], engine: Any) -> Any:
    """``Layer.__call__`` that takes our own symbolic tensors and keeps to the learning phase a layer was built with.

    Args:
        original: the method.
        adapter: that of the layers' Keras.
        being_called: whether a layer of this Keras is being called in this thread.
        engine: what repairs use of the engine.
    """

    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("training") is engine.phase_state.symbol:
            del kwargs["training"]  # what is fed for the phase decides, as without the argument
        args, kwargs = taking_symbols(args, kwargs, adapter, engine)
        chosen = kwargs.get("training", engine.phase_state.fixed)
        pinned = vars(self).get("_k2compat_training")
        if pinned is not None and being_called():
            kwargs["training"] = pinned
        result = original(self, *args, **kwargs)
        for tensor in tf.nest.flatten(result):
            if isinstance(tensor, adapter.symbolic_type) and hasattr(tensor, "_keras_history"):
                pin(self, tensor._keras_history, chosen)
        return result

    return __call__


def taking_symbols(args: Any, kwargs: Any, adapter: Any, engine: Any) -> tuple[Any, Any]:
    """The arguments of a layer with our own symbolic tensors as this Keras can take them."""

    def source(leaf: Any) -> Any:
        return adapter.source(leaf) if isinstance(leaf, engine.Lazy) else leaf

    if engine.evaluating():
        return engine.rebuild((args, kwargs), engine.present)
    if tf.executing_eagerly() and any(isinstance(leaf, engine.Lazy) for leaf in engine.leaves(args, kwargs)):
        return engine.rebuild((args, kwargs), source)
    return args, kwargs


def pin(layer: Any, history: Any, training: Any) -> None:
    """Notes the phase a layer was built with on its node; on the layer too, if all its calls agree.

    Args:
        history: of what the layer made: the layer, the number of its call, ...
    """
    maker, number, *_ = history
    if maker is not layer:
        return
    layer._inbound_nodes[number]._k2compat_training = training
    values = {getattr(node, "_k2compat_training", None) for node in layer._inbound_nodes}
    # Past Keras's own attribute tracking, which locks built layers.
    vars(layer)["_k2compat_training"] = values.pop() if len(values) == 1 else None
