"""The penalties of ``activity_regularizer=`` as Keras 2 had them, for the models of either Keras."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import tensorflow as tf

from k2compat.repair.table import Repair

REASON = (
    "The penalty of activity_regularizer= was that of the whole batch; now it is divided by the batch size, so that "
    "the same factor weighs a 32nd in batches of 32. (Keras 3 leaves out that of a layer in TimeDistributed, "
    "and that of SimpleRNN.)"
)


def repair(patches: Iterable[tuple[Any, str, Any]]) -> Repair:
    """Return the repair of a Keras, by what it has to set."""
    return Repair("activity_regularizer", REASON, list(patches))


class Undivided:
    """``keras.ops`` for the one division by the batch size; everything else is its own."""

    def __init__(self, ops: Any):
        self._ops = ops

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ops, name)

    @staticmethod
    def divide_no_nan(penalty: Any, batch_size: Any) -> Any:
        return penalty


def penalties(model: Any, keras: Any) -> Iterator[tuple[Callable[..., Any], Any]]:
    """Yield what a functional model's layers give for being regularized, layer by layer, those in nested models too.

    Args:
        model: the model; other than functional ones have none.
        keras: the package of its Keras.

    Yields:
        The regularizer, and the symbolic tensor to call it on.
    """
    functional = getattr(model, "_functional", None) or model
    within = {id(node) for nodes in getattr(functional, "_nodes_by_depth", {}).values() for node in nodes}
    for layer in functional.layers if within else ():
        for node in layer._inbound_nodes:
            if id(node) not in within:
                continue
            if isinstance(layer, keras.Model):
                inner = list(penalties(layer, keras))
                outputs = (
                    keras.Model(layer.inputs, [tensor for _, tensor in inner])(node.input_tensors) if inner else []
                )
                yield from zip((function for function, _ in inner), tf.nest.flatten(outputs), strict=True)
                continue
            function = regularizer_of(layer)
            yield from ((function, tensor) for tensor in tf.nest.flatten(node.output_tensors) if function is not None)


def regularizer_of(layer: Any) -> Any:
    """Return the regularizer of what a layer gives, that of the layer inside for a wrapper; None if there is none."""
    inside = (getattr(layer, name, None) for name in ("layer", "forward_layer"))
    found = (getattr(holder, "activity_regularizer", None) for holder in (layer, *inside))
    return next((function for function in found if function is not None), None)


def handing_on(original: Callable[..., Any]) -> Callable[..., Any]:
    """``TimeDistributed.__init__``: the wrapper has the regularizer of its layer, which Keras 3 passes over."""

    @functools.wraps(original)
    def __init__(self: Any, layer: Any, **kwargs: Any) -> None:
        original(self, layer, **kwargs)
        self.activity_regularizer = regularizer_of(self)

    return __init__


def regularizing(original: Callable[..., Any], get: Callable[[Any], Any]) -> Callable[..., Any]:
    """``SimpleRNN.__init__`` with the regularizer it is given, which Keras 3 drops; ``get`` finds it by its name."""
    signature = inspect.signature(original)

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if self.activity_regularizer is None:
            self.activity_regularizer = get(signature.bind(self, *args, **kwargs).arguments.get("activity_regularizer"))

    vars(__init__)["__signature__"] = signature  # Keras reads it
    return __init__
