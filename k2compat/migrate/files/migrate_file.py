"""One file, from its bytes to its bytes."""

from __future__ import annotations

import gc
import re
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from k2compat.migrate.engine import Entry, RuleProblem, migrate
from k2compat.migrate.files.encoding import Unusable, decoded, read_file, write_whole
from k2compat.migrate.files.notebook import Notebook
from k2compat.migrate.files.project import Project
from k2compat.migrate.rule import Rule
from k2compat.migrate.rules import RULES
from k2compat.migrate.syntax.module import CannotParse
from k2compat.migrate.syntax.why_not import why_not_python

# What a file has to have in it before it is parsed.
MENTION = re.compile(rb"keras|k2compat", re.I)
# The same where names that other files export matter, too: what was swapped there is called K here.
MENTION_OF_EXPORTS = re.compile(rb"keras|k2compat|\bK\b|\bbackend\b", re.I)
# Calls within each other; a sum of 1000 terms takes some thousands. Before Python 3.11 each takes of the C stack.
DEEPEST = 20_000 if sys.version_info >= (3, 11) else 8_000


@dataclass(frozen=True)
class Settings:
    """What is done to each file.

    Attributes:
        rules: the names of the rules.
        unsafe: whether the unsafe ones change things.
        write: whether files are written.
    """

    rules: tuple[str, ...]
    unsafe: bool = False
    write: bool = False

    def made(self) -> list[Rule]:
        """Return the rules themselves."""
        return [rule() for rule in RULES if rule.name in self.rules]

    @property
    def mention(self) -> re.Pattern[bytes]:
        """Return what a file has to have in it to be parsed."""
        return MENTION if all(rule.startswith("swap.") for rule in self.rules) else MENTION_OF_EXPORTS


@dataclass
class Outcome:
    """What became of one file.

    Attributes:
        path: as it was named.
        old, new: its text before and after; equal if nothing is to be done.
        changes, manual: what was changed, and what needs manual work.
        suppressed: how many findings a comment suppresses.
        problems: why it, or a part of it, could not be worked on.
        written: whether it was written.
        skipped: whether it has no mention of Keras, and was not parsed.
        lines: how many lines were parsed.
        data: the new content, until it is written; for standard input, that to print.
        before: the content that ``data`` is to replace in the file; empty if nothing is to be written.
    """

    path: Path
    old: str = ""
    new: str = ""
    changes: list[Entry] = field(default_factory=list)
    manual: list[Entry] = field(default_factory=list)
    suppressed: int = 0
    problems: list[str] = field(default_factory=list)
    written: bool = False
    skipped: bool = False
    lines: int = 0
    data: bytes = b""
    before: bytes = b""


def one_file(path: Path, settings: Settings) -> Outcome:
    """Work on one file, and write nothing; whatever goes wrong with it is among the outcome's problems."""
    try:
        data = read_file(path)
    except Unusable as problem:
        return Outcome(path, problems=[str(problem)])
    except OSError as problem:
        return Outcome(path, problems=[f"cannot be read: {problem.strerror or problem}"])
    outcome = one_content(path, data, settings)
    outcome.before = data if settings.write and outcome.new != outcome.old else b""
    return outcome


def write(outcome: Outcome) -> Outcome:
    """Write the new content of a file to it, if that is wanted, and keep the content no longer."""
    if outcome.before:
        try:
            write_whole(outcome.path, outcome.data, outcome.before)
            outcome.written = True
        except Unusable as problem:
            outcome.problems.append(str(problem))
    outcome.data = outcome.before = b""
    return outcome


def one_content(path: Path, data: bytes, settings: Settings) -> Outcome:
    """Work on the content of a file, and write nothing."""
    outcome = Outcome(path, data=data)
    is_notebook = path.suffix == ".ipynb"
    if not settings.mention.search(data):
        outcome.skipped = True
        return outcome
    limit, collects = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, DEEPEST))
    gc.disable()  # trees are a million objects, none of which goes before the file is done
    try:
        source = decoded(data)
        outcome.old = outcome.new = source.text
        work = _notebook if is_notebook else _module
        outcome.new = work(outcome, source.text, settings)
        outcome.data = source.encoded(outcome.new)
    except (Unusable, CannotParse, RuleProblem, UnicodeEncodeError) as problem:
        outcome.problems.append(_reason(problem))
        outcome.new = outcome.old
    except Exception as problem:
        outcome.problems.append(f"{type(problem).__name__}: {problem}; please report this")
        outcome.new = outcome.old
    finally:
        sys.setrecursionlimit(limit)
        if collects:
            gc.enable()
    return outcome


def _reason(problem: Exception) -> str:
    return f"cannot be parsed as Python 3: {problem}" if isinstance(problem, CannotParse) else str(problem)


def _module(outcome: Outcome, text: str, settings: Settings) -> str:
    outcome.lines = text.count("\n") + 1
    rules = [rule for rule in settings.made() if rule.needs is None or rule.needs.search(text)]
    if not rules:
        problem = why_not_python(text)
        if problem is not None:
            raise CannotParse(problem)
        return text
    done = migrate(text, rules, Project(outcome.path), unsafe=settings.unsafe)
    outcome.changes, outcome.manual, outcome.suppressed = done.changes, done.manual, done.suppressed
    return done.text


def _notebook(outcome: Outcome, text: str, settings: Settings) -> str:
    notebook = Notebook(text)
    outcome.problems += notebook.problems
    code = _module(outcome, notebook.text, settings)
    changed = Notebook(notebook.with_text(code))

    def placed(entry: Entry) -> Entry:
        cell, line = notebook.place(entry.line)
        new_cell, new_line = changed.place(entry.new_line)
        in_files = notebook.line_in_file(cell, line), changed.line_in_file(new_cell, new_line)
        return replace(entry, line=in_files[0], new_line=in_files[1], cell=cell, line_in_cell=line)

    outcome.changes = [placed(entry) for entry in outcome.changes]
    outcome.manual = [placed(entry) for entry in outcome.manual]
    return changed.raw
