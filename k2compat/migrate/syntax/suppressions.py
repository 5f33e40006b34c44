"""Comments that suppress rules: ``# k2compat: ignore[RULE]`` on a line, ``# k2compat: ignore-file[RULE]`` anywhere."""

from __future__ import annotations

import re
from functools import cached_property

import libcst as cst

from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module

COMMENT = re.compile(r"#\s*k2compat:\s*(?P<what>ignore-file|ignore)\s*(?:\[(?P<rules>[^\]]*)\])?", re.I)


def covers(listed: frozenset[str], names: frozenset[str]) -> bool:
    """Return whether one of the names of a rule is in a list of rules and levels; ``*`` stands for all."""
    return "*" in listed or not listed.isdisjoint(names)


class Suppressed:
    """The suppressions of one module."""

    def __init__(self, module: Module):
        self._module = module
        self._file: frozenset[str] = frozenset()
        self._lines: dict[int, frozenset[str]] = {}
        if "k2compat:" in module.source:
            for comment in module.nodes(cst.Comment):
                self._read(comment)

    def _read(self, comment: cst.Comment) -> None:
        found = COMMENT.match(comment.value)
        if found is None:
            return
        names = frozenset(re.split(r"[\s,]+", found["rules"].strip())) if found["rules"] else frozenset({"*"})
        if found["what"].lower() == "ignore-file":
            self._file |= names
        else:
            line = self._module.line_of(comment)
            self._lines[line] = self._lines.get(line, frozenset()) | names

    def has(self, names: frozenset[str], item: Change | ManualWork) -> bool:
        """Return whether a comment suppresses what the rule of these names found."""
        if covers(self._file, names):
            return True
        if not self._lines:
            return False
        places = [(item.at, item.at)] + [(edit.start, edit.end) for edit in getattr(item, "edits", ())]
        return any(covers(self._lines.get(line, frozenset()), names) for line in self._lines_of(places))

    def _lines_of(self, places: list[tuple[int, int]]) -> set[int]:
        line = self._module.lines.line
        touched = {number for start, end in places for number in range(line(start), line(max(start, end - 1)) + 1)}
        return touched | {
            last for first, last in self._statements if any(first <= number <= last for number in touched)
        }

    @cached_property
    def _statements(self) -> list[tuple[int, int]]:
        """Return first and last line of each simple statement that has more than one."""
        spans = [self._module.span(statement) for statement in self._module.nodes(cst.SimpleStatementLine)]
        lines = [(self._module.lines.line(start), self._module.lines.line(max(start, end - 1))) for start, end in spans]
        return [(first, last) for first, last in lines if first != last]
