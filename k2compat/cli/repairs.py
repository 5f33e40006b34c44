"""``k2compat repairs``: lists what is changed in Keras and TensorFlow at run time, and why."""

from __future__ import annotations

import argparse
import os

from rich.console import Console
from rich.table import Table


def run(options: argparse.Namespace) -> int:
    """Prints the table of repairs.

    Args:
        options: ``markdown``, whether to print it as Markdown.

    Returns:
        0.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when it is imported
    from k2compat.backend.repairs import repairs

    found = repairs()
    if options.markdown:
        print("| Repair | Why |\n| --- | --- |")
        for repair in found:
            print(f"| `{repair.name}` | {repair.reason} |")
        return 0
    table = Table("Repair", "Applied", "Why", show_lines=True)
    for repair in found:
        table.add_row(repair.name, "yes" if repair.active else "no", repair.reason)
    Console().print(table, highlight=False, markup=False)
    return 0
