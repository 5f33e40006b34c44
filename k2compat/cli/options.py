"""What the commands share in reading their options."""

from __future__ import annotations

import argparse
import functools
import sys
from typing import Any, NoReturn, TypeAlias

from k2compat.escaping import escaped

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

UNUSABLE = 3


class Parser(argparse.ArgumentParser):
    """A parser whose messages show arguments, which may be names of files, without letting them steer the terminal."""

    def _print_message(self, message: str, file: Any = None) -> None:
        super()._print_message(escaped(message), file)


def names(text: str) -> list[str]:
    """Return the names in ``a,b``."""
    return [name.strip() for name in text.split(",") if name.strip()]


def exit_with_3(parser: argparse.ArgumentParser) -> None:
    """Make a parser exit with 3 for options it does not know: in these commands 2 has another meaning."""
    parser.error = functools.partial(_unusable_option, parser)  # type: ignore[method-assign]


def _unusable_option(parser: argparse.ArgumentParser, message: str) -> NoReturn:
    parser.print_usage(sys.stderr)
    parser.exit(UNUSABLE, f"{parser.prog}: error: {message}\n")


class HelpFormatter(argparse.HelpFormatter):
    """Argparse's layout of a help text, with paragraphs where a blank line stands."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = [part for part in text.split("\n\n") if part.strip()]
        return "\n\n".join(super(HelpFormatter, self)._fill_text(part, width, indent) for part in paragraphs)
