"""Rule ``native.unused-import``."""

from __future__ import annotations

from collections.abc import Iterator

from k2compat.migrate.analysis.k_calls import k_uses
from k2compat.migrate.analysis.unused_imports import (
    Idle,
    idle_imports,
    is_exported,
    of_star,
    repaired,
    taken_out,
    unbound,
)
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module


class UnusedImport(Rule):
    """An import of the shim that nothing reads any more goes, a star import too; one of which that is not known is
    listed. One that other files import from there stays, and is reported:

    ```diff
     import keras
    -from k2compat import backend as K
     layer = keras.layers.Dense(3)
    ```
    """

    formerly = ("native.import",)
    summary = "take out imports of k2compat.backend that nothing needs"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        idle: Idle = []
        for statement, alias in idle_imports(module):
            if is_exported(module, statement, alias):
                what = f"`{module.text(statement)}` is not read here, but passed on between files of the project"
                yield module.manual(statement, what, "take it out where it is imported, then where it comes from.")
            else:
                idle.append((statement, alias))
        if idle and repaired(module) is None:
            yield from taken_out(module, idle, "take out")
        used = {node for node, _ in k_uses(module)}
        maybe = [] if idle else list(unbound(module))
        if maybe and not used.intersection(maybe):
            for statement in filter(lambda statement: of_star(module, statement), module.imports()):
                yield module.manual(
                    statement,
                    f"`{module.text(statement)}` stays: `{maybe[0].value}` in line {module.line_of(maybe[0])} may be "
                    "from there",
                    "import the names that are used from where they belong, then take it out.",
                )
