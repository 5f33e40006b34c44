"""The console that reports are printed to."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from k2compat.escaping import STEERING, escaped


class EscapingConsole(Console):
    """A console that shows everything it is given escaped, in tables too; its own colours it writes as ever."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render, with the text escaped."""
        for segment in super().render(renderable, options):
            if segment.control or not STEERING.search(segment.text):
                yield segment
            else:
                yield Segment(escaped(segment.text), segment.style)
