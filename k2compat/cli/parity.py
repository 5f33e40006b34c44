"""``k2compat parity``: runs an old script in graph mode and under k2compat, and compares every result."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from k2compat.cli.options import Subparsers

if TYPE_CHECKING:
    from k2compat.parity.side import Parity, Side

UNUSABLE = 2
PREFIX = "k2compat-parity-"  # of the folder for what need not be kept

EXAMPLE = "python -m k2compat parity --html report.html train.py"


def add_parser(subparsers: Subparsers) -> None:
    """Add ``parity``."""
    parser = subparsers.add_parser(
        "parity",
        help="run an old script in graph mode and under k2compat, and compare every result",
        description="Runs an old script twice as it is: in graph mode, and under k2compat. Every result it pulls out "
        "of the backend is recorded on both sides and compared.",
        epilog="Exit code: 0 parity, 1 differences, 2 a side failed. What stands after the script is for the script, "
        "but for options from above that the script's text does not mention; -- ends these.",
    )
    add = parser.add_argument
    add("script", metavar="SCRIPT", help="a script, or a notebook (.ipynb)")
    add("arguments", nargs=argparse.REMAINDER, metavar="ARGS", help="for the script")
    add("--legacy-python", metavar="PATH", help="an interpreter with TensorFlow 1 and Keras 2, as reference")
    add("--keras", choices=("keras2", "keras3"), help="the Keras under k2compat (default: keras3, if installed)")
    add("--rtol", type=float, default=1e-4, help="allowed share of an array's largest value (default: %(default)g)")
    add("--atol", type=float, default=1e-8, help="allowed beside that (default: %(default)g)")
    add("--seed", type=int, default=0, help="of NumPy, Python and TensorFlow on both sides (default: %(default)s)")
    add("--timeout", type=float, metavar="SECONDS", help="how long each run may take")
    add("--every-call", action="store_true", help="a line of the table for each call, in loops too")
    add("--json", type=Path, metavar="FILE", help="write the results for machines")
    add("--html", type=Path, metavar="FILE", help="write a page with the table and pictures")
    add("--keep", type=Path, metavar="FOLDER", help="keep the recordings there")
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Compare, print the report and write the files asked for.

    Returns:
        The exit code: 0 parity, 1 differences, 2 a side failed or the comparison cannot be made.
    """
    from rich.console import Console

    from k2compat.cli.terminal import say
    from k2compat.parity.run import parity
    from k2compat.parity.side import ParityError
    from k2compat.temporary import new_folder, remove_folder

    options = with_options_after_the_script(options)
    status = Console(stderr=True).status("Starting ...")  # drawn on a terminal

    def watch(side: Side) -> None:
        status.update(f"{side.title}: {side.results} results, {side.seconds:.0f} s")

    folder = Path(options.keep) if options.keep else new_folder(PREFIX)
    try:
        with status:
            done = parity(
                options.script,
                options.arguments,
                folder=folder,
                legacy_python=options.legacy_python,
                keras=options.keras,
                rtol=options.rtol,
                atol=options.atol,
                timeout=options.timeout,
                seed=options.seed,
                watch=watch,
            )
        tell(done, options)
    except (ParityError, OSError) as problem:
        say(f"k2compat parity: {problem}")
        return UNUSABLE
    except KeyboardInterrupt:
        where = f"what was recorded so far is in {folder}" if options.keep else "--keep FOLDER keeps what is recorded"
        say(f"k2compat parity: interrupted; {where}")
        return UNUSABLE
    finally:
        if not options.keep:
            remove_folder(folder)
    return done.exit_code


def tell(done: Parity, options: argparse.Namespace) -> None:
    """Print the report and write the files asked for."""
    from k2compat.cli.terminal import console
    from k2compat.parity import html, report

    console().print(report.rendered(done, options.every_call, kept=options.keep is not None))
    if options.json:
        options.json.write_text(json.dumps(report.as_json(done), indent=1) + "\n")
    if options.html:
        options.html.write_text(html.page(done), encoding="utf-8", errors="backslashreplace")


def with_options_after_the_script(options: argparse.Namespace) -> argparse.Namespace:
    """Take options that stand after the script for the command's own, unless the script has one of that name.

    A script that parses its arguments has their names in its text.
    """
    script = Path(options.script)
    text = script.read_text(errors="replace") if script.is_file() else ""
    actions = {name: action for action in options.parser._actions for name in action.option_strings}
    own: list[str] = []
    theirs: list[str] = []
    rest = list(options.arguments)
    while rest:
        word = rest.pop(0)
        name = word.partition("=")[0]
        if word == "--":
            theirs, rest = theirs + rest, []
        elif name in actions and name not in text:
            own.append(word)
            own += [rest.pop(0)] if rest and actions[name].nargs is None and "=" not in word else []
        else:
            theirs.append(word)
    options = options.parser.parse_args([*own, options.script], options)
    options.arguments = theirs
    return options
