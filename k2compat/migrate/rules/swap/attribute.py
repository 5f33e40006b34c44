"""Rule ``swap.attribute``."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator

import libcst as cst
from libcst.metadata import Assignment, GlobalScope, ImportAssignment, Scope

from k2compat.migrate.analysis.backend_imports import (
    BackendImport,
    backend_imports,
    blocked,
    early_statement,
    is_certain,
    other_imports,
    reaches,
    root,
)
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import BACKEND, SHIM, bound_name, dotted_name, import_aliases

IMPORT = "from k2compat import backend as {}"
TARGETS = (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.Del, cst.For, cst.AsName)


class Attribute(Rule):
    """Reaches the backend through an import of k2compat where it was an attribute of its package. The import is added
    next to that of the package, in the function where that is in one; an alias of the backend that is there already
    is used.

    ```diff
     import tensorflow as tf
    +from k2compat import backend as K

    -loss = tf.keras.backend.mean(x)
    +loss = K.mean(x)
    ```

    Where `K` is taken, it is `k2compat.backend.mean(x)`. `keras.backend = ...` and `del keras.backend` are reported.
    """

    summary = "keras.backend.x and tf.keras.backend.x become K.x of k2compat"
    needs = re.compile(r"backend|\bK\b")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        groups: dict[Hashable, list[cst.BaseExpression]] = {}
        imports: dict[Hashable, list[cst.CSTNode]] = {}
        for expression in reaches(module):
            key, imports[key] = root(module, expression)
            groups.setdefault(key, []).append(expression)
        bare: dict[Hashable, BackendImport] = {
            (module.scope(backend_import.statement), backend_import.name): backend_import
            for backend_import in backend_imports(module)
            if backend_import.package_only
        }
        stopped = blocked(module)
        for key in [*groups, *(key for key in bare if key not in groups)]:
            expressions = groups.get(key, [])
            reasons = list(self.stays(module, expressions, stopped.get(key)))
            if reasons:
                yield from reasons
            else:
                yield from Swapping(module, key, expressions, imports.get(key, []), bare.get(key)).changes()

    @staticmethod
    def stays(module: Module, expressions: list[cst.BaseExpression], use: cst.CSTNode | None) -> Iterator[ManualWork]:
        """Yield why the expressions through one name are not swapped."""
        if use is not None:
            message = f"the Keras backend stays in {len(expressions)} places: `{module.text(use)}` is only there"
            yield module.manual(use, message, "import that name from Keras on a line of its own, then run this again.")
        for expression in expressions:
            text = module.text(expression)
            if isinstance(module.parent(expression), TARGETS) and is_target(module, expression):
                advice = "do the same to `k2compat.backend`, or take it out."
                yield module.manual(expression, f"`{text}` is set or deleted", advice)
            elif not is_certain(module, expression):
                advice = "leave one of the branches, then run this again."
                yield module.manual(expression, f"`{text}` is something else in another branch", advice)


class Swapping:
    """The swap of all expressions that reach the backend through one name.

    Args:
        module: the module.
        key: the name, as ``root`` gives it.
        expressions: where the backend is reached.
        imports: the imports that bind the name.
        bare: the ``import keras.backend`` that binds it, if there is one.
    """

    def __init__(
        self,
        module: Module,
        key: Hashable,
        expressions: list[cst.BaseExpression],
        imports: list[cst.CSTNode],
        bare: BackendImport | None,
    ):
        self.module = module
        self.key = key
        self.imports = sorted(imports, key=lambda node: module.span(node)[0])
        self.bare = bare
        assigned = {expression: plain_assignment(module, expression) for expression in expressions}
        self.assignments = {node: made for node, made in assigned.items() if made is not None}
        self.rest = [expression for expression in expressions if expression not in self.assignments]
        # K of a star import stays, and is bound by the import that is added.
        self.starred = [found for found in self.rest if isinstance(found, cst.Name) and found.value == "K"]
        self.rest = [found for found in self.rest if found not in self.starred]

    def changes(self) -> Iterator[Change]:
        """Yield all changes, which are made together."""
        module = self.module
        for statement in self.assignments.values():
            text = IMPORT.format(module.text(statement.targets[0].target))
            text = text.replace(" as backend", "")
            yield module.change(statement, f"`{text}`", module.replace(statement, text), together=self.key)
        known = aliases(module)
        seen = {use: next((name for name in known if sees(module, use, name)), None) for use in self.rest}
        taken = any(is_used(module, name) for name in module.nodes(cst.Name) if name.value == "K")
        new, line = (SHIM, f"import {SHIM}") if taken else ("K", IMPORT.format("K"))
        for use, name in seen.items():
            alias = name or new
            edit = Edit(*module.whole(use), alias)
            yield module.change(use, f"`{alias}` instead of `{module.text(use)}`", edit, together=self.key)
        line = line if None in seen.values() else IMPORT.format("K") if self.starred else ""
        yield from self.import_changes(line)

    def import_changes(self, line: str) -> Iterator[Change]:
        """Yield the import that is added, and the ``import keras.backend`` that is no longer needed as such."""
        module, bare = self.module, self.bare
        if bare is not None and bare.alias is not None:
            written = dotted_name(bare.alias.name)
            package = written[: written.rindex(".backend")]
            parts = list(import_aliases(bare.statement))
            if len(parts) > 1 or self.package_is_used(bare):
                twice = any(bound_name(part) == bare.name for part in parts if part is not bare.alias)
                edits = module.drop_parts(parts, [bare.alias]) if twice else [module.replace(bare.alias.name, package)]
                yield module.change(bare.statement, f"`import {package}`", edits, together=self.key)
            else:
                needed = not (self.rest or self.assignments) or module.comment_behind(bare.statement)
                text = line or (f"import {SHIM}" if needed else "")
                edit = module.replace(bare.statement, text) if text else module.drop_statement(bare.statement)
                yield module.change(
                    bare.statement, f"`{text}`" if text else "no longer needed", edit, together=self.key
                )
                return
        if line:
            place = next(iter([*self.imports, *self.rest, *self.starred]), module.tree)
            yield module.change(place, f"`{line}`", self.added(line), together=self.key)

    def package_is_used(self, bare: BackendImport) -> bool:
        """Return whether the package is used for something else than the backend, and bound by this import alone."""
        module = self.module
        scope = module.scope(bare.statement)
        if scope is None:
            return True
        others = [b.node for b in scope[bare.name] if isinstance(b, ImportAssignment) and b.node is not bare.statement]
        if others:
            return False
        swapped = [*self.rest, *self.assignments]
        inside = {node for expression in swapped for node in module.inside(expression)}
        names = [name for name in module.named(bare.name) if name not in inside]
        return any(module.scope(name) is not None and not module.is_imported_name(name) for name in names)

    def added(self, line: str) -> list[Edit]:
        """Return the edits that add an import: next to that of the package, or above what needs it above."""
        module = self.module
        early = early_statement(module)
        if not self.imports:
            return [module.insert_line(line, early, above=True)] if early is not None else module.add_import(line)
        first = self.imports[0]
        is_first = early is not None and module.span(early)[0] <= module.span(module.statement(first))[0]
        if early is not None and is_first and isinstance(module.scope(first), GlobalScope):
            return [module.insert_line(line, early, above=True)]
        below: cst.CSTNode = module.statement(first)
        around = outermost(module, below)
        if around is not below:
            return [module.insert_line(line, around, above=True)]
        several = isinstance(below, cst.SimpleStatementLine) and len(below.body) > 1
        return [module.insert_line(line, below, above=several)]


def is_used(module: Module, name: cst.Name) -> bool:
    """Return whether an identifier is a name of the module, not an attribute of something."""
    parent = module.parent(name)
    return not (isinstance(parent, cst.Attribute) and parent.attr is name)


def outermost(module: Module, statement: cst.CSTNode) -> cst.CSTNode:
    """Return the statement around one that is in the body of the function or module itself."""
    for found in module.above(statement):
        if isinstance(found, cst.FunctionDef | cst.ClassDef):
            break
        if isinstance(found, cst.BaseCompoundStatement):
            statement = found
    return statement


def is_target(module: Module, expression: cst.BaseExpression) -> bool:
    """Return whether an expression is set, not read, by the statement it is in."""
    parent = module.parent(expression)
    return getattr(parent, "target", None) is expression or isinstance(parent, cst.Del | cst.AsName)


def plain_assignment(module: Module, expression: cst.BaseExpression) -> cst.Assign | None:
    """Return the ``K = keras.backend`` whose value an expression is."""
    statement = module.parent(expression)
    if not isinstance(statement, cst.Assign) or statement.value is not expression or len(statement.targets) > 1:
        return None
    return statement if isinstance(statement.targets[0].target, cst.Name) else None


def aliases(module: Module) -> list[str]:
    """Return the top-level names that are the backend of k2compat, or will be, and are bound to nothing else."""
    scope = module.scope(module.tree)
    if scope is None:
        return []
    swapped = [
        backend_import
        for backend_import in backend_imports(module)
        if backend_import.alias is not None and not backend_import.package_only
    ]
    names = [
        backend_import.name
        for backend_import in swapped
        if not backend_import.member and not other_imports(module, backend_import)
    ]
    names += [bound_name(alias) for statement in module.imports() for alias in import_aliases(statement)]
    names += [name.value for name in module.nodes(cst.Name) if isinstance(module.parent(name), cst.AssignTarget)]
    found = [name for name in dict.fromkeys(names) if is_backend(module, scope, name)]
    return sorted(found, key=lambda name: min(place for place, _ in places(module, scope, name)))


def places(module: Module, scope: Scope, name: str) -> list[tuple[int, bool]]:
    """Return where a name is bound, and whether that is at the top level itself, not in an ``if`` or a ``try``."""
    nodes = [binding.node for binding in scope[name] if isinstance(binding, Assignment)]
    return [(module.span(node)[0], module.parent(module.statement(node)) is module.tree) for node in nodes]


def is_backend(module: Module, scope: Scope, name: str) -> bool:
    """Return whether a name is bound to the backend in a scope for certain, and nowhere to anything else."""
    bound = places(module, scope, name)
    if len(bound) < 2 and not all(at_top for _, at_top in bound):  # in both branches it is certain
        return False
    origins = {origin for binding in scope[name] for origin in module.resolver.origins_of(binding)}
    return bool(origins) and origins <= {BACKEND, SHIM}


def sees(module: Module, use: cst.BaseExpression, name: str) -> bool:
    """Return whether a top-level name means the same at a place, and is bound above it."""
    scope = module.scope(use)
    if scope is None:
        return False
    bindings = [binding for binding in scope[name] if isinstance(binding, Assignment)]
    at_top = all(isinstance(binding.scope, GlobalScope) for binding in bindings)
    return at_top and any(module.span(binding.node)[0] < module.span(use)[0] for binding in bindings)
