"""``k2compat repairs``: lists what is changed in Keras and TensorFlow at run time, and why."""

from __future__ import annotations

import argparse
import os

from k2compat.cli.options import Subparsers

EXAMPLE = "TF_USE_LEGACY_KERAS=1 python -m k2compat repairs"


def add_parser(subparsers: Subparsers) -> None:
    """Add ``repairs``."""
    parser = subparsers.add_parser(
        "repairs",
        help="list what is changed in Keras and TensorFlow at run time, and why",
        description="Lists what importing k2compat.backend changes in Keras and TensorFlow, and why. "
        "K2COMPAT_REPAIRS=0 in the environment leaves them alone.",
    )
    parser.add_argument("--markdown", action="store_true", help="as a Markdown table")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the table of repairs.

    Args:
        options: ``markdown``, whether to print it as Markdown.

    Returns:
        0.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when it is imported
    from rich.table import Table

    import k2compat.backend  # noqa: F401 (applies them)
    from k2compat.cli.terminal import console
    from k2compat.repair.install import repairs

    found = repairs()
    if options.markdown:
        print("| Repair | Why |\n| --- | --- |")
        for repair in found:
            print(f"| `{repair.name}` | {repair.reason} |")
        return 0
    table = Table("Repair", "Applied", "Why", show_lines=True)
    for repair in found:
        table.add_row(repair.name, "yes" if repair.active else "no", repair.reason)
    console().print(table)
    return 0
