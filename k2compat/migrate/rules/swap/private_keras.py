"""Rule ``swap.private-keras``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.backend_imports import ImportStatement, backend_imports
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import canonical, dotted_name, import_aliases
from k2compat.tables.old_modules import OLD_MODULES

INNER = re.compile(r"tensorflow\.(?:python|contrib)\.keras(?:\._impl\.keras|\.api\.keras|\.python\.keras)?(?=\.|$)")
# Where ``keras`` is imported from as a name: ``from tensorflow.python import keras``.
ABOVE = ("tensorflow.python", "tensorflow.contrib", "tensorflow.python.keras._impl")
_PUBLIC = (
    "activations applications callbacks constraints datasets initializers layers losses metrics models optimizers "
    "preprocessing preprocessing.image preprocessing.sequence preprocessing.text regularizers utils"
)
PUBLIC = frozenset(["", *_PUBLIC.split()])
TOP = frozenset(["Input", "Model", "Sequential", *_PUBLIC.split()])


class PrivateKeras(Rule):
    """Takes layers and models from `tensorflow.keras`, not from inside TensorFlow.

    `tensorflow.python.keras` is a Keras of its own, which TensorFlow keeps for itself; what is imported from there
    comes from `tensorflow.keras`, or, where that does not have it (`tensorflow.python.keras.engine`), through
    `import k2compat.auto`. Other modules are reported.

    ```diff
    -from tensorflow.python.keras.layers import Dense
    +from tensorflow.keras.layers import Dense
    ```
    """

    formerly = ("swap.inner-keras",)
    summary = "import from tensorflow.keras instead of tensorflow.python.keras"
    needs = re.compile(r"tensorflow\.(?:python|contrib)|from\s+tensorflow\s+import")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for statement, part, written in private_parts(module):
            new = public(statement, part, written)
            if new is not None:
                yield module.change(part, f"`{new}` instead of `{written}`", Edit(*module.span(part), new))
            elif not is_served(statement, written):
                advice = "import what it is used for from `tensorflow.keras`."
                yield module.manual(statement, f"`{written}` is a Keras that k2compat does not know", advice)
        for from_ in module.nodes(cst.ImportFrom):
            base = dotted_name(from_.module) if from_.module is not None and not from_.relative else ""
            aliases = list(import_aliases(from_))
            found = [alias for alias in aliases if base in ABOVE and dotted_name(alias.name) == "keras"]
            if found and len(found) == len(aliases) and from_.module is not None:
                edit = module.replace(from_.module, "tensorflow")
                yield module.change(from_, f"from `tensorflow` instead of `{base}`", edit)
            elif found:
                names = ", ".join(module.text(alias).rstrip(", ") for alias in found)
                edits = module.drop_parts(aliases, found)
                line = module.insert_line(f"from tensorflow import {names}", from_)
                yield module.change(from_, f"`keras` from `tensorflow` instead of `{base}`", edits, line)


def private_parts(module: Module) -> Iterator[tuple[ImportStatement, cst.CSTNode, str]]:
    """Yield the private modules of Keras that a module imports: the statement, the name of the module in it, its text.

    Imports of the backend are the subject of other rules.
    """
    of_backend = {backend_import.alias for backend_import in backend_imports(module)}
    for statement in module.imports():
        if isinstance(statement, cst.ImportFrom):
            if statement.module is None or all(alias in of_backend for alias in import_aliases(statement)):
                continue
            parts: list[cst.BaseExpression] = [statement.module]
        else:
            parts = [alias.name for alias in import_aliases(statement) if alias not in of_backend]
        for part in parts:
            if INNER.match(dotted_name(part)):
                yield statement, part, dotted_name(part)


def inside(written: str) -> str:
    """Return the module of Keras behind a private one, without the package."""
    return canonical(written).removeprefix("keras").lstrip(".")


def public(statement: ImportStatement, part: cst.CSTNode, written: str) -> str | None:
    """Return the public module to write; None if there is none, or its name is used in the code."""
    rest = inside(written)
    if rest not in PUBLIC:
        return None
    if isinstance(statement, cst.ImportFrom):
        names = [dotted_name(alias.name) for alias in import_aliases(statement)]
        known = rest != "" or all(name in TOP or name == "backend" for name in names)
    else:
        known = any(alias.name is part and alias.asname is not None for alias in import_aliases(statement))
    return f"tensorflow.keras.{rest}".rstrip(".") if known else None


def is_served(statement: ImportStatement, written: str) -> bool:
    """Return whether the import hooks of k2compat have all that is imported from a private module."""
    rest = inside(written)
    if rest:
        return rest in PUBLIC or rest in OLD_MODULES
    if isinstance(statement, cst.Import) or isinstance(statement.names, cst.ImportStar):
        return True
    names = [dotted_name(alias.name) for alias in import_aliases(statement)]
    return all(name in TOP or name in OLD_MODULES or name == "backend" for name in names)


def needs_hooks(module: Module) -> str:
    """Return the private module that is there with the import hooks only; empty if there is none."""
    for statement, part, written in private_parts(module):
        if public(statement, part, written) is None and is_served(statement, written):
            return f"`{written}` is there with it only"
    return ""
