"""What a rule is, and the levels in which a team takes them."""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module

# In the order in which they are taken; each begins with what the ones before it made of a file.
LEVELS = ("swap", "keras3", "native")


class Rule(ABC):
    """One thing that is rewritten, or reported.

    A rule is the only class of its kind in a file ``rules/LEVEL/SUBJECT.py``, which gives it its name and level: that
    of ``rules/keras3/removed_methods.py`` is ``keras3.removed-methods``. The docstring, in Markdown, is what
    ``--explain`` prints and what ``docs/rules.md`` is made of: what the rule does and why, with an example.

    Attributes:
        name: ``level.subject``, as in reports, ``--select`` and ``# k2compat: ignore[...]``.
        level: one of ``LEVELS``.
        formerly: names that the rule had in earlier versions; they are accepted wherever its name is.
        safe: whether the program's meaning stays; unsafe rules only report, unless ``--unsafe`` is given.
        summary: one line for ``--list-rules``.
        until: the level that takes out what this rule puts in; it is not applied together with that.
        needs: what a text has to have in it for this rule; files without it are not parsed in full. None: anything.
    """

    name: ClassVar[str]
    level: ClassVar[str]
    formerly: ClassVar[tuple[str, ...]] = ()
    safe: ClassVar[bool] = True
    summary: ClassVar[str]
    until: ClassVar[str | None] = None
    needs: ClassVar[re.Pattern[str] | None] = None

    def __init_subclass__(cls, **arguments: Any) -> None:
        """Take name and level from the file that a rule is in."""
        super().__init_subclass__(**arguments)
        folder, _, file = cls.__module__.rpartition(".")
        level = folder.rpartition(".")[2]
        if level in LEVELS:
            cls.level = level
            cls.name = f"{level}.{file.strip('_').replace('_', '-')}"

    @abstractmethod
    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        """Yield the changes this rule would make in a module, and what needs manual work.

        Checked again after the changes, it must yield no change any more.
        """

    @classmethod
    def answers_to(cls) -> frozenset[str]:
        """Return the names that mean this rule: its own, that of its level, and those it had in earlier versions."""
        return frozenset({cls.name, cls.level, *cls.formerly})

    @classmethod
    def explanation(cls) -> str:
        """Return the docstring, as ``--explain`` prints it."""
        return inspect.cleandoc(cls.__doc__ or "")
