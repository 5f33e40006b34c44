"""Rule ``swap.third-party-backend``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.backend_imports import ImportStatement, root
from k2compat.migrate.analysis.k_calls import is_read
from k2compat.migrate.files.project import LIBRARIES
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import import_aliases
from k2compat.tables.native import NATIVE

LIKE = re.compile(r"K|\w*backend\w*")


class ThirdPartyBackend(Rule):
    """Reports a `K` or `backend` that comes from a library and seems to be the backend of a Keras, as in `from
    keras_contrib import backend as K`, in a file that mentions Keras: what is read from it has names of
    `keras.backend`. Whether these may come from k2compat, you have to decide.

    Reported:

    ```text
    from keras_contrib import backend as K
    loss = K.mean(K.square(x))
    ```
    """

    formerly = ("swap.other-backend",)
    summary = "report a backend of Keras that comes from another library"
    needs = re.compile(r"\bK\b|backend")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for (statement, base), names in self.uses(module).items():
            known = sorted(names & NATIVE.keys())
            if not known or (len(known) < len(names) and "keras" not in base.lower()):
                continue
            some = ", ".join(f"`{name}`" for name in known[:3]) + (", ..." if len(known) > 3 else "")
            yield module.manual(
                statement,
                f"`{base}` seems to be the backend of a Keras, from a library ({some})",
                f"import what k2compat.backend has from there, and keep only what is `{base.partition('.')[0]}`'s own; "
                "or run this on the library.",
            )

    @staticmethod
    def uses(module: Module) -> dict[tuple[ImportStatement, str], set[str]]:
        """Return the imports of what is called like a backend, with what is read from it."""
        found: dict[tuple[ImportStatement, str], set[str]] = {}
        for statement in module.imports():
            for alias in import_aliases(statement):
                base, _, name = (module.resolver.imported(statement, alias) or "").rpartition(".")
                if isinstance(statement, cst.ImportFrom) and is_foreign(module, base):
                    found.setdefault((statement, base), set()).add(name)
        for attribute in module.nodes(cst.Attribute):
            base = module.refers_to(attribute.value) or ""
            if is_foreign(module, base) and is_read(module, attribute) and not module.is_imported_name(attribute):
                for source in root(module, attribute)[1]:
                    if isinstance(source, cst.Import | cst.ImportFrom):
                        found.setdefault((source, base), set()).add(attribute.attr.value)
        return found


def is_foreign(module: Module, dotted: str) -> bool:
    """Return whether a dotted name is that of a backend of a library: of no Keras, and not in the codebase."""
    package, _, inside = dotted.partition(".")
    return (
        LIKE.fullmatch(inside.rpartition(".")[2]) is not None
        and package not in LIBRARIES
        and not module.resolver.is_at_home(package)
    )
