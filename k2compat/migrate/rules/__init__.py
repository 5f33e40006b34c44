"""The rules, one file each, found in the folders of their levels."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from k2compat.migrate.rule import LEVELS, Rule


def _rules_of(level: str) -> Iterator[type[Rule]]:
    """Yield the rules of a level, in the order of their files."""
    folder = import_module(f"{__name__}.{level}")
    for file in sorted(module.name for module in iter_modules(folder.__path__)):
        for defined in list(vars(import_module(f"{folder.__name__}.{file}")).values()):
            if (
                isinstance(defined, type)
                and issubclass(defined, Rule)
                and defined.__module__.endswith(f"{level}.{file}")
            ):
                yield defined


# By level, and within it by name of the file.
RULES: tuple[type[Rule], ...] = tuple(rule for level in LEVELS for rule in _rules_of(level))


def rule_called(name: str) -> type[Rule] | None:
    """Return the rule that has a name, or had it in an earlier version; None if there is none."""
    return next((rule for rule in RULES if name in (rule.name, *rule.formerly)), None)
