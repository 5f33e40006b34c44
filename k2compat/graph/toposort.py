"""Walks recorded expressions, always without recursion: scripts build chains of many thousand calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from k2compat.graph.node import call_of


def in_order(
    targets: Iterable[Any], known: Callable[[Any], bool], needs: Callable[[Any], Sequence[Any]]
) -> tuple[list[Any], list[Any]]:
    """Calls that make the targets, each behind the calls it needs.

    Args:
        targets: symbolic tensors and variables.
        known: whether a symbolic tensor has a value already, so that nothing above it is visited.
        needs: what a call needs.

    Returns:
        The calls in an order that can be run, and the leaves met: symbolic tensors without a call, and variables.
    """
    order: list[Any] = []
    found: dict[int, Any] = {}
    done: set[int] = set()
    stack: list[tuple[Any, bool]] = [(target, False) for target in reversed(list(targets))]
    while stack:
        thing, opened = stack.pop()
        if opened:
            if id(thing) not in done:
                done.add(id(thing))
                order.append(thing)
            continue
        if known(thing):
            continue
        call = call_of(thing)
        if call is None:
            found[id(thing)] = thing
        elif id(call) not in done:
            stack.append((call, True))
            stack.extend((need, False) for need in reversed(needs(call)))
    return order, list(found.values())
