"""``k2compat api``: lists the K functions, what each runs in TensorFlow, and what to write instead of it."""

from __future__ import annotations

import argparse
import ast
import inspect
import os
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from k2compat.cli.options import Subparsers

DIFFERS = "Differs from Keras 2:"

EXAMPLE = "python -m k2compat api --markdown > api.md"


def add_parser(subparsers: Subparsers) -> None:
    """Add ``api``."""
    parser = subparsers.add_parser(
        "api",
        help="list the K functions, and what to write in TensorFlow 2 instead of each",
        description="Lists every K function with its signature, its meaning and its native spelling.",
    )
    parser.add_argument("--markdown", action="store_true", help="as the page docs/api.md")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the table of K functions.

    Args:
        options: ``markdown``, whether to print the whole page as Markdown.

    Returns:
        0.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when it is imported
    from rich.table import Table

    import k2compat.backend  # noqa: F401, fills the registry
    from k2compat.cli.terminal import console
    from k2compat.ops.registry import NAMES
    from k2compat.tables.native import NATIVE

    if options.markdown:
        print("\n".join(page(NAMES, NATIVE)))
        return 0
    table = Table("Name", "Meaning", "Instead of it", show_lines=True)
    for name, function in sorted(NAMES.items()):
        table.add_row(f"{name}{signature(function)}", meaning(function), NATIVE[name].replace("`", ""))
    console().print(table)
    return 0


def page(names: dict[str, Callable[..., Any]], native: dict[str, str]) -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# The K functions"
    yield ""
    yield f"All {len(names)} names of `k2compat.backend`, as printed by `python -m k2compat api --markdown`: signature,"
    yield "meaning, the TensorFlow functions each runs, and what to write in TensorFlow 2 and Keras 3 in its place."
    yield "Where no TensorFlow function is named, it is about settings, values or the symbolic tensors themselves."
    for name, function in sorted(names.items()):
        yield ""
        yield f"## {name}"
        yield ""
        yield f"`{name}{signature(function)}`"
        yield ""
        yield meaning(function).replace("``", "`")
        yield ""
        runs = tensorflow_in(function)
        if runs:
            yield f"- Runs: {', '.join(f'`{found}`' for found in runs)}"
        yield f"- Natively: {native[name]}"
        if difference(function):
            yield f"- {DIFFERS} {difference(function)}".replace("``", "`")


def signature(function: Callable[..., Any]) -> str:
    """Return the parameters with their defaults, without types."""
    whole = inspect.signature(function)
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in whole.parameters.values()]
    return str(inspect.Signature(plain))


def paragraphs(function: Callable[..., Any]) -> list[str]:
    """Return the paragraphs of a docstring, each as one line."""
    text = inspect.cleandoc(function.__doc__ or "")
    return [" ".join(part.split()) for part in text.split("\n\n")]


def meaning(function: Callable[..., Any]) -> str:
    """Return the first paragraph of a docstring."""
    return paragraphs(function)[0]


def difference(function: Callable[..., Any]) -> str:
    """Return what a docstring says of differences from Keras 2."""
    found = [part for part in paragraphs(function) if part.startswith(DIFFERS)]
    return found[0].removeprefix(DIFFERS).strip() if found else ""


def tensorflow_in(function: Callable[..., Any]) -> list[str]:
    """Return the TensorFlow functions that a function's own lines name, in their order."""
    import tensorflow as tf

    source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    dotted = [ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    named = dict.fromkeys(name.removeprefix("tf.") for name in dotted if name.startswith("tf."))
    return [f"tf.{name}" for name in named if inspect.isfunction(found_in(tf, name))]


def found_in(module: Any, dotted: str) -> Any:
    """Return what a module has under a dotted name, None if nothing."""
    for part in dotted.split("."):
        module = getattr(module, part, None)
    return module
