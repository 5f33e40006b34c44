"""The console that reports are printed to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from k2compat.escaping import STEERING, escaped

# What --color asks of a console; by itself it has colours on a terminal, unless NO_COLOR is in the environment.
CHOICES: dict[str, dict[str, Any]] = {
    "auto": {},
    "always": {"force_terminal": True, "color_system": "standard", "no_color": False},
    "never": {"color_system": None},
}
_choice: ContextVar[str] = ContextVar("choice", default="auto")


@contextmanager
def colored(choice: str) -> Iterator[None]:
    """Choose, in a block, whether consoles have colours: one of ``CHOICES``."""
    before = _choice.set(choice)
    try:
        yield
    finally:
        _choice.reset(before)


class EscapingConsole(Console):
    """A console that shows everything it is given escaped, in tables too; its own colours it writes as ever."""

    def __init__(self, **options: Any):
        super().__init__(**{**options, **CHOICES[_choice.get()]})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render, with the text escaped."""
        for segment in super().render(renderable, options):
            if segment.control or not STEERING.search(segment.text):
                yield segment
            else:
                yield Segment(escaped(segment.text), segment.style)
