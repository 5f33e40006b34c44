"""``k2compat audit``: counts uses of the old backend."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from k2compat.cli.options import Subparsers, exit_with_3
from k2compat.escaping import one_line

if TYPE_CHECKING:
    from k2compat.migrate.audit import Audit, Count

FINE, OVER, UNUSABLE = 0, 1, 3

EXAMPLE = "python -m k2compat audit src/ --fail-over 120"


def add_parser(subparsers: Subparsers) -> None:
    """Add ``audit``."""
    parser = subparsers.add_parser(
        "audit",
        help="count uses of the old backend, by file and level",
        description="Counts what `k2compat migrate` finds on each level (in brackets: what needs manual work), "
        "the K names that are used, how many of these uses level native rewrites by itself, the switches to graph mode "
        "and the sessions. With --fail-over it is a ratchet for "
        "CI. Which K functions a program really calls, and from where, is written to FILE if K2COMPAT_AUDIT=FILE is in "
        "its environment; --runtime prints that file.",
        epilog="Exit code: 0 fine, 1 more than --fail-over allows, 3 a file or an option that cannot be used.",
    )
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="files, folders, globs, notebooks (.ipynb)")
    add("--fail-over", type=int, metavar="N", help="exit with 1 if there are more than N findings")
    add("--level", choices=("swap", "keras3", "native"), default="native", help="the last to count (default: native)")
    add("--json", type=Path, metavar="FILE", help="write the counts for programs, too; - for these alone")
    add("--exclude", action="append", default=[], metavar="PATTERN", help="leave files out, as a line of .gitignore")
    add("--jobs", type=int, metavar="N", help="processes (default: one for each core)")
    add("--runtime", type=Path, metavar="FILE", help="print what K2COMPAT_AUDIT=FILE recorded")
    parser.set_defaults(run=run, parser=parser)
    exit_with_3(parser)


def run(options: argparse.Namespace) -> int:
    """Count and print.

    Returns:
        The exit code: 0 fine, 1 more findings than allowed, 3 a file or an option that cannot be used.
    """
    from k2compat.cli.terminal import say
    from k2compat.migrate.audit import as_json, total
    from k2compat.migrate.files.encoding import Unusable
    from k2compat.migrate.rule import LEVELS

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
        say(f"k2compat audit: {problem}")
        return UNUSABLE
    say(*(f"{audit.path}: {reason}" for audit in audits for reason in audit.problems))
    found = total(audits)
    over = options.fail_over is not None and found > options.fail_over
    if over:
        say(f"k2compat audit: {found} findings, more than the {options.fail_over} allowed.")
    if any(audit.problems for audit in audits):
        return UNUSABLE
    return OVER if over else FINE


def audited(options: argparse.Namespace, levels: Sequence[str]) -> list[Audit]:
    """Return the counts of the files of a command line, in their order; files without a mention of Keras have none."""
    from k2compat.cli.terminal import tell_links
    from k2compat.migrate.audit import Audit, Count, audit_files
    from k2compat.migrate.config import configuration
    from k2compat.migrate.files.discovery import STDIN, find
    from k2compat.migrate.files.encoding import Unusable

    if not options.paths:
        raise Unusable("no file or folder given")
    first = Path(options.paths[0])
    config = configuration(first if first.is_dir() else first.parent)
    found = find(options.paths, [*config.get("exclude", ()), *options.exclude])
    tell_links(found.links)
    lost = [Audit(Path(name), {level: Count() for level in levels}, problems=[why]) for name, why in found.problems]
    files = [path for path in found.files if path != STDIN]
    order = {path: number for number, path in enumerate(files)}
    audits = sorted(audit_files(files, levels, options.jobs), key=lambda audit: order[audit.path])
    return lost + audits


def print_table(audits: Sequence[Audit], levels: Sequence[str]) -> None:
    """Print a line for each file with something in it, and the sums; then the K names."""
    from rich.table import Table

    from k2compat.cli.terminal import console
    from k2compat.migrate.audit import Count

    table = Table("File", title="Findings", show_footer=True)
    table.columns[0].footer = "Total"
    shown = [audit for audit in audits if audit.total or audit.names or audit.suppressed or audit.sessions]
    for level in levels:
        whole = Count(*(sum(getattr(audit.levels[level], kind) for audit in audits) for kind in ("changes", "manual")))
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
    leaves = levels[-1] == "native"
    if leaves:
        table.add_column("Native", justify="right", footer=share(audits))
    for audit in shown:
        counts = [cell(audit.levels[level]) for level in levels]
        rest = [audit.names.total(), audit.switches, audit.sessions, audit.suppressed]
        cells = [*counts, *(str(number or "") for number in rest), *[share([audit])] * leaves]
        table.add_row(one_line(audit.path), *cells)
    screen = console()
    screen.print(table)
    names: Counter[str] = Counter()
    for audit in audits:
        names += audit.names
    if names:
        screen.print("K names: " + ", ".join(f"{name} {count}" for name, count in names.most_common()))
    screen.print(summary(audits))


def share(audits: Sequence[Audit]) -> str:
    """Return how much of the uses of K names level native rewrites: ``93 %``; "" where there are none."""
    names = sum(audit.names.total() for audit in audits)
    return f"{100 * sum(audit.automatic for audit in audits) // names} %" if names else ""


def summary(audits: Sequence[Audit]) -> str:
    """Return the number of findings, and how many of them need manual work, in one line."""
    from k2compat.migrate.audit import total
    from k2compat.migrate.report import count

    found, manual = total(audits), sum(level.manual for audit in audits for level in audit.levels.values())
    if not found:
        return f"No findings in {count(len(audits), 'file')}."
    files = count(sum(bool(audit.total) for audit in audits), "file")
    needs = "needs" if manual == 1 else "need"
    return (
        f"{count(found, 'finding')} in {files}: {found - manual} can be migrated automatically, "
        f"{manual} {needs} manual work."
    )


def cell(count: Count) -> str:
    """Return the number of findings, and in brackets how many need manual work: ``12 (3)``."""
    return f"{count.total} ({count.manual})" if count.manual else str(count.total or "")


def write_json(file: Path, text: str) -> None:
    if str(file) == "-":
        print(text)
    else:
        file.write_text(text + "\n", encoding="utf-8")


def print_calls(file: Path) -> None:
    """Print the table of what ``K2COMPAT_AUDIT`` recorded."""
    from rich.table import Table

    from k2compat.cli.terminal import console
    from k2compat.migrate.audit import recorded

    table = Table("K function", "Called from", title="Calls of the shim")
    table.add_column("Calls", justify="right")
    calls = recorded(file)
    for called in calls:
        near = os.path.relpath(called.file)
        place = called.file if near.startswith("..") else near
        table.add_row(called.name, one_line(f"{place}:{called.line}"), str(called.calls))
    screen = console()
    screen.print(table)
    names = {called.name for called in calls}
    screen.print(f"{sum(called.calls for called in calls)} calls of {len(names)} K functions.")
