"""Counts uses of the old backend: what ``migrate`` would find on each level, and the K names that are used."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import libcst as cst

from k2compat.migrate.analysis.k_calls import is_read, k_uses
from k2compat.migrate.files.encoding import Unusable
from k2compat.migrate.files.migrate_file import Outcome, Settings
from k2compat.migrate.files.notebook import Notebook
from k2compat.migrate.files.parallel import migrate_files
from k2compat.migrate.rule import LEVELS
from k2compat.migrate.rules import RULES
from k2compat.migrate.rules.swap.graph_mode import CALLED as SWITCHES
from k2compat.migrate.syntax.module import CannotParse, Module

SESSIONS = frozenset(
    f"{home}.{name}"
    for home in ("tensorflow", "tensorflow.compat.v1", "tensorflow.compat.v2.compat.v1")
    for name in ("Session", "InteractiveSession")
)
K_SESSIONS = frozenset(["get_session", "set_session"])


@dataclass
class Count:
    """What ``migrate`` finds on one level: what it would change, and what needs manual work."""

    changes: int = 0
    manual: int = 0

    @property
    def total(self) -> int:
        return self.changes + self.manual


@dataclass
class Audit:
    """What ``migrate`` finds in one file.

    Attributes:
        path: of the file.
        levels: what ``migrate`` finds, by level.
        rules: how often each rule finds something.
        names: how often each K name is used.
        left: how many uses of K names are left after the last level.
        switches: calls that force graph mode.
        sessions: uses of sessions, TensorFlow's and the backend's.
        suppressed: findings that a comment suppresses; not counted elsewhere.
        problems: why the file, or a part of it, could not be read.
    """

    path: Path
    levels: dict[str, Count]
    rules: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    left: int = 0
    switches: int = 0
    sessions: int = 0
    suppressed: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def automatic(self) -> int:
        """Return how many uses of K names the levels rewrite."""
        return max(self.names.total() - self.left, 0)

    @property
    def total(self) -> int:
        """Return the number of all findings."""
        return sum(count.total for count in self.levels.values())


def audit_files(paths: Sequence[Path], levels: Sequence[str] = LEVELS, processes: int | None = None) -> Iterator[Audit]:
    """Audit files; yield each as it is ready, in any order.

    Args:
        paths: the files.
        levels: those to count; what a level finds is found in what the levels before it made of a file.
        processes: how many at most; by default as many as there are cores.
    """
    settings = Settings(tuple(rule.name for rule in RULES if rule.level in levels))
    for outcome in migrate_files(paths, settings, processes):
        yield audited(outcome, levels)


def audited(outcome: Outcome, levels: Sequence[str]) -> Audit:
    """Return the counts of one file."""
    audit = Audit(outcome.path, {level: Count() for level in levels}, problems=list(outcome.problems))
    audit.suppressed = outcome.suppressed
    for kind, entries in (("changes", outcome.changes), ("manual", outcome.manual)):
        for entry in entries:
            count = audit.levels[entry.rule.partition(".")[0]]
            setattr(count, kind, getattr(count, kind) + 1)
            audit.rules[entry.rule] += 1
    if outcome.old:
        try:
            is_notebook = outcome.path.suffix == ".ipynb"
            old, new = (Notebook(text).text if is_notebook else text for text in (outcome.old, outcome.new))
            _count_names(Module(old), audit)
            audit.left = len(k_uses(Module(new))) if new != old else audit.names.total()
        except (CannotParse, Unusable):
            pass  # said in the outcome's problems
    return audit


def _count_names(module: Module, audit: Audit) -> None:
    audit.names.update(name for _, name in k_uses(module))
    audit.sessions += sum(audit.names[name] for name in K_SESSIONS)
    for node in [*module.nodes(cst.Attribute), *module.nodes(cst.Name)]:
        if is_read(module, node) and not module.is_imported_name(node):
            found = module.refers_to(node)
            audit.switches += found in SWITCHES
            audit.sessions += found in SESSIONS


def total(audits: Iterable[Audit]) -> int:
    """Return the number of findings in files."""
    return sum(audit.total for audit in audits)


def as_json(audits: Sequence[Audit], levels: Sequence[str], fail_over: int | None = None) -> str:
    """Return the counts for programs."""
    names: Counter[str] = Counter()
    for audit in audits:
        names += audit.names
    found = {
        "k2compat": version("k2compat"),
        "total": total(audits),
        "fail_over": fail_over,
        "levels": {level: _count([audit.levels[level] for audit in audits]) for level in levels},
        "names": dict(names.most_common()),
        "automatic": sum(audit.automatic for audit in audits),
        "switches": sum(audit.switches for audit in audits),
        "sessions": sum(audit.sessions for audit in audits),
        "suppressed": sum(audit.suppressed for audit in audits),
        "files": [_file(audit) for audit in audits],
    }
    return json.dumps(found, indent=2)


def _count(counts: Sequence[Count]) -> dict[str, int]:
    return {"changes": sum(count.changes for count in counts), "left": sum(count.manual for count in counts)}


def _file(audit: Audit) -> dict[str, Any]:
    return {
        "path": audit.path.as_posix(),
        "total": audit.total,
        "levels": {level: _count([count]) for level, count in audit.levels.items()},
        "rules": dict(sorted(audit.rules.items())),
        "names": dict(audit.names.most_common()),
        "automatic": audit.automatic,
        "switches": audit.switches,
        "sessions": audit.sessions,
        "suppressed": audit.suppressed,
        "problems": audit.problems,
    }


@dataclass(frozen=True)
class Called:
    """How often a K function was called from a place, as ``K2COMPAT_AUDIT`` recorded it."""

    name: str
    file: str
    line: int
    calls: int


def recorded(file: Path) -> list[Called]:
    """Return the calls in a file that ``K2COMPAT_AUDIT`` wrote, added up over processes; the most frequent first.

    Raises:
        Unusable: the file cannot be read, or is none.
    """
    most: dict[tuple[str, str, str, int], int] = {}
    number = 0
    try:
        for line in file.read_text(encoding="utf-8").splitlines():
            number += 1
            entry = json.loads(line)
            key = (str(entry["run"]), str(entry["name"]), str(entry["file"]), int(entry["line"]))
            most[key] = max(most.get(key, 0), int(entry["calls"]))
    except OSError as problem:
        raise Unusable(f"{file}: {problem.strerror}") from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise Unusable(f"{file}, line {number}: not written by K2COMPAT_AUDIT") from problem
    sums: Counter[tuple[str, str, int]] = Counter()
    for (_, name, where, at), calls in most.items():
        sums[name, where, at] += calls
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return [Called(name, where, at, calls) for (name, where, at), calls in ordered]
