"""``k2compat run``: runs an old program as it is."""

from __future__ import annotations

import argparse
from pathlib import Path

from k2compat.cli.options import HelpFormatter, Parser

DESCRIPTION = (
    "Runs a script, a module or a notebook as `python` does, with nothing edited: keras, tensorflow.keras, "
    "keras.backend, the module paths of Keras 2 and the names of TensorFlow 1 lead to what they used to mean, in the "
    "program and in every package it imports. `import k2compat.auto` as the first line of a program does the same."
)
UNUSABLE = 2

EXAMPLE = "python -m k2compat run train.py --epochs 3"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``run``."""
    # Without prefixes, so that all arguments come here as they are: those of the program are its own.
    summary = "run an old program as it is"
    parser = subparsers.add_parser("run", help=summary, prefix_chars="\0", add_help=False)
    parser.add_argument("words", nargs=argparse.REMAINDER)
    parser.set_defaults(run=run)


def own_parser() -> argparse.ArgumentParser:
    """The parser of the arguments before the program."""
    parser = Parser(
        prog="k2compat run",
        usage="k2compat run [-h] [--keras {keras2,keras3}] (SCRIPT | -m MODULE) [ARGS ...]",
        description=DESCRIPTION,
        epilog=f"Exit code: the program's.\n\nExample: {EXAMPLE}",
        formatter_class=HelpFormatter,
    )
    add = parser.add_argument
    add("--keras", choices=("keras2", "keras3"), help="the Keras in use (default: keras3, if installed)")
    add("-m", dest="module", metavar="MODULE", help="a module instead of a script, such as pytest")
    add("script", metavar="SCRIPT", nargs="?", help="a script, or a notebook (.ipynb)")
    add("arguments", metavar="ARGS", nargs="*", help="for the program")
    return parser


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """What is for this command, the script or module included, and what is for the program."""
    number = 0
    while number < len(words):
        word = words[number]
        if word in ("-m", "--keras"):
            number += 2
            if word == "-m":
                break
        elif word.startswith("-"):
            number += 1
            if word.startswith("-m") and not word.startswith("--"):
                break
        else:
            number += 1
            break
    return words[:number], words[number:]


def run(options: argparse.Namespace) -> int:
    """Run the program.

    Returns:
        Its exit code; 2 if there is no such script, or that Keras is not installed.
    """
    own, arguments = split(options.words)
    parser = own_parser()
    chosen = parser.parse_args(own)
    if chosen.module is None and chosen.script is None:
        parser.error("a script, or a module after -m, is missing")
    if chosen.script is not None and not Path(chosen.script).is_file():
        parser.error(f"there is no script {chosen.script}")
    from k2compat.imports import activate, program

    try:
        activate.activate(chosen.keras)
    except ImportError as problem:
        from k2compat.cli.terminal import say

        say(f"k2compat run: {problem}")
        return UNUSABLE
    activate.activate_children()
    if chosen.module is not None:
        return program.run_module(chosen.module, arguments)
    return program.run_script(chosen.script, arguments)
