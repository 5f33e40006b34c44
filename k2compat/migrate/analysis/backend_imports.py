"""The ways a module gets at the backend: imports that bind it or a name of it, and expressions that reach it."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import Assignment, ImportAssignment

from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import BACKEND, NOTHING, SHIM, bound_name, canonical, dotted_name, import_aliases
from k2compat.tables.offered import ITSELF, OFFERED, ONLY_IN_KERAS3
from k2compat.tables.old_names import is_gone

ImportStatement = cst.Import | cst.ImportFrom
# The parts of ``tensorflow.python.keras.backend.tensorflow_backend.mean`` around the backend.
NAMES = ("backend", "K")  # what modules of Keras called the backend
AT_BACKEND = re.compile(r"keras\.backend(?:\.(?:" + "|".join(ITSELF) + r"))*(?=\.|$)")


@dataclass(frozen=True)
class BackendImport:
    """One part of an import that binds the backend, or a name of it.

    Attributes:
        statement: the import.
        alias: its part; None for a star.
        name: the name that is bound; ``*`` for a star.
        member: the name of the backend that is bound, ``""`` for the backend itself.
        package_only: ``import keras.backend``, which binds the package above.
    """

    statement: ImportStatement
    alias: cst.ImportAlias | None
    name: str
    member: str
    package_only: bool = False

    @property
    def offered(self) -> bool:
        return self.member in OFFERED or not self.member


def backend_imports(module: Module) -> Iterator[BackendImport]:
    """Yield the imports of a module that lead to the backend of a Keras, in the order of the text."""
    for statement in module.nodes(cst.Import):
        for alias in import_aliases(statement):
            found = AT_BACKEND.match(canonical(dotted_name(alias.name)))
            if found:
                member = found.string[found.end() :].lstrip(".")
                yield BackendImport(statement, alias, bound_name(alias), member, package_only=alias.asname is None)
    for source in module.nodes(cst.ImportFrom):
        base = dotted_name(source.module) if source.module is not None and not source.relative else ""
        if isinstance(source.names, cst.ImportStar) and AT_BACKEND.fullmatch(canonical(base)):
            yield BackendImport(source, None, "*", "")
        for alias in import_aliases(source):
            found = AT_BACKEND.match(canonical(f"{base}.{dotted_name(alias.name)}"))
            if found:
                yield BackendImport(source, alias, bound_name(alias), found.string[found.end() :].lstrip("."))


def reaches(module: Module) -> Iterator[cst.BaseExpression]:
    """Yield the expressions of a module that reach the backend through its package, as ``tf.keras.backend``.

    Those that may or may not, depending on the branch taken, are among them.
    """
    for attribute in module.nodes(cst.Attribute):
        if attribute.attr.value not in NAMES or module.is_imported_name(attribute):
            continue
        if BACKEND in module.resolver.origins(attribute) and BACKEND not in module.resolver.origins(attribute.value):
            yield attribute
    for name in (name for word in NAMES for name in module.named(word)):  # from keras import *
        if module.refers_to(name) == BACKEND and not bindings_of(module, name):
            yield name
    for call in module.nodes(cst.Call):
        if module.refers_to(call) == BACKEND:
            yield call
    for subscript in module.nodes(cst.Subscript):
        if module.refers_to(subscript) == BACKEND:
            yield subscript


def is_certain(module: Module, expression: cst.BaseExpression) -> bool:
    """Return whether an expression is the backend whatever branch was taken."""
    return module.refers_to(expression) == BACKEND


def root(module: Module, expression: cst.BaseExpression) -> tuple[Hashable, list[cst.CSTNode]]:
    """Return the name through which an expression reaches what it refers to: its key, and the statements that bind it.

    ``keras`` in ``keras = tf.keras`` is followed to ``tf``.
    """
    seen: set[Hashable] = set()
    node: cst.CSTNode = expression
    while True:
        while isinstance(node, cst.Attribute | cst.Call | cst.Subscript):
            is_getattr = isinstance(node, cst.Call) and module.refers_to(node.func) == "getattr"
            node = node.args[0].value if is_getattr and isinstance(node, cst.Call) else below(node)
        bindings = bindings_of(module, node)
        key = (bindings[0].scope, bindings[0].name) if bindings else None
        values = [module.resolver.value_of(binding) for binding in bindings]
        following = next((value for value in values if value is not None), None)
        if following is None or key in seen:
            return key, [binding.node for binding in bindings if isinstance(binding, ImportAssignment)]
        seen.add(key)
        node = following


def below(node: cst.Attribute | cst.Call | cst.Subscript) -> cst.CSTNode:
    """Return the expression that an attribute is read from, or that is called or indexed."""
    return node.func if isinstance(node, cst.Call) else node.value


def bindings_of(module: Module, node: cst.CSTNode) -> list[Assignment]:
    """Return where a name is bound, in the order of the text."""
    scope = module.scope(node) if isinstance(node, cst.Name) else None
    if scope is None or not isinstance(node, cst.Name):
        return []
    found = [binding for binding in scope[node.value] if isinstance(binding, Assignment)]
    return sorted(found, key=lambda binding: module.span(binding.node)[0])


def other_imports(module: Module, backend_import: BackendImport) -> list[str]:
    """Return what other imports bind the name of a backend import to, if k2compat cannot replace that."""
    scope = module.scope(backend_import.statement)
    if scope is None or backend_import.package_only or backend_import.name == "*":
        return []
    imports = [binding for binding in scope[backend_import.name] if isinstance(binding, ImportAssignment)]
    origins = {
        origin for binding in imports if binding.scope is scope for origin in module.resolver.origins_of(binding)
    }
    return sorted(origin for origin in origins - {NOTHING} if not is_offered(origin))


def is_offered(dotted: str) -> bool:
    """Return whether a dotted name is the backend, or a name of it that k2compat has."""
    for prefix in (BACKEND, SHIM):
        if dotted == prefix or (dotted.startswith(prefix + ".") and dotted.split(".")[2] in OFFERED):
            return True
    return False


def missing_names(module: Module) -> Iterator[tuple[cst.Attribute, str]]:
    """Yield the places where a name is read from the backend that k2compat has not, with the name."""
    for attribute in module.nodes(cst.Attribute):
        if attribute.attr.value in OFFERED:
            continue
        base, _, name = (module.refers_to(attribute) or "").rpartition(".")
        if not AT_BACKEND.fullmatch(base.replace(SHIM, BACKEND, 1)) or is_offered(f"{BACKEND}.{name}"):
            continue
        if not isinstance(module.parent(attribute), cst.AssignTarget | cst.Del) and not module.is_imported_name(
            attribute
        ):
            yield attribute, attribute.attr.value


def blocked(module: Module) -> dict[Hashable, cst.Attribute]:
    """Return the names (see ``root``) that cannot be swapped, because something works now that would not afterwards."""
    found: dict[Hashable, cst.Attribute] = {}
    for attribute, name in missing_names(module):
        if name in ONLY_IN_KERAS3 and module.refers_to(attribute.value) == BACKEND:
            found.setdefault(root(module, attribute.value)[0], attribute)
    return found


def early_statement(module: Module, swapped: Collection[ImportStatement] = ()) -> cst.CSTNode | None:
    """Return the first top-level statement that only works below an import of k2compat, if it is not there.

    Args:
        module: the module.
        swapped: imports that will be ones of k2compat.
    """
    for line in module.tree.body:
        for statement in imports_in(module, line):
            if statement in swapped or any(dotted.startswith("k2compat") for dotted in imported_names(statement)):
                return None
            if any(is_gone(dotted) for dotted in imported_names(statement)):
                return line
    return None


def imports_in(module: Module, line: cst.CSTNode) -> list[ImportStatement]:
    """Return the imports in a top-level statement, but for those in functions and classes."""
    if isinstance(line, cst.FunctionDef | cst.ClassDef):
        return []
    return [found for found in module.imports() if line in module.above(found) and not _in_function(module, found)]


def _in_function(module: Module, node: cst.CSTNode) -> bool:
    return any(isinstance(found, cst.FunctionDef | cst.Lambda) for found in module.above(node))


def imported_names(statement: ImportStatement) -> Iterator[str]:
    """Yield the full names of what an import imports, as written; none for relative ones."""
    base = ""
    if isinstance(statement, cst.ImportFrom):
        if statement.relative or statement.module is None:
            return
        base = dotted_name(statement.module) + "."
        yield base.rstrip(".")
    yield from (base + dotted_name(alias.name) for alias in import_aliases(statement))
