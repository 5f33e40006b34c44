"""``k2compat audit``: counts what is left of the old backend."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from k2compat.cli.screen import console
from k2compat.migrate.audit import Audit, Count, as_json, audit_files, recorded, total
from k2compat.migrate.config import configuration
from k2compat.migrate.files import STDIN, find
from k2compat.migrate.rule import LEVELS
from k2compat.migrate.source import Unusable

FINE, OVER, UNUSABLE = 0, 1, 3


def run(options: argparse.Namespace) -> int:
    """Counts and prints.

    Returns:
        The exit code: 0 fine, 1 more is left than allowed, 3 a file or an option that cannot be used.
    """
    try:
        if options.runtime is not None:
            print_calls(options.runtime)
            return FINE
        levels = LEVELS[: LEVELS.index(options.level) + 1]
        audits = audited(options, levels)
        if options.json is None or str(options.json) != "-":
            print_table(audits, levels)
        if options.json is not None:
            write_json(options.json, as_json(audits, levels, options.fail_over))
    except (Unusable, OSError) as problem:
        print(f"k2compat audit: {problem}", file=sys.stderr)
        return UNUSABLE
    for audit in audits:
        for reason in audit.problems:
            print(f"{audit.path}: {reason}", file=sys.stderr)
    found = total(audits)
    over = options.fail_over is not None and found > options.fail_over
    if over:
        print(f"k2compat audit: {found} left, more than the {options.fail_over} allowed.", file=sys.stderr)
    if any(audit.problems for audit in audits):
        return UNUSABLE
    return OVER if over else FINE


def audited(options: argparse.Namespace, levels: Sequence[str]) -> list[Audit]:
    """The counts of the files of a command line, in their order; files without a mention of Keras have none."""
    if not options.paths:
        raise Unusable("no file or folder given")
    first = Path(options.paths[0])
    config = configuration(first if first.is_dir() else first.parent)
    found = find(options.paths, [*config.get("exclude", ()), *options.exclude])
    lost = [Audit(Path(name), {level: Count() for level in levels}, problems=[why]) for name, why in found.problems]
    files = [path for path in found.files if path != STDIN]
    order = {path: number for number, path in enumerate(files)}
    audits = sorted(audit_files(files, levels, options.jobs), key=lambda audit: order[audit.path])
    return lost + audits


def print_table(audits: Sequence[Audit], levels: Sequence[str]) -> None:
    """A line for each file with something in it, and the sums; then the K names."""
    table = Table("File", title="What is left", show_footer=True)
    table.columns[0].footer = "Total"
    shown = [audit for audit in audits if audit.total or audit.names or audit.suppressed or audit.sessions]
    for level in levels:
        whole = Count(*(sum(getattr(audit.levels[level], kind) for audit in audits) for kind in ("changes", "left")))
        table.add_column(level, justify="right", footer=cell(whole))
    sums = (
        ("K names", sum(audit.names.total() for audit in audits)),
        *(
            (name.capitalize(), sum(getattr(audit, name) for audit in audits))
            for name in ("switches", "sessions", "suppressed")
        ),
    )
    for title, number in sums:
        table.add_column(title, justify="right", footer=str(number))
    for audit in shown:
        counts = [cell(audit.levels[level]) for level in levels]
        rest = [audit.names.total(), audit.switches, audit.sessions, audit.suppressed]
        table.add_row(str(audit.path), *counts, *(str(number or "") for number in rest))
    screen = console()
    screen.print(table)
    names: Counter[str] = Counter()
    for audit in audits:
        names += audit.names
    if names:
        screen.print("K names: " + ", ".join(f"{name} {count}" for name, count in names.most_common()))
    by_hand = sum(count.left for audit in audits for count in audit.levels.values())
    screen.print(f"{total(audits)} left in {len(shown)} of {len(audits)} files, {by_hand} of them for a person.")


def cell(count: Count) -> str:
    """``12 (3)``: all that is found, and how much of it is for a person."""
    return f"{count.total} ({count.left})" if count.left else str(count.total or "")


def write_json(file: Path, text: str) -> None:
    if str(file) == "-":
        print(text)
    else:
        file.write_text(text + "\n", encoding="utf-8")


def print_calls(file: Path) -> None:
    """The table of what ``K2COMPAT_AUDIT`` recorded."""
    table = Table("K function", "Called from", title="Calls of the shim")
    table.add_column("Calls", justify="right")
    calls = recorded(file)
    for called in calls:
        near = os.path.relpath(called.file)
        place = called.file if near.startswith("..") else near
        table.add_row(called.name, f"{place}:{called.line}", str(called.calls))
    screen = console()
    screen.print(table)
    names = {called.name for called in calls}
    screen.print(f"{sum(called.calls for called in calls)} calls of {len(names)} K functions.")
