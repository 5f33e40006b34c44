r"""Shows text from outside (code, names of files, texts of errors) without letting it steer the terminal.

Escape sequences set the title, fill the clipboard, clear the screen or hide what is written; marks of direction change
the order in which code is read. They are shown as Python would write them: ``\x1b``.
"""

from __future__ import annotations

import re
from typing import Any

# Control characters but for tab and line feed, marks of direction, other ends of lines, and halves of pairs, which
# names of files that are not UTF-8 have.
STEERING = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
IN_A_LINE = re.compile(rf"[\t\n]|{STEERING.pattern}")


def escaped(text: str) -> str:
    """Return a text whose lines and tabs stay, and whose other characters can be seen."""
    return STEERING.sub(_written_out, text)


def one_line(text: object) -> str:
    """Return a text in one line."""
    return IN_A_LINE.sub(_written_out, str(text))


def encoded_for(file: Any, text: str) -> str:
    """Return a text with what a file cannot encode written out."""
    encoding = getattr(file, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _written_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
