"""What the written code says of layers that compute otherwise where the repairs of Keras are not applied."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from k2compat.adapters import adapter
from k2compat.adapters.repair import TABLE
from k2compat.graph.source.layout import INDENT, WIDTH

FIRST = "Written with repairs of Keras in place; where they are not, numbers are others:"


def remarks(calls: Iterable[Any], phase: int | None) -> list[str]:
    """Comments on the layers that stand on a repair; none if there are no such.

    Args:
        calls: the calls of layers.
        phase: the learning phase; None if it is an argument.
    """
    concerned: dict[str, tuple[list[str], Any]] = {}
    for call in calls:
        training = phase if call.chosen_phase is None else int(call.chosen_phase)
        for name, part in parts_of(call.operation):
            for repair in TABLE:
                if repair.active and repair.elsewhere is not None and repair.elsewhere.touches(part, training):
                    names, _ = concerned.setdefault(repair.name, ([], repair.elsewhere))
                    names.extend([] if name in names else [name])
    texts = [
        f"- {repair} of {', '.join(names)}: {elsewhere.difference} {elsewhere.advice}"
        for repair, (names, elsewhere) in concerned.items()
    ]
    return [line for text in ([FIRST, *texts] if texts else []) for line in comment(text)]


def parts_of(operation: Any) -> Iterator[tuple[str, Any]]:
    """A layer, and what is in it (cells, wrapped layers), each with the name in quotes by which a model has it."""
    if isinstance(operation, adapter().package.Model):
        for layer in operation.layers:
            yield from parts_of(layer)
    elif hasattr(operation, "_flatten_layers"):
        yield from ((f'"{operation.name}"', part) for part in operation._flatten_layers())


def comment(text: str) -> list[str]:
    """A text as lines of a comment in a function."""
    hanging = "  " if text.startswith("-") else ""
    start = f"{INDENT}# "
    return textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=start + hanging, break_long_words=False)
