"""The command line: ``python -m k2compat`` and the console script ``k2compat``.

A command is a file of this folder that is listed in ``COMMANDS``. It has ``add_parser(subparsers)``, which sets ``run``
as the parser's default, and ``run(options)``, which returns the exit code. What a command needs is imported when it
runs, so that ``--help`` does not wait for TensorFlow.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from k2compat.cli.options import UNUSABLE, HelpFormatter, Parser
from k2compat.cli.signals import as_exceptions
from k2compat.cli.terminal import say
from k2compat.version import version

# In the order in which --help lists them.
COMMANDS = ("demo", "run", "migrate", "audit", "parity", "repairs", "api", "info")
PROGRAMS = ("run",)  # those in which a program of the user handles signals
SHELLS = ("bash", "zsh", "tcsh")
COLORS = ("auto", "always", "never")
COLOR = "whether to print in colours (default: auto, on a terminal, unless NO_COLOR is set)"
INTERRUPTED, ENDED = 130, 128


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; without a command, print the help.

    Returns:
        The exit code; 2 for what the user can correct, which is reported in one line on stderr; 130 after Ctrl-C, and
        143 after SIGTERM.
    """
    arguments = parser()
    options = arguments.parse_args(argv)
    if options.print_completion:
        return print_completion(arguments, options.print_completion)
    if options.command is None:
        arguments.print_help()
        return 0
    if options.command in PROGRAMS:
        return int(options.run(options))
    from k2compat.screen import colored

    with as_exceptions() as signals, colored(options.color):
        try:
            code = int(options.run(options))
        except KeyboardInterrupt:
            say(f"k2compat {options.command}: interrupted")
            code = INTERRUPTED
    return ENDED + signals[0] if signals else code


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each command's help ends with its example."""
    arguments = Parser(
        prog="k2compat",
        description="Runs code written for the graph-mode Keras backend under eager TensorFlow 2.",
        epilog="`k2compat COMMAND --help` explains a command, with an example.",
    )
    arguments.add_argument("--version", action="version", version=f"k2compat {version()}")
    arguments.add_argument("--print-completion", choices=SHELLS, help="print what completes commands in this shell")
    subparsers = arguments.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for command in COMMANDS:
        module = import_module(f"{__name__}.{command}")
        module.add_parser(subparsers)
        subparser = subparsers.choices[command]
        if command not in PROGRAMS:
            subparser.add_argument("--color", choices=COLORS, default="auto", help=COLOR)
        subparser.formatter_class = HelpFormatter
        subparser.epilog = f"{subparser.epilog or ''}\n\nExample: {module.EXAMPLE}"
    return arguments


def print_completion(arguments: argparse.ArgumentParser, shell: str) -> int:
    """Print the completion of all commands for a shell, which shtab writes."""
    try:
        shtab = import_module("shtab")
    except ModuleNotFoundError:
        print("k2compat: --print-completion needs shtab. Run: pip install shtab", file=sys.stderr)
        return UNUSABLE
    print(shtab.complete(arguments, shell))
    return 0
