"""What the written code says of layers that compute otherwise where the repairs of Keras are not applied."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from k2compat.adapters.registry import adapter
from k2compat.line_folding import INDENT, WIDTH

FIRST = "Written with repairs of Keras in place; where they are not, numbers are others:"


class Caveat(Protocol):
    """What a layer computes where a repair is not applied; see ``k2compat.repair.table.Elsewhere``."""

    @property
    def touches(self) -> Callable[[Any, int | None], bool]: ...

    @property
    def difference(self) -> str: ...

    @property
    def advice(self) -> str: ...


# Give the name and the caveat of each repair that is applied; whoever applies repairs adds itself.
SOURCES: list[Callable[[], Iterable[tuple[str, Caveat]]]] = []


def remarks(calls: Iterable[Any], phase: int | None) -> list[str]:
    """Comment on the layers that stand on a repair; none if there are no such.

    Args:
        calls: the calls of layers.
        phase: the learning phase; None if it is an argument.
    """
    concerned: dict[str, tuple[list[str], Any]] = {}
    for call in calls:
        training = phase if call.chosen_phase is None else int(call.chosen_phase)
        for name, part in parts_of(call.operation):
            for repair, caveat in (pair for source in SOURCES for pair in source()):
                if caveat.touches(part, training):
                    names, _ = concerned.setdefault(repair, ([], caveat))
                    names.extend([] if name in names else [name])
    texts = [
        f"- {repair} of {', '.join(names)}: {elsewhere.difference} {elsewhere.advice}"
        for repair, (names, elsewhere) in concerned.items()
    ]
    return [line for text in ([FIRST, *texts] if texts else []) for line in comment(text)]


def parts_of(operation: Any) -> Iterator[tuple[str, Any]]:
    """Yield a layer, and what is in it (cells, wrapped layers), each with the name in quotes by which a model has
    it.
    """
    if isinstance(operation, adapter().package.Model):
        for layer in operation.layers:
            yield from parts_of(layer)
    elif hasattr(operation, "_flatten_layers"):
        yield from ((f'"{operation.name}"', part) for part in operation._flatten_layers())


def comment(text: str) -> list[str]:
    """Return a text as lines of a comment in a function."""
    hanging = "  " if text.startswith("-") else ""
    start = f"{INDENT}# "
    return textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=start + hanging, break_long_words=False)
