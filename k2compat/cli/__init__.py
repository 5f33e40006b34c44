"""The command line: ``python -m k2compat`` and the console script ``k2compat``.

Subcommands import what they need when they run, so that ``--help`` does not wait for TensorFlow.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path


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
