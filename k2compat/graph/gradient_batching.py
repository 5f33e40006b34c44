"""Gradients of several losses with respect to the same tensors: one pass back for a few of them at a time.

The maps of every class of a network are as many passes back through the same layers. Passes that are stacked fill the
processor better than one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from k2compat.graph.gradient_node import GradientCall
from k2compat.graph.symbols import is_variable

# From so many losses on. Fewer are not worth the longer compilation.
FEWEST = 4
# So many passes back are stacked, and need as much more memory.
STACKED = 5


class Together:
    """Which gradients of a plan are computed together, and in which order its calls are run for that.

    Attributes:
        order: the calls of the plan.
        groups: identity of a gradient's call -> the calls that are computed with it, itself among them.
    """

    def __init__(self, order: Sequence[Any], phase: int):
        self.order = list(order)
        self.groups: dict[int, Sequence[GradientCall]] = {}
        alike: dict[Any, list[GradientCall]] = {}
        for call in order:
            if isinstance(call, GradientCall) and can_be_stacked(call):
                alike.setdefault(tuple(map(id, call.sources)), []).append(call)
        for group in alike.values():
            if len(group) >= FEWEST:
                self.groups.update((id(call), group) for call in group)
                self.order = postponed(self.order, group, phase)


def can_be_stacked(call: GradientCall) -> bool:
    """Return whether a gradient is of one loss, without loops between, and with respect to tensors only."""
    return not call.looped and len(call.losses) == 1 and not any(map(is_variable, call.sources))


def postponed(order: Sequence[Any], group: Sequence[GradientCall], phase: int) -> list[Any]:
    """Return an order in which all losses of a group are there before the first of its gradients."""
    members, held = set(map(id, group)), set[int]()
    early, late = [], []
    for call in order:
        if id(call) in members or any(id(thing) in held for thing in call.needs(phase)):
            late.append(call)
            held.update(map(id, call.outputs))
        else:
            early.append(call)
    return early + late


def stacked_gradients(tape: Any, losses: Sequence[Any], sources: Sequence[Any]) -> list[list[tf.Tensor]] | None:
    """Return the gradients of each loss with respect to each source; None where they cannot be computed together.

    Args:
        tape: a persistent ``tf.GradientTape`` that recorded the losses, and is recording.
        losses: tensors of any shape, each of which stands for its sum.
        sources: tensors.
    """
    if len({loss.dtype for loss in losses}) > 1 or not losses[0].dtype.is_floating:
        return None
    sums = tf.stack([tf.reduce_sum(loss) for loss in losses])

    def back(weights: tf.Tensor) -> list[tf.Tensor]:
        return [tf.convert_to_tensor(found) for found in tape.gradient(sums, sources, output_gradients=weights)]

    one_of_each = tf.eye(len(losses), dtype=sums.dtype)
    try:
        with tape.stop_recording():
            passes = [
                tf.vectorized_map(back, one_of_each[start : start + STACKED], fallback_to_while_loop=False)
                for start in range(0, len(losses), STACKED)
            ]
    except (ValueError, TypeError, NotImplementedError):  # a gradient that does not exist, or cannot be stacked
        return None
    return list(rows(passes))


def rows(passes: Sequence[Sequence[tf.Tensor]]) -> Iterator[list[tf.Tensor]]:
    """Yield the gradients of each loss, from those of a few losses stacked."""
    for stacked in passes:
        yield from map(list, zip(*map(tf.unstack, stacked), strict=True))
