"""The command line: ``python -m k2compat`` and the console script ``k2compat``.

Subcommands import what they need when they run, so that ``--help`` does not wait for TensorFlow.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command line.

    Returns:
        The exit code; 2 for what the user can put right, which is told in one line on stderr.
    """
    options = parser().parse_args(argv)
    return int(options.run(options))


def parser() -> argparse.ArgumentParser:
    description = "Runs code written for the graph-mode Keras backend under eager TensorFlow 2."
    arguments = argparse.ArgumentParser(prog="k2compat", description=description)
    commands = arguments.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_demo(commands)
    add_repairs(commands)
    add_api(commands)
    add_parity(commands)
    add_migrate(commands)
    add_audit(commands)
    return arguments


def add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``demo``."""
    demo = commands.add_parser(
        "demo",
        help="run an old Grad-CAM script with one line changed, and compare with what Keras 2 computed",
        description="Runs an old Grad-CAM script with one line changed, compares every array with what Keras 2 "
        "computed, and writes the pictures. With --model and --image it draws the heatmap of your own picture.",
        epilog="Exit code: 0 equal (or drawn), 1 different, 2 a file or an option that cannot be used.",
    )
    demo.add_argument("--out", type=Path, default=Path("k2compat-demo"), metavar="FOLDER", help="default: %(default)s")
    demo.add_argument("--model", type=Path, metavar="FILE", help="your model, .h5 or .keras")
    demo.add_argument("--image", type=Path, metavar="FILE", help="your picture; it is resized to the model's input")
    demo.add_argument("--layer", metavar="NAME", help="the layer to look at (default: the last convolution)")
    demo.set_defaults(run=run_demo, parser=demo)


def run_demo(options: argparse.Namespace) -> int:
    if (options.model is None) != (options.image is None):
        missing = "--image" if options.image is None else "--model"
        options.parser.error(f"--model and --image go together; {missing} is missing")
    if options.layer is not None and options.model is None:
        options.parser.error("--layer names a layer of your own model; --model and --image are missing")
    from k2compat.cli import demo

    return demo.run(options)


def add_repairs(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``repairs``."""
    repairs = commands.add_parser(
        "repairs",
        help="list what is changed in Keras and TensorFlow at run time, and why",
        description="Lists what importing k2compat.backend changes in Keras and TensorFlow, and why. "
        "K2COMPAT_REPAIRS=0 in the environment leaves them alone.",
    )
    repairs.add_argument("--markdown", action="store_true", help="as a Markdown table")
    repairs.set_defaults(run=run_repairs)


def run_repairs(options: argparse.Namespace) -> int:
    from k2compat.cli import repairs

    return repairs.run(options)


