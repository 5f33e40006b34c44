"""``k2compat migrate``: rewrites old code, or shows what it would do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from k2compat.cli.options import Subparsers, exit_with_3, names

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from k2compat.migrate.files.migrate_file import Outcome

STYLES = {"+++": "bold", "---": "bold", "@@ ": "cyan", "+": "green", "-": "red"}
INTERRUPTED = 130

EXAMPLE = "python -m k2compat migrate --level keras3 --write src/"


def add_parser(subparsers: Subparsers) -> None:
    """Add ``migrate``."""
    parser = subparsers.add_parser(
        "migrate",
        help="rewrite old code for k2compat, level by level",
        description="Shows what it would change as a diff; --write does it. Level swap, the default, is the one a "
        "script needs to run: it takes the backend from k2compat. keras3 goes on from there to the names of Keras 3, "
        "native to code without k2compat; each includes the levels before it.",
        epilog="Exit code: 0 nothing is left to do, 1 there are changes to make, 2 something needs manual work, 3 a "
        "file or an option cannot be used; the highest that applies. Files without a mention of Keras are skipped.",
    )
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="files, folders, globs, notebooks (.ipynb), or - for standard input")
    add("--level", choices=("swap", "keras3", "native"), help="how far to go (default: swap)")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--write", action="store_true", help="write the files (standard input: print the result)")
    mode.add_argument("--check", action="store_true", help="list the changes instead of a diff, for CI")
    add("--select", action="extend", type=names, default=[], metavar="RULES", help="only these rules or levels")
    add("--ignore", action="extend", type=names, default=[], metavar="RULES", help="all but these rules or levels")
    add("--unsafe", action="store_true", help="make changes that may alter what the program does, too")
    add("--exclude", action="append", default=[], metavar="PATTERN", help="leave files out, as a line of .gitignore")
    add("--exit-non-zero-on-fix", action="store_true", help="with --write, exit with 1 if something was changed")
    add("-q", "--quiet", action="store_true", help="print only what needs manual work and files that cannot be used")
    add("--report", type=Path, metavar="FILE", help="write a report: .json, .sarif, or else text")
    add("--jobs", type=int, metavar="N", help="processes (default: one for each core)")
    add("--list-rules", action="store_true", help="list the rules and exit")
    add("--explain", metavar="RULE", help="print what a rule does, with an example, and exit")
    parser.set_defaults(run=run, parser=parser)
    exit_with_3(parser)


def run(options: argparse.Namespace) -> int:
    """Migrate, print and write the report.

    Returns:
        The exit code: 0 nothing is left to do, 1 changes to make (or made, with ``--exit-non-zero-on-fix``), 2 manual
        work, 3 a file or an option that cannot be used.
    """
    from k2compat.cli.terminal import say
    from k2compat.migrate import report
    from k2compat.migrate.files.encoding import Unusable

    outcomes: list[Outcome] = []
    try:
        if options.list_rules:
            return list_rules()
        if options.explain:
            return explain(options.explain)
        outcomes = migrated(options, outcomes)
        show(outcomes, options)
        code = report.exit_code(outcomes, done=options.write and not options.exit_non_zero_on_fix)
        if options.report:
            report.write(outcomes, options.report, code)
    except (Unusable, OSError) as problem:
        say(f"k2compat migrate: {problem}")
        return report.UNUSABLE
    except KeyboardInterrupt:
        say(f"k2compat migrate: interrupted. {report.summary(outcomes)}")
        return INTERRUPTED
    return code


def migrated(options: argparse.Namespace, outcomes: list[Outcome]) -> list[Outcome]:
    """Work on the files of a command line; fill ``outcomes`` as they come, and return them in order."""
    from k2compat.cli.terminal import tell_links
    from k2compat.migrate.config import chosen, configuration
    from k2compat.migrate.files.discovery import STDIN, find
    from k2compat.migrate.files.encoding import Unusable
    from k2compat.migrate.files.migrate_file import Outcome, Settings, one_content
    from k2compat.migrate.files.parallel import migrate_files

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
    tell_links(found.links)
    outcomes += [Outcome(Path(name), problems=[reason]) for name, reason in found.problems]
    if STDIN in found.files:
        outcomes.append(one_content(STDIN, sys.stdin.buffer.read(), settings))
    files = [path for path in found.files if path != STDIN]
    with progress(wanted=not options.quiet) as bar:
        task = bar.add_task("Files", total=len(files))
        for outcome in migrate_files(files, settings, options.jobs):
            outcomes.append(outcome)
            bar.advance(task)
    order = {path: number for number, path in enumerate(found.files)}
    return sorted(outcomes, key=lambda outcome: order.get(outcome.path, -1))


def progress(*, wanted: bool) -> Progress:
    """Return a progress bar on stderr, drawn where it is wanted and that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=screen, transient=True, disable=not (wanted and screen.is_terminal))


def show(outcomes: Sequence[Outcome], options: argparse.Namespace) -> None:
    """Print the diff (or, for stdin, the result) to stdout, and the rest to stderr, so that stdout can be piped."""
    from k2compat.cli.terminal import say
    from k2compat.migrate import report
    from k2compat.migrate.files.discovery import STDIN
    from k2compat.screen import EscapingConsole

    screen = EscapingConsole(highlight=False, markup=False, emoji=False, soft_wrap=True)
    shows_diff = not (options.write or options.check or options.quiet)
    for outcome in outcomes:
        if outcome.path == STDIN and options.write:
            sys.stdout.flush()
            sys.stdout.buffer.write(outcome.data)
            sys.stdout.buffer.flush()
        elif shows_diff and outcome.old != outcome.new:
            for line in report.diff(outcome):
                print_line(screen, line)
    lines = report.left(outcomes) if options.quiet else report.text(outcomes, changes=options.check or options.write)
    say(*lines, file=sys.stdout if options.check else sys.stderr)
    if shows_diff and any(outcome.changes for outcome in outcomes):
        say("Run it with --write to make these changes.")


def print_line(screen: Console, line: str) -> None:
    """Print a line of a diff, coloured on a terminal and to the byte elsewhere."""
    if screen.is_terminal:
        from rich.text import Text

        from k2compat.escaping import escaped

        style = next((style for start, style in STYLES.items() if line.startswith(start)), "")
        screen.print(Text(escaped(line.rstrip("\r")), style))
    else:
        from k2compat.escaping import encoded_for

        sys.stdout.write(encoded_for(sys.stdout, line) + "\n")


def list_rules() -> int:
    """Print a line for each rule."""
    from k2compat.migrate.rules import RULES

    width = max(len(rule.name) for rule in RULES)
    for rule in RULES:
        print(f"{rule.name:{width}}  {'safe  ' if rule.safe else 'unsafe'}  {rule.summary}")
    return 0


def explain(name: str) -> int:
    """Print what a rule does and why."""
    from k2compat.migrate.files.encoding import Unusable
    from k2compat.migrate.rules import rule_called

    rule = rule_called(name)
    if rule is None:
        raise Unusable(f"no rule {name!r}; `k2compat migrate --list-rules` lists them")
    print(f"{rule.name} (level {rule.level}, {'safe' if rule.safe else 'unsafe'})\n\n{rule.explanation()}")
    return 0
