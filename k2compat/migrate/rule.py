"""What a rule is, and the levels in which a team takes them."""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from k2compat.migrate.edits import Change, Left
from k2compat.migrate.module import Module

# In the order in which they are taken; each begins with what the ones before it made of a file.
LEVELS = ("swap", "keras3", "native")


class Rule(ABC):
    """One thing that is rewritten, or reported.

    The docstring of a subclass is what ``--explain`` prints: what it does and why, with an example before and after.

    Attributes:
        name: ``level.subject``, as in reports, ``--select`` and ``# k2compat: ignore[...]``.
        level: one of ``LEVELS``.
        safe: whether the program's meaning stays; unsafe rules only report, unless ``--unsafe`` is given.
        summary: one line for ``--list-rules``.
        needs: what a text has to have in it for this rule; files without it are not parsed in full. None: anything.
    """

    name: ClassVar[str]
    level: ClassVar[str]
    safe: ClassVar[bool] = True
    summary: ClassVar[str]
    needs: ClassVar[re.Pattern[str] | None] = None

    @abstractmethod
    def check(self, module: Module) -> Iterator[Change | Left]:
        """The changes this rule would make in a module, and what it leaves for a person.

        Checked again after the changes, it must yield no change any more.
        """

    @classmethod
    def explanation(cls) -> str:
        """The docstring, as ``--explain`` prints it."""
        return inspect.cleandoc(cls.__doc__ or "")
