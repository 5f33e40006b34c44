"""Settings from ``[tool.k2compat]`` in pyproject.toml, and which rules a choice of levels and names means."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from k2compat.migrate.files.encoding import Unusable
from k2compat.migrate.rule import LEVELS, Rule
from k2compat.migrate.rules import RULES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Key of [tool.k2compat] -> what its value has to be.
KEYS: dict[str, type] = {"level": str, "select": list, "ignore": list, "exclude": list, "unsafe": bool}


def configuration(start: Path) -> dict[str, Any]:
    """Return the ``[tool.k2compat]`` of the nearest pyproject.toml that has one, in a folder or above it; else empty.

    Raises:
        Unusable: the file cannot be parsed, or has a key or value that is none.
    """
    folder = start.absolute()
    for file in (parent / "pyproject.toml" for parent in (folder, *folder.parents)):
        if file.is_file():
            try:
                table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("k2compat")
            except (tomllib.TOMLDecodeError, UnicodeError, OSError) as problem:
                raise Unusable(f"{file}: {problem}") from problem
            if table is not None:
                return _checked(file, table)
    return {}


def _checked(file: Path, table: dict[str, Any]) -> dict[str, Any]:
    for key, value in table.items():
        kind = KEYS.get(key)
        if kind is None:
            raise Unusable(f"{file}: [tool.k2compat] has no key {key!r}; it has {', '.join(KEYS)}")
        texts = all(isinstance(item, str) for item in value) if isinstance(value, list) else True
        if not isinstance(value, kind) or not texts:
            expected = "a list of strings" if kind is list else {str: "a string", bool: "true or false"}[kind]
            raise Unusable(f"{file}: {key} in [tool.k2compat] is {value!r}, not {expected}")
    return table


def chosen(level: str, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> list[type[Rule]]:
    """Return the rules that a choice means.

    Args:
        level: the levels up to this one, where nothing is selected.
        select: names of rules and levels.
        ignore: names of rules and levels to leave out.

    Raises:
        Unusable: a name is none.
    """
    names = frozenset().union(*(rule.answers_to() for rule in RULES), LEVELS)
    for name in [level, *select, *ignore]:
        if name not in names:
            raise Unusable(f"no rule or level {name!r}; `k2compat migrate --list-rules` lists them")
    if level not in LEVELS:
        raise Unusable(f"no level {level!r}; there are {', '.join(LEVELS)}")
    wanted = set(select) or set(LEVELS[: LEVELS.index(level) + 1])
    return [rule for rule in RULES if rule.answers_to() & wanted and not rule.answers_to() & set(ignore)]
