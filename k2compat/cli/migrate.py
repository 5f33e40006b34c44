"""``k2compat migrate``: rewrites old code, or shows what it would do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from k2compat.migrate import report
from k2compat.migrate.config import chosen, configuration
from k2compat.migrate.files import STDIN, find
from k2compat.migrate.one import Outcome, Settings, one_content
from k2compat.migrate.rules import RULES
from k2compat.migrate.run import migrate_files
from k2compat.migrate.source import Unusable

STYLES = {"+++": "bold", "---": "bold", "@@ ": "cyan", "+": "green", "-": "red"}
INTERRUPTED = 130


def run(options: argparse.Namespace) -> int:
    """Migrates, prints and writes the report.

    Returns:
        The exit code: 0 clean, 1 something to do or done, 2 work left for a person, 3 a file or an option that cannot
        be used.
    """
    outcomes: list[Outcome] = []
    try:
        if options.list_rules:
            return list_rules()
        if options.explain:
            return explain(options.explain)
        outcomes = migrated(options, outcomes)
        show(outcomes, options)
        if options.report:
            report.write(outcomes, options.report)
    except (Unusable, OSError) as problem:
        print(f"k2compat migrate: {problem}", file=sys.stderr)
        return report.UNUSABLE
    except KeyboardInterrupt:
        print(f"k2compat migrate: interrupted. {report.summary(outcomes)}", file=sys.stderr)
        return INTERRUPTED
    return report.exit_code(outcomes)


def migrated(options: argparse.Namespace, outcomes: list[Outcome]) -> list[Outcome]:
    """Works on the files of a command line; fills ``outcomes`` as they come, and gives them in order."""
    if not options.paths:
        raise Unusable("no file or folder given")
    first = Path(options.paths[0])
    config = configuration(first if first.is_dir() else first.parent)
    rules = chosen(
        options.level or config.get("level", "swap"),
        options.select or config.get("select", ()),
        [*config.get("ignore", ()), *options.ignore],
    )
    unsafe = options.unsafe or config.get("unsafe", False)
    settings = Settings(tuple(rule.name for rule in rules), unsafe, write=options.write)
    found = find(options.paths, [*config.get("exclude", ()), *options.exclude])
    outcomes += [Outcome(Path(name), problems=[reason]) for name, reason in found.problems]
    if STDIN in found.files:
        outcomes.append(one_content(STDIN, sys.stdin.buffer.read(), settings))
    files = [path for path in found.files if path != STDIN]
    with progress() as bar:
        task = bar.add_task("Files", total=len(files))
        for outcome in migrate_files(files, settings, options.jobs):
            outcomes.append(outcome)
            bar.advance(task)
    order = {path: number for number, path in enumerate(found.files)}
    return sorted(outcomes, key=lambda outcome: order.get(outcome.path, -1))


def progress() -> Progress:
    """A bar on stderr, where that is a terminal."""
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal)


def show(outcomes: Sequence[Outcome], options: argparse.Namespace) -> None:
    """Prints the diff (or, for stdin, the result) to stdout, and the rest beside it, so that stdout can be piped."""
    screen = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for outcome in outcomes:
        if outcome.path == STDIN and options.write:
            sys.stdout.flush()
            sys.stdout.buffer.write(outcome.data)
            sys.stdout.buffer.flush()
        elif not options.write and not options.check and outcome.old != outcome.new:
            for line in report.diff(outcome):
                print_line(screen, line)
    lines = report.text(outcomes, changes=options.check or options.write)
    print("\n".join(lines), file=sys.stdout if options.check else sys.stderr)


def print_line(screen: Console, line: str) -> None:
    """Prints a line of a diff, coloured on a terminal and to the byte elsewhere."""
    if screen.is_terminal:
        style = next((style for start, style in STYLES.items() if line.startswith(start)), "")
        screen.print(Text(line.rstrip("\r"), style))
    else:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def list_rules() -> int:
    """Prints a line for each rule."""
    width = max(len(rule.name) for rule in RULES)
    for rule in RULES:
        print(f"{rule.name:{width}}  {'safe  ' if rule.safe else 'unsafe'}  {rule.summary}")
    return report.CLEAN


def explain(name: str) -> int:
    """Prints what a rule does and why."""
    rule = next((rule for rule in RULES if rule.name == name), None)
    if rule is None:
        raise Unusable(f"no rule {name!r}; `k2compat migrate --list-rules` lists them")
    print(f"{rule.name} (level {rule.level}, {'safe' if rule.safe else 'unsafe'})\n\n{rule.explanation()}")
    return report.CLEAN
