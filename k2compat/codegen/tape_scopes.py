"""Where the tapes open and close: each holds what lies between the tensors it watches and its losses, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from k2compat.codegen.lowering import GradientStep, Step, key


class Tape:
    """A block of steps under a tape, and the gradients taken when it is closed.

    Attributes:
        level: the order of differentiation, from 1.
        watched: what is there before the block.
        body: the steps, and tapes of lower order.
        gradients: of this level.
        late: keys of sources made in the block that depend on no other source.
    """

    def __init__(self, level: int, watched: list[Any], body: list[Any], gradients: list[GradientStep], late: set[int]):
        self.level = level
        self.watched = watched
        self.body = body
        self.gradients = gradients
        self.late = late


def scheduled(steps: Sequence[Step]) -> list[Any]:
    """Steps, which can be run in this order, and tapes."""
    levels: dict[int, int] = {}
    orders: dict[int, int] = {}
    for step in steps:
        wanted = step.losses if isinstance(step, GradientStep) else step.inputs
        order = max((orders.get(key(item), 0) for item in wanted), default=0)
        if isinstance(step, GradientStep):
            order = levels[id(step.call)] = order + 1
        orders.update(dict.fromkeys(step.makes, order))
    return schedule(steps, levels, max(levels.values(), default=0))


def schedule(steps: Sequence[Step], levels: Mapping[int, int], level: int) -> list[Any]:
    """Steps and tapes, in order.

    Args:
        steps: in an order that can be run.
        levels: identity of a gradient's call -> its order of differentiation.
        level: the highest one.
    """
    gradients = [step for step in steps if isinstance(step, GradientStep) and levels[id(step.call)] == level]
    if not gradients:
        return list(steps) if level <= 1 else schedule(steps, levels, level - 1)
    body = with_lower_ones(steps, core(steps, gradients), levels, level)
    held = made_by(body)
    needed = behind(steps, [*gradients, *(step for step in body if isinstance(step, GradientStep))])
    before = []
    for step in steps:
        if step in needed and step not in body and step not in gradients:
            if step.uses & held:
                body.add(step)
                held |= step.makes
            else:
                before.append(step)
    inside = [step for step in steps if step in body]
    done = {*before, *body, *gradients}
    after = [step for step in steps if step not in done]
    sources = {key(source): source for step in gradients for source in step.sources}
    watched = [source for identity, source in sources.items() if identity not in held]
    beyond = made_by(downstream(inside, {key(source) for source in watched}))
    tape = Tape(level, watched, schedule(inside, levels, level - 1), gradients, set(sources) & (held - beyond))
    return [*schedule(before, levels, level), tape, *gradients_last(after, levels, level)]


def gradients_last(after: Sequence[Step], levels: Mapping[int, int], level: int) -> list[Any]:
    """Return what follows a tape may open others of lower order."""
    return schedule(after, levels, level - 1) if level > 1 else list(after)


def core(steps: Sequence[Step], gradients: Sequence[GradientStep]) -> set[Step]:
    """Return the steps between the sources of gradients and their losses."""
    starts = {key(source) for step in gradients for source in step.sources}
    return set(downstream(steps, starts)) & behind(steps, gradients) - set(gradients)


def with_lower_ones(steps: Sequence[Step], body: set[Step], levels: Mapping[int, int], level: int) -> set[Step]:
    """Return a block with all that gradients of lower order, some of which it holds, need under their own tapes."""
    lower = [step for step in steps if isinstance(step, GradientStep) and levels[id(step.call)] < level]
    size = -1
    while size < len(body):
        size = len(body)
        for step in lower:
            held = core(steps, [step]) | {step}
            if held & body:
                body = body | held
    return body


def downstream(steps: Iterable[Step], starts: set[int]) -> list[Step]:
    """Return the steps that depend on some keys."""
    reached, found = set(starts), []
    for step in steps:
        if step.uses & reached:
            found.append(step)
            reached |= step.makes
    return found


def behind(steps: Sequence[Step], gradients: Sequence[GradientStep]) -> set[Step]:
    """Return the steps that the losses of gradients depend on."""
    wanted = {key(loss) for step in gradients for loss in step.losses}
    found = set()
    for step in reversed(steps):
        if step.makes & wanted:
            found.add(step)
            wanted |= step.uses
    return found


def made_by(steps: Iterable[Step]) -> set[int]:
    return {identity for step in steps for identity in step.makes}
