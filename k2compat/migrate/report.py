"""Reports of what was changed and what needs manual work, for people and for machines."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from k2compat.escaping import one_line
from k2compat.migrate.engine import Entry
from k2compat.migrate.files.migrate_file import Outcome
from k2compat.migrate.rule import Rule
from k2compat.migrate.rules import RULES

CLEAN, CHANGED, MANUAL, UNUSABLE = range(4)
SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def exit_code(outcomes: Sequence[Outcome], *, done: bool) -> int:
    """Return the highest that applies: 0 clean, 1 changes, 2 manual work, 3 a file that cannot be used.

    Args:
        outcomes: what became of the files.
        done: whether the changes are made, so that they are nothing to tell of any more.
    """
    if any(outcome.problems for outcome in outcomes):
        return UNUSABLE
    if any(outcome.manual for outcome in outcomes):
        return MANUAL
    return CHANGED if any(outcome.changes for outcome in outcomes) and not done else CLEAN


def diff(outcome: Outcome) -> Iterator[str]:
    """Yield the lines of a unified diff, without their ends; as `patch` takes them."""
    before, after = (_name_in_diff(f"{side}/{outcome.path.as_posix()}") for side in "ab")
    old, new = (_lines(text) for text in (outcome.old, outcome.new))
    for line in difflib.unified_diff(old, new, before, after):
        if line.endswith("\n"):
            yield line[:-1]
        else:
            yield line
            yield "\\ No newline at end of file"


def _name_in_diff(name: str) -> str:
    """Return a name as git writes it, and `patch` reads it: in quotes or with a tab behind it, where it has to be."""
    if name.isprintable() and not set(name) & set('"\\'):
        return name + "\t" * (" " in name)
    signs = (bytes([byte]).decode("latin-1") for byte in os.fsencode(name))
    return (
        '"'
        + "".join(sign if " " <= sign <= "~" and sign not in '"\\' else f"\\{ord(sign):03o}" for sign in signs)
        + '"'
    )


def _lines(text: str) -> list[str]:
    r"""Return the lines of a text as `diff` sees them: they end with \n alone."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def place(path: Path, entry: Entry, *, new: bool) -> str:
    """Return where an entry is, as editors read it; in the file as it is now if that is the new one."""
    if entry.cell is not None:
        return f"{path}:cell {entry.cell}:{entry.line_in_cell}:{entry.column}"
    return f"{path}:{entry.new_line if new else entry.line}:{entry.column}"


def text(outcomes: Sequence[Outcome], *, changes: bool = True) -> Iterator[str]:
    """Yield the report in lines: changes (if wanted), manual work, files that cannot be used, and a summary."""
    for outcome in outcomes:
        for entry in outcome.changes if changes else ():
            yield f"{place(outcome.path, entry, new=outcome.written)}: {entry.rule}: {entry.message}"
        yield from left([outcome])
    yield summary(outcomes)


def left(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield what is left to a person, in lines: manual work, and files that cannot be used."""
    for outcome in outcomes:
        for entry in outcome.manual:
            where = place(outcome.path, entry, new=outcome.written)
            yield f"{where}: {entry.rule}: needs manual work: {entry.message}; {entry.advice}"
        for problem in outcome.problems:
            yield f"{outcome.path}: {problem}"


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return the counts, in one line."""
    changed = [outcome for outcome in outcomes if outcome.changes]
    written = sum(outcome.written for outcome in outcomes)
    suppressed = sum(outcome.suppressed for outcome in outcomes)
    skipped = sum(outcome.skipped for outcome in outcomes)
    manual = sum(len(outcome.manual) for outcome in outcomes)
    parts = [
        count(sum(len(outcome.changes) for outcome in changed), "change") + f" in {count(len(changed), 'file')}",
        f"{written} written" if written else "nothing written",
        count(manual, "place") + (" needs" if manual == 1 else " need") + " manual work",
    ]
    failed = sum(bool(outcome.problems) for outcome in outcomes)
    parts += [f"{count(failed, 'file')} that could not be used"] if failed else []
    parts += [f"{suppressed} suppressed by comments"] if suppressed else []
    parts += [f"{count(skipped, 'file')} without Keras"] if skipped else []
    return "; ".join(parts) + "."


def count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def as_json(outcomes: Sequence[Outcome], code: int) -> dict[str, Any]:
    """Return the report for programs; lines are those of the files as they were, ``new_line`` of what they become."""
    return {
        "k2compat": version("k2compat"),
        "exit_code": code,
        "files": [
            {
                "path": outcome.path.as_posix(),
                "changes": [asdict(entry) for entry in outcome.changes],
                "left": [asdict(entry) for entry in outcome.manual],
                "problems": outcome.problems,
                "suppressed": outcome.suppressed,
                "written": outcome.written,
                "skipped": outcome.skipped,
            }
            for outcome in outcomes
        ],
    }


def as_sarif(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the report in SARIF 2.1.0: manual work is a warning, a change a note, an unusable file a notification."""
    results = [
        _sarif_result(outcome, entry, level)
        for outcome in outcomes
        for level, entries in (("note", outcome.changes), ("warning", outcome.manual))
        for entry in entries
    ]
    notifications = [
        {"level": "error", "message": {"text": problem}, "locations": [{"physicalLocation": _artifact(outcome.path)}]}
        for outcome in outcomes
        for problem in outcome.problems
    ]
    driver = {
        "name": "k2compat migrate",
        "version": version("k2compat"),
        "rules": [_sarif_rule(rule) for rule in RULES],
    }
    invocation = {
        "executionSuccessful": not notifications,
        "toolExecutionNotifications": notifications,
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": SARIF, "version": "2.1.0", "runs": [run]}


def _sarif_rule(rule: type[Rule]) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.explanation()},
        "properties": {"level": rule.level, "safe": rule.safe},
    }


def _sarif_result(outcome: Outcome, entry: Entry, level: str) -> dict[str, Any]:
    region = {"startLine": entry.new_line if outcome.written else entry.line}
    if entry.cell is None:
        region["startColumn"] = entry.column
    message = f"{entry.message}; {entry.advice}" if entry.advice else entry.message
    return {
        "ruleId": entry.rule,
        "ruleIndex": [rule.name for rule in RULES].index(entry.rule),
        "level": level,
        "message": {"text": message},
        "locations": [{"physicalLocation": {**_artifact(outcome.path), "region": region}}],
    }


def _artifact(path: Path) -> dict[str, Any]:
    return {"artifactLocation": {"uri": quote(os.fsencode(path.as_posix()))}}


def write(outcomes: Sequence[Outcome], file: Path, code: int) -> None:
    """Write the report; the name says how: ``.sarif`` (or ``.sarif.json``), ``.json`` with the exit code, else text."""
    name = file.name.lower()
    if name.endswith((".sarif", ".sarif.json")):
        content = json.dumps(as_sarif(outcomes), indent=2)
    elif name.endswith(".json"):
        content = json.dumps(as_json(outcomes, code), indent=2)
    else:
        content = "\n".join(map(one_line, text(outcomes)))
    file.write_text(content + "\n", encoding="utf-8")
