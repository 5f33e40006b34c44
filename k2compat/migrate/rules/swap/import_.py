"""Rule ``swap.import``."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping

import libcst as cst

from k2compat.migrate.analysis.backend_imports import (
    AT_BACKEND,
    BackendImport,
    ImportStatement,
    backend_imports,
    blocked,
    early_statement,
    other_imports,
)
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Applied, Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import UNKNOWN, bound_name, canonical, dotted_name, import_aliases

# Modules whose functions the backend has, too.
CONFIGS = ("backend_config",)


class Import(Rule):
    """Imports the backend from k2compat, however it was imported. The name it is bound to stays, so that nothing else
    changes, in this file or in those that import it from here.

    ```diff
    -from keras import layers, backend as K
    -from keras.backend.tensorflow_backend import set_session
    +from keras import layers
    +from k2compat import backend as K
    +from k2compat.backend import set_session
    ```

    A `try` that chose between two versions of Keras becomes one line. Above imports that only k2compat brings back
    (`keras.layers.core`, `keras.losses.mse`) the import is moved. It stays as it is, and is reported, if the file
    uses a name that only Keras 3's own backend has (`K.result_type`), or if another branch binds the same name to
    something else.
    """

    summary = "import the backend from k2compat"
    needs = re.compile(r"backend|\bK\b")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        stopped = blocked(module)
        ready: dict[ImportStatement, list[BackendImport]] = {}
        for backend_import in backend_imports(module):
            if backend_import.package_only and backend_import.offered:
                continue  # swap.attribute
            reason = why_not(module, backend_import, stopped)
            if reason is None:
                ready.setdefault(backend_import.statement, []).append(backend_import)
            else:
                yield module.manual(backend_import.alias or backend_import.statement, *reason)
        done: set[ImportStatement] = set()
        for choice in module.nodes(cst.Try):
            statements = same_import(choice, ready)
            if statements and "#" not in module.source[slice(*extent(module, choice))]:
                done.update(statements)
                text = swapped_text(module, statements[0])
                yield module.change(choice, f"`{text}` in place of all branches", Edit(*extent(module, choice), text))
        early = early_statement(module, ready)
        for statement, swapped in ready.items():
            if statement not in done:
                move = early if early is not None and can_move(module, statement, swapped) else None
                yield one_import(module, statement, swapped, move)
                early = None if move is not None else early
        if early is not None and ready:
            text = "import k2compat.backend"
            edit = module.insert_line(text, early, above=True)
            yield module.change(early, f"`{text}` above the imports that work below it only", edit)


def why_not(
    module: Module, backend_import: BackendImport, stopped: Mapping[Hashable, cst.CSTNode]
) -> tuple[str, str] | None:
    """Return why an import is not swapped, and what to do about it; None if it is."""
    if not backend_import.offered:
        return (
            f"`{backend_import.member}` of the Keras backend is not in k2compat.backend",
            "see `python -m k2compat api` for what is, or write it with `tf.` functions.",
        )
    others = other_imports(module, backend_import)
    if others:
        shown = " or ".join("something unknown" if name == UNKNOWN else f"`{name}`" for name in others)
        return (
            f"`{backend_import.name}` stays the Keras backend: another branch binds it to {shown}",
            "take out the branch that is no longer needed, then run this again.",
        )
    use = stopped.get((module.scope(backend_import.statement), backend_import.name))
    if use is not None:
        return (
            f"`{backend_import.name}` stays the Keras backend: "
            f"`{module.text(use)}` in line {module.line_of(use)} is only there",
            "import that name from Keras on a line of its own, then run this again.",
        )
    return None


def one_import(
    module: Module, statement: ImportStatement, swapped: list[BackendImport], above: cst.CSTNode | None
) -> Change:
    """Return the change that swaps parts of an import, and moves it above another statement if that is given."""
    if above is not None:
        text = swapped_text(module, statement)
        moved = as_written(module, statement) + module.comment_behind(statement)
        edits = [module.drop_statement(statement), module.insert_line(moved, above, above=True)]
        return module.change(statement, f"`{text}`, above the imports that work below it only", edits)
    if isinstance(statement, cst.Import):
        edits = [
            module.replace(backend_import.alias.name, "k2compat.backend")
            for backend_import in swapped
            if backend_import.alias is not None
        ]
        text = ", ".join(f"import k2compat.backend as {backend_import.name}" for backend_import in swapped)
        return module.change(statement, f"`{text}`", edits)
    aliases = list(import_aliases(statement))
    parts = [backend_import.alias for backend_import in swapped if backend_import.alias is not None]
    base = new_base(statement)
    if statement.module is not None and len(parts) == len(aliases):
        message = f"from `{base}` instead of `{module.text(statement.module)}`"
        return module.change(statement, message, whole_edits(module, statement))
    text = f"from {base} import {', '.join(part_text(module, statement, part) for part in parts)}"
    edits = module.drop_parts(aliases, parts)
    comments = [comment for edit in edits for comment in module.comments(edit.start, edit.end)]
    line = "  ".join([text, *comments])
    return module.change(statement, f"`{text}`", edits, module.insert_line(line, statement))


def swapped_text(module: Module, statement: ImportStatement) -> str:
    """Return an import all parts of which are swapped, in one line."""
    if isinstance(statement, cst.Import):
        return "; ".join(f"import k2compat.backend as {bound_name(part)}" for part in import_aliases(statement))
    names = [part_text(module, statement, part) for part in import_aliases(statement)] or ["*"]
    return f"from {new_base(statement)} import {', '.join(names)}"


def as_written(module: Module, statement: ImportStatement) -> str:
    """Return an import all parts of which are swapped, with its own blanks and comments."""
    start, end = module.span(statement)
    edits = whole_edits(module, statement)
    relative = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
    return Applied(module.source[start:end], relative).text


def whole_edits(module: Module, statement: ImportStatement) -> list[Edit]:
    """Return the edits of an import all parts of which are swapped."""
    parts = list(import_aliases(statement))
    if isinstance(statement, cst.Import):
        return [module.replace(part.name, "k2compat.backend") for part in parts]
    edits = [module.replace(statement.module, new_base(statement))] if statement.module is not None else []
    named = [(part, part_text(module, statement, part)) for part in parts]
    return edits + [Edit(*module.span(part), text) for part, text in named if text != module.text(part)]


def part_text(module: Module, statement: ImportStatement, part: cst.ImportAlias) -> str:
    """Return a part of a swapped import: ``K`` of another module of Keras is ``backend as K``."""
    if isinstance(statement, cst.ImportFrom) and (is_taken_through(statement) or dotted_name(part.name) in CONFIGS):
        return f"backend as {bound_name(part)}"
    return module.text(part)


def is_taken_through(statement: cst.ImportFrom) -> bool:
    """Return whether an import takes the backend from a module that imports it itself, as ``keras.layers.core``."""
    base = canonical(dotted_name(statement.module)) if statement.module else ""
    return base != "keras" and AT_BACKEND.match(base) is None


def new_base(statement: cst.ImportFrom) -> str:
    """Return the module to import from instead."""
    base = canonical(dotted_name(statement.module)) if statement.module else ""
    return "k2compat" if base == "keras" or is_taken_through(statement) else "k2compat.backend"


def can_move(module: Module, statement: ImportStatement, swapped: list[BackendImport]) -> bool:
    """Return whether an import is a top-level line of its own all parts of which are swapped."""
    line = module.parent(statement)
    alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 and module.parent(line) is module.tree
    return alone and len(swapped) == len(list(import_aliases(statement)))


def same_import(choice: cst.Try, ready: dict[ImportStatement, list[BackendImport]]) -> list[ImportStatement]:
    """Return the imports of a ``try`` that chose between versions of Keras, if its branches are the same; else none."""
    if choice.orelse or choice.finalbody:
        return []
    found: list[ImportStatement] = []
    bound = set()
    for block in [choice.body, *(handler.body for handler in choice.handlers)]:
        lines = block.body
        small = lines[0].body if len(lines) == 1 and isinstance(lines[0], cst.SimpleStatementLine) else ()
        statement = small[0] if len(small) == 1 else None
        if not isinstance(statement, cst.Import | cst.ImportFrom):
            return []
        swapped = ready.get(statement, [])
        if not swapped or len(swapped) != len(list(import_aliases(statement))):
            return []
        found.append(swapped[0].statement)
        bound.add(frozenset((backend_import.name, backend_import.member) for backend_import in swapped))
    return found if len(bound) == 1 else []


def extent(module: Module, choice: cst.Try) -> tuple[int, int]:
    """Return the range from the ``try`` to the end of its last statement."""
    last = choice.handlers[-1].body.body[-1]
    return module.span(choice)[0], module.span(last)[1]
