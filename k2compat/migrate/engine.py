"""Runs rules on one text until no rule has anything to change."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from k2compat.migrate.rule import LEVELS, Rule
from k2compat.migrate.syntax.edits import Apart, Applied, Change, Lines, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import Exports
from k2compat.migrate.syntax.suppressions import Suppressed

MOST_ROUNDS = 50


class RuleProblem(Exception):
    """Rules that do not come to an end, or whose result does not compile; the text stays as it was."""


@dataclass(frozen=True)
class Entry:
    """One line of a report.

    Attributes:
        rule: the rule's name.
        line, column: in the text as it was, counted from 1.
        new_line: in the text as it is after all changes.
        message: what is done, or what was found.
        advice: what to do; empty for a change.
        cell, line_in_cell: for a notebook, whose ``line`` is the one in its file.
    """

    rule: str
    line: int
    column: int
    new_line: int
    message: str
    advice: str = ""
    cell: int | None = None
    line_in_cell: int = 0


@dataclass
class Migrated:
    """A text after the rules: what was changed, and what is left for a person."""

    text: str
    changes: list[Entry] = field(default_factory=list)
    manual: list[Entry] = field(default_factory=list)
    suppressed: int = 0


def migrate(text: str, rules: Sequence[Rule], exports: Exports | None = None, *, unsafe: bool = False) -> Migrated:
    """Apply rules to a text, level by level.

    Args:
        text: Python 3, without a byte order mark.
        rules: in any order.
        exports: what other files of the project export.
        unsafe: whether unsafe rules change things; without it, what they would do is reported as manual work.

    Raises:
        CannotParse: the text is not Python 3.
        RuleProblem: the fault of a rule; see there.
    """
    present = {rule.level for rule in rules}
    ordered = sorted((rule for rule in rules if rule.until not in present), key=lambda rule: LEVELS.index(rule.level))
    levels = [list(group) for _, group in groupby(ordered, key=lambda rule: rule.level)]
    compiles = _compiles(text)
    history: list[Applied] = []
    made: list[tuple[int, str, Change]] = []  # round, rule, change
    module: Module | None = None
    for number in range(MOST_ROUNDS):
        module = Module(text, exports, module)
        changes, manual, suppressed = _next_changes(module, levels, unsafe)
        if not changes:
            return _result(module, history, made, manual, suppressed)
        history.append(Applied(text, [edit for _, change in changes for edit in change.edits]))
        made += [(number, rule, change) for rule, change in changes]
        text = history[-1].text
        if compiles and not _compiles(text):
            raise RuleProblem(f"{_names(changes)}: the result does not compile; please report this")
    raise RuleProblem(f"{_names(changes)}: still something to change after {MOST_ROUNDS} rounds; please report this")


def _next_changes(
    module: Module, levels: Sequence[Sequence[Rule]], unsafe: bool
) -> tuple[list[tuple[str, Change]], list[tuple[str, ManualWork]], int]:
    """Return the changes of the first level that has some; the manual work and the suppressed items so far."""
    suppressed = Suppressed(module)
    manual: list[tuple[str, ManualWork]] = []
    suppressed_count = 0
    for rules in levels:
        units: list[list[tuple[str, Change]]] = []
        for rule in rules:
            for items in _together(rule.check(module)):
                if any(suppressed.has(rule.answers_to(), item) for item in items):
                    suppressed_count += len(items)
                    continue
                manual += [(rule.name, item) for item in items if isinstance(item, ManualWork)]
                changes = [item for item in items if isinstance(item, Change)]
                if rule.safe or unsafe:
                    units += [[(rule.name, change) for change in changes]] if changes else []
                else:
                    manual += [
                        (rule.name, ManualWork(item.at, item.message, "`--unsafe` does this.")) for item in changes
                    ]
        if units:
            return _without_overlap(units), manual, suppressed_count
    return [], manual, suppressed_count


def _together(items: Iterable[Change | ManualWork]) -> list[list[Change | ManualWork]]:
    """Return the items of a rule, with those that are made together in one list."""
    units: dict[Hashable, list[Change | ManualWork]] = {}
    for item in items:
        together = getattr(item, "together", None)
        units.setdefault(object() if together is None else ("together", together), []).append(item)
    return list(units.values())


def _without_overlap(units: Iterable[list[tuple[str, Change]]]) -> list[tuple[str, Change]]:
    """Return the changes that can be made together; the others are made in a later round."""
    taken: list[tuple[str, Change]] = []
    edits = Apart()
    for unit in units:
        own = {edit for _, change in unit for edit in change.edits}
        if not any(edits.meets(edit) for edit in own):
            taken += unit
            edits.add(own)
    return taken


def _result(
    module: Module,
    history: Sequence[Applied],
    made: Sequence[tuple[int, str, Change]],
    manual: Sequence[tuple[str, ManualWork]],
    suppressed: int,
) -> Migrated:
    new = module.lines
    old = Lines(history[0].before) if history else new

    def entry(rule: str, place: int, number: int, message: str, advice: str = "") -> Entry:
        """``place`` is an offset in the text as it was before round ``number``."""
        first = last = place
        for applied in reversed(history[:number]):
            first = applied.back(first)
        for applied in history[number:]:
            last = applied.forward(last)
        return Entry(rule, *old.position(first), new.position(last)[0], message, advice)

    rounds = len(history)
    return Migrated(
        module.source,
        _in_order(entry(rule, change.at, number, change.message) for number, rule, change in made),
        _in_order(entry(rule, item.at, rounds, item.message, item.advice) for rule, item in manual),
        suppressed,
    )


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(dict.fromkeys(entries), key=lambda entry: (entry.line, entry.column))


def _names(changes: Sequence[tuple[str, Change]]) -> str:
    return ", ".join(sorted({rule for rule, _ in changes}))


def _compiles(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes, `is` with a literal
        try:
            compile(text, "<text>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
