"""Puts the calls of layers together to sub-models: from what is fed or differentiated to what is used outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from k2compat.codegen.lowering import Step, key
from k2compat.codegen.model_refs import Owner
from k2compat.graph.node import unique


class ModelCall:
    """Stands for the calls of the layers of a sub-model.

    Attributes:
        owner: the model the layers are in.
        entries, exits: expressions of the symbolic tensors between which it is cut.
        chosen_phase: the phase its layers were built to run in; None for that of the evaluation.
    """

    def __init__(self, owner: Owner, calls: Sequence[Any], entries: Sequence[str], exits: Sequence[str]):
        self.owner = owner
        self.calls = calls
        self.entries = list(entries)
        self.exits = list(exits)
        self.chosen_phase = next((call.chosen_phase for call in calls if call.takes_training), None)
        self.variables = [variable for call in calls for variable in call.variables]
        self.takes_training = True  # any model does
        self.name = "sub_model"


def grouped(steps: Sequence[Step], owners: Sequence[Owner], cuts: set[int], wanted: set[int], phase: Any) -> list[Step]:
    """Return the steps with those of layers put together where a sub-model can be cut out for them.

    Args:
        steps: in an order that can be run.
        owners: the models.
        cuts: identities of symbolic tensors that are differentiated or fed: nothing goes past them inside a sub-model.
        wanted: identities of what is fetched.
        phase: the learning phase of the evaluation, None if it is an argument.
    """
    parts = list(components(steps, owners, cuts))
    users = {number: outside_of(steps, part) | wanted for number, part in enumerate(parts)}
    replaced: dict[int, Step | None] = {}
    for number, (owner, part) in enumerate((owner_of(part[0], owners), part) for part in parts):
        step = cut_out(owner, part, users[number], phase) if owner is not None and len(part) > 1 else None
        if step is not None:
            replaced.update(dict.fromkeys(map(id, part)))
            replaced[id(part[-1])] = step
    found = [replaced.get(id(step), step) for step in steps]
    return in_order([step for step in found if step is not None])


def owner_of(step: Step, owners: Sequence[Owner]) -> Owner | None:
    """Return the model that the call of a layer belongs to."""
    return (
        next((owner for owner in owners if id(step.call.operation) in owner.operations), None)
        if step.is_layer
        else None
    )


def components(steps: Sequence[Step], owners: Sequence[Owner], cuts: set[int]) -> list[list[Step]]:
    """Calls of layers of one model that are connected, with nothing else and no cut between them."""
    depth: dict[int, int] = {}
    place: dict[int, tuple[Any, int]] = {}
    for step in steps:
        owner = owner_of(step, owners)
        behind = [
            depth.get(key(item), 0)
            + ((key(item) in cuts and key(item) in place) or place.get(key(item), (owner, 0))[0] is not owner)
            for item in step.inputs
        ]
        level = max(behind, default=0)
        for output in step.outputs:
            depth[id(output)], place[id(output)] = level, (owner, level)
    groups: dict[int, list[Step]] = {}
    of_tensor: dict[tuple[int, Any, int], list[Step]] = {}
    for step in steps:
        owner = owner_of(step, owners)
        if owner is None or not step.outputs:
            continue
        level = depth[id(step.outputs[0])]
        group = [step]
        groups[id(step)] = group
        for item in [*step.inputs, *step.outputs]:
            at = (key(item), id(owner), level)
            other = of_tensor.get(at)
            if other is not None and other is not group:
                other.extend(group)
                for member in group:
                    groups[id(member)] = other
                for known, members in of_tensor.items():
                    if members is group:
                        of_tensor[known] = other
                group = other
            of_tensor[at] = group
    position = {id(step): number for number, step in enumerate(steps)}
    return [sorted(group, key=lambda step: position[id(step)]) for group in unique(groups.values())]


def outside_of(steps: Sequence[Step], part: Sequence[Step]) -> set[int]:
    """Keys of what the other steps use."""
    inside = set(map(id, part))
    return {key(item) for step in steps if id(step) not in inside for item in step.inputs}


def cut_out(owner: Owner, part: Sequence[Step], used: set[int], phase: Any) -> Step | None:
    """Return the step of a sub-model, None if one of its ends has no name in the model, or its layers run in two
    phases.
    """
    made = {id(output) for step in part for output in step.outputs}
    entries = unique(item for step in part for item in step.inputs if key(item) not in made)
    exits = [output for step in part for output in step.outputs if id(output) in used]
    texts = [[owner.tensors.get(id(end), "") for end in ends] for ends in (entries, exits)]
    phases = {
        phase if step.call.chosen_phase is None else bool(step.call.chosen_phase)
        for step in part
        if step.call.takes_training
    }
    if not entries or not exits or "" in texts[0] + texts[1] or len(phases) > 1:
        return None
    return Step(ModelCall(owner, [step.call for step in part], texts[0], texts[1]), entries, exits)


def in_order(steps: Sequence[Step]) -> list[Step]:
    """Steps, each behind those it needs, otherwise in the order they were in."""
    maker = {identity: step for step in steps for identity in step.makes}
    found: list[Step] = []
    done: set[int] = set()
    stack = [(step, False) for step in reversed(steps)]
    while stack:
        step, opened = stack.pop()
        if id(step) in done:
            continue
        if opened:
            done.add(id(step))
            found.append(step)
            continue
        stack.append((step, True))
        needs = [maker[key(item)] for item in step.inputs if key(item) in maker]
        stack.extend((need, False) for need in reversed(needs))
    return found
