"""What ``add_update`` is given outside of the calls of a layer: by its ``build``, or by the program."""

from __future__ import annotations

from typing import Any

from k2compat import attributes
from k2compat.graph.context import evaluating
from k2compat.graph.evaluation import evaluate
from k2compat.graph.symbols import is_feedable, is_symbol, is_variable
from k2compat.graph.updates import Update, as_update

# An update or a pair (variable, value), and the symbolic tensors it is conditional on, None for none.
Kept = tuple[Any, list[Any] | None]


def kept_by(layer: Any) -> list[Kept]:
    """Return what a layer was given."""
    return list(vars(layer).get(attributes.KEPT_UPDATES, ()))


def moves(layer: Any) -> bool:
    """Return whether a layer has updates: one that is frozen has none, unless it keeps a state."""
    return bool(layer.trainable) or bool(getattr(layer, "stateful", False))


def is_of_inputs(update: Any) -> bool:
    """Return whether a new value depends on what is fed."""
    value = update.value if isinstance(update, Update) else update[1]
    return is_symbol(value) and is_feedable(value)


def needs_inputs(model: Any) -> bool:
    """Return whether updates of a functional model were given for symbolic tensors, which its own steps do not know."""
    layers = model.layers if getattr(model, "outputs", None) else ()
    return any(is_of_inputs(update) for layer in layers if moves(layer) for update, _ in kept_by(layer))


def run_kept(model: Any, is_training: bool) -> None:
    """Run the updates of the layers of a model that do not depend on inputs; in training, else of stateful layers.

    What a model itself was given Keras 2 did not run.
    """
    found = [
        as_update(update)
        for layer in model._flatten_layers(include_self=False)
        if getattr(layer, "stateful", False) or (is_training and layer.trainable)
        for update, _ in kept_by(layer)
        if not is_of_inputs(update)
    ]
    values = [value_of(update.value) for update in found]
    for update, value in zip(found, values, strict=True):
        update.run(value)


def value_of(value: Any) -> Any:
    """Return the value of an expression of weights; anything else as it is."""
    if not is_symbol(value) or is_variable(value):
        return value
    return evaluate([value], {}, 0, nested=evaluating())[0]
