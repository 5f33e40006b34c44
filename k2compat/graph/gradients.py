"""``gradients``: which gradients exist is decided when they are asked for, their values come from the evaluation's
tape.
"""

from __future__ import annotations

from collections.abc import ValuesView
from typing import Any

import tensorflow as tf

from k2compat.adapters.registry import adapter
from k2compat.errors import K2RuntimeError, K2TypeError, NeedsTrace, three_parts
from k2compat.graph import context
from k2compat.graph.connectivity import connected, dense, is_smooth
from k2compat.graph.dispatch import present
from k2compat.graph.evaluation import gradients_in_graph
from k2compat.graph.gradient_node import GradientCall
from k2compat.graph.node import Placeholders
from k2compat.graph.none_gradients import absence_note, explain_absence
from k2compat.graph.record import attach
from k2compat.graph.symbols import is_symbol, is_variable, spec_of, variable_of


def gradients(loss: Any, variables: Any) -> list[Any]:
    """Gradients of a loss.

    Args:
        loss: symbolic tensor of any shape (its elements are summed), or a list of them.
        variables: one or a list or tuple of symbolic tensors and variables.

    Returns:
        A list with a symbolic tensor for each variable, of its shape and dtype; None for a variable that the loss does
        not depend on differentiably.

    Raises:
        TypeError: the loss or a variable is no tensor.
        RuntimeError: called with tensors that already have values, outside a traced function.
    """
    losses = [adapter().as_tensor(item) for item in as_list(loss)]
    sources = [adapter().as_tensor(item) for item in as_list(variables)]
    check(losses, "loss")
    check(sources, "variables")
    if context.evaluating() or not tf.executing_eagerly() or not any(map(is_recorded, losses)):
        return with_values(losses, sources)
    found, looped, taken = connected(losses, sources)
    kept = [source for source, reached in zip(sources, found, strict=True) if reached]
    if len(kept) < len(sources):
        explain_absence(losses, sources, found)
    if not kept:
        return [None] * len(sources)
    call = GradientCall(losses, kept, looped, taken)
    made = iter(attach(call, [dense(spec_of(source)) for source in kept]))
    return [next(made) if reached else None for reached in found]


def is_recorded(loss: Any) -> bool:
    """Return whether a loss is something whose value is not settled yet; a weight is, too."""
    return is_symbol(loss) or is_variable(loss)


def with_values(losses: list[Any], sources: list[Any]) -> list[Any]:
    """Gradients between tensors of a graph being traced, or symbolic ones that have a value there."""
    if tf.executing_eagerly():
        if context.evaluating():
            raise NeedsTrace
        raise K2RuntimeError(
            three_parts(
                f"K.gradients of a loss that has a value already ({losses[0]!r})",
                "a symbolic loss: an expression of model outputs, placeholders or K.variables.",
                "build the loss from symbolic tensors and run it with K.function, or use tf.GradientTape around the "
                "eager computation.",
            )
        )
    losses, sources = (
        [present(loss) for loss in losses],
        [variable_of(item) if is_variable(item) else present(item) for item in sources],
    )
    return with_stand_ins(gradients_in_graph(losses, sources), losses, sources)


def with_stand_ins(found: list[Any], losses: list[Any], sources: list[Any]) -> list[Any]:
    """Return gradients between tensors of a graph being traced; where these are placeholders that are not connected
    there, with what stands for the gradients.
    """
    if not (adapter().inferring_shapes() or isinstance(context.evaluation(), Placeholders)):
        return found
    return [
        connected_stand_in(losses, source) if gradient is None and is_smooth(source.dtype) else gradient
        for source, gradient in zip(sources, found, strict=True)
    ]


def connected_stand_in(losses: list[Any], source: Any) -> Any:
    """Something of a source's shape that depends on loss and source, for a trace between placeholders that are not
    connected.
    """
    return tf.add_n([tf.reduce_sum(loss) for loss in losses]) * tf.ones_like(source) + source


def check(items: list[Any], role: str) -> None:
    """Refuse what cannot be differentiated."""
    for item in items:
        if not (is_symbol(item) or is_variable(item) or tf.is_tensor(item)):
            raise K2TypeError(
                three_parts(
                    f"K.gradients(loss, variables) with {role}={item!r} of type {type(item).__name__}"
                    + absence_note(item),
                    "symbolic tensors: model outputs, layer outputs, placeholders, weights, K.variables, or "
                    "expressions of them.",
                    "pass layer.output instead of its value, and keep NumPy out of the path between them.",
                )
            )


def as_list(thing: Any) -> list[Any]:
    return list(thing) if isinstance(thing, (list, tuple, ValuesView)) else [thing]
