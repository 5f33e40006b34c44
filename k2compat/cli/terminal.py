"""The terminal that the commands print to."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from k2compat.escaping import encoded_for, one_line

if TYPE_CHECKING:
    from k2compat.screen import EscapingConsole

WIDTH_OF_FILES = 120


def console() -> EscapingConsole:
    """Return the terminal; a file or a pipe gets a fixed width, so that paths and tables stay whole."""
    from k2compat.screen import EscapingConsole

    width = None if sys.stdout.isatty() else WIDTH_OF_FILES
    # No markup: paths may have brackets and colons in them.
    return EscapingConsole(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


def say(*lines: object, file: Any = None) -> None:
    """Print lines to stderr, or another file, whatever is in them."""
    file = file or sys.stderr
    for line in lines:
        print(encoded_for(file, one_line(line)), file=file)


def tell_links(links: Iterable[object]) -> None:
    """Say which links in folders are left out."""
    say(*(f"{link}: skipped, a link that leads out of the folder; name its file to include it" for link in links))