def add_api(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``api``."""
    api = commands.add_parser(
        "api",
        help="list the K functions, and what to write in TensorFlow 2 instead of each",
        description="Lists every K function with its signature, its meaning and its native spelling.",
    )
    api.add_argument("--markdown", action="store_true", help="as the page docs/api.md")
    api.set_defaults(run=run_api)


def run_api(options: argparse.Namespace) -> int:
    from k2compat.cli import api

    return api.run(options)


def add_parity(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``parity``."""
    parity = commands.add_parser(
        "parity",
        help="run an old script in graph mode and under k2compat, and compare every result",
        description="Runs an old script twice as it is: in graph mode, and under k2compat. Every result it pulls out "
        "of the backend is recorded on both sides and compared.",
        epilog="Exit code: 0 parity, 1 differences, 2 a side failed. What stands after the script is for the script, "
        "but for options from above that the script's text does not mention; -- ends these.",
    )
    add = parity.add_argument
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
    parity.set_defaults(run=run_parity, parser=parity)


def run_parity(options: argparse.Namespace) -> int:
    from k2compat.cli import parity

    return parity.run(options)


def add_migrate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``migrate``."""
    migrate = commands.add_parser(
        "migrate",
        help="rewrite old code for k2compat, level by level",
        description="Shows what it would change as a diff; --write does it. Level swap, the default, is the one a "
        "script needs to run: it takes the backend from k2compat. keras3 goes on from there to the names of Keras 3, "
        "native to code without k2compat; each includes the levels before it.",
        epilog="Exit code: 0 clean, 1 something to do (or done), 2 something is left for a person, 3 a file or an "
        "option that cannot be used; the highest that applies. Files without a mention of Keras are passed over.",
    )
    add = migrate.add_argument
    add("paths", nargs="*", metavar="PATH", help="files, folders, globs, notebooks (.ipynb), or - for standard input")
    add("--level", choices=("swap", "keras3", "native"), help="how far to go (default: swap)")
    mode = migrate.add_mutually_exclusive_group()
    mode.add_argument("--write", action="store_true", help="write the files (standard input: print the result)")
    mode.add_argument("--check", action="store_true", help="list the changes instead of a diff, for CI")
    add("--select", action="extend", type=names, default=[], metavar="RULES", help="only these rules or levels")
    add("--ignore", action="extend", type=names, default=[], metavar="RULES", help="all but these rules or levels")
    add("--unsafe", action="store_true", help="make changes that may alter what the program does, too")
    add("--exclude", action="append", default=[], metavar="PATTERN", help="leave files out, as a line of .gitignore")
    add("--report", type=Path, metavar="FILE", help="write a report: .json, .sarif, or else text")
    add("--jobs", type=int, metavar="N", help="processes (default: one for each core)")
    add("--list-rules", action="store_true", help="list the rules and exit")
    add("--explain", metavar="RULE", help="print what a rule does, with an example, and exit")
    migrate.set_defaults(run=run_migrate, parser=migrate)
    # 2 has a meaning here.
    migrate.error = functools.partial(unusable_option, migrate)  # type: ignore[method-assign]


def unusable_option(parser: argparse.ArgumentParser, message: str) -> NoReturn:
    parser.print_usage(sys.stderr)
    parser.exit(3, f"{parser.prog}: error: {message}\n")


def names(text: str) -> list[str]:
    """The names in ``a,b``."""
    return [name.strip() for name in text.split(",") if name.strip()]


def run_migrate(options: argparse.Namespace) -> int:
    from k2compat.cli import migrate

    return migrate.run(options)


def add_audit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``audit``."""
    audit = commands.add_parser(
        "audit",
        help="count what is left of the old backend, by file and level",
        description="Counts what `k2compat migrate` finds on each level (in brackets: what it leaves for a person), "
        "the K names that are used, the switches to graph mode and the sessions. With --fail-over it is a ratchet for "
        "CI. Which K functions a program really calls, and from where, is written to FILE if K2COMPAT_AUDIT=FILE is in "
        "its environment; --runtime prints that file.",
        epilog="Exit code: 0 fine, 1 more than --fail-over allows, 3 a file or an option that cannot be used.",
    )
    add = audit.add_argument
    add("paths", nargs="*", metavar="PATH", help="files, folders, globs, notebooks (.ipynb)")
    add("--fail-over", type=int, metavar="N", help="exit with 1 if more than N are left")
    add("--level", choices=("swap", "keras3", "native"), default="native", help="the last to count (default: native)")
    add("--json", type=Path, metavar="FILE", help="write the counts for programs, too; - for these alone")
    add("--exclude", action="append", default=[], metavar="PATTERN", help="leave files out, as a line of .gitignore")
    add("--jobs", type=int, metavar="N", help="processes (default: one for each core)")
    add("--runtime", type=Path, metavar="FILE", help="print what K2COMPAT_AUDIT=FILE recorded")
    audit.set_defaults(run=run_audit, parser=audit)
    audit.error = functools.partial(unusable_option, audit)  # type: ignore[method-assign]


def run_audit(options: argparse.Namespace) -> int:
    from k2compat.cli import audit

    return audit.run(options)
