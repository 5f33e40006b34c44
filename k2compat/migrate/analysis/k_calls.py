"""How a module spells TensorFlow, Keras and the K functions, and how a K call becomes its native equivalent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import libcst as cst
from libcst.metadata import Assignment, GlobalScope

from k2compat.migrate.syntax.edits import Edit
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import BACKEND, SHIM, bound_name, import_aliases
from k2compat.tables.offered import OFFERED
from k2compat.tables.spellings import SETTINGS


class NoEquivalent(Exception):
    """A call that has no native equivalent; the message says why."""


def k_name(module: Module, node: cst.CSTNode) -> str | None:
    """Return the K function a name or attribute refers to, as ``mean``; None for anything else."""
    found = module.refers_to(node)
    if found is None:
        return None
    for home in (SHIM, BACKEND):
        name = found.removeprefix(home + ".").removeprefix("tensorflow_backend.")
        if found.startswith(home + ".") and name in OFFERED:
            return name
    return None


@lru_cache(maxsize=2)
def k_uses(module: Module) -> tuple[tuple[cst.Name | cst.Attribute, str], ...]:
    """Return where a module uses names of the K namespace, and which; imports do not count. Cached for other rules."""
    nodes: list[cst.Name | cst.Attribute] = [*module.nodes(cst.Attribute), *module.nodes(cst.Name)]
    found = ((node, k_name(module, node)) for node in nodes)
    used = ((node, name) for node, name in found if name is not None and is_read(module, node))
    return tuple((node, name) for node, name in used if not module.is_imported_name(node))


def is_read(module: Module, node: cst.CSTNode) -> bool:
    """Return whether a name or attribute is read: it is no target, keyword, parameter or part of ``a.name``."""
    parent = module.parent(node)
    if isinstance(parent, cst.Attribute):
        return parent.value is node
    if isinstance(parent, cst.Arg):
        return parent.keyword is not node
    if isinstance(parent, cst.For | cst.CompFor | cst.AnnAssign | cst.NamedExpr):
        return parent.target is not node
    if isinstance(parent, cst.Element) and _is_target(module, parent):
        return False
    return not isinstance(
        parent, cst.AssignTarget | cst.Param | cst.NameItem | cst.FunctionDef | cst.ClassDef | cst.AsName
    )


def _is_target(module: Module, element: cst.Element) -> bool:
    """Return whether an element is one of ``a, b = ...`` or of ``for a, b in ...``."""
    row: cst.CSTNode = element
    above = module.parent(row)
    while isinstance(above, cst.Element | cst.StarredElement | cst.Tuple | cst.List):
        row, above = above, module.parent(above)
    if isinstance(above, cst.For | cst.CompFor):
        return above.target is row
    return isinstance(above, cst.AssignTarget)


def spelled(module: Module, dotted: str, at: cst.CSTNode) -> tuple[str, list[Edit]]:
    """Return a name of ``tf`` or ``keras`` as this module writes it, and the import that it may need.

    Args:
        module: where it is to be written.
        dotted: ``tf.GradientTape``, ``keras.ops.mean``.
        at: the node beside which it is to be written.

    Raises:
        NoEquivalent: the module is on a Keras that does not have it.
    """
    package, _, rest = dotted.partition(".")
    is_keras2 = package == "keras" and _imports(module, r"tf_keras\b")
    if is_keras2 and rest.startswith(("ops", "config", "random", "saving")):
        raise NoEquivalent("this file is on tf_keras, which has no keras.ops")
    full = {"tf": "tensorflow", "keras": "keras", "np": "numpy"}[package]
    if package == "keras" and rest == "Model":
        for candidate in ("Model", "KModel"):
            if _bound(module, candidate, at) in ("keras.models.Model", "keras.Model"):
                return candidate, []
    for candidate in (package, full, *_imported_as(module, full)):
        if _bound(module, candidate, at) == full:
            return f"{candidate}.{rest}", []
    if is_keras2:
        return f"tf_keras.{rest}", module.add_import("import tf_keras")
    if package == "keras" and not _imports(module, r"keras\b"):
        if _imports(module, r"tensorflow\.(?:python\.)?keras\b") and _is_free(module, package):
            return dotted, module.add_import("from tensorflow import keras")
        if _bound(module, "tf", at) == "tensorflow":
            return f"tf.{dotted}", []
    if _is_free(module, package):
        name = "import keras" if package == "keras" else f"import {full} as {package}"
        return dotted, module.add_import(name)
    return f"{full}.{rest}", module.add_import(f"import {full}")


def _bound(module: Module, name: str, at: cst.CSTNode) -> str | None:
    """Return what a name refers to beside a node, if the module binds it at its top level, and nowhere between."""
    scope = module.scope(at)
    found = [binding for binding in scope[name] if isinstance(binding, Assignment)] if scope is not None else []
    origins = {origin for binding in found for origin in module.resolver.origins_of(binding)}
    if len(origins) != 1 or not all(isinstance(binding.scope, GlobalScope) for binding in found):
        return None
    # An import further down, or in one branch only, is not there yet.
    first = min(module.span(binding.node)[0] for binding in found)
    return origins.pop() if first < module.span(at)[0] else None


def _imported_as(module: Module, full: str) -> Iterator[str]:
    """Yield the names by which a module imports a package, as ``k`` in ``from tensorflow import keras as k``."""
    statements: list[cst.Import | cst.ImportFrom] = [*module.nodes(cst.Import), *module.nodes(cst.ImportFrom)]
    for statement in statements:
        for alias in import_aliases(statement):
            if alias.asname is not None and module.resolver.imported(statement, alias) == full:
                yield bound_name(alias)


def _imports(module: Module, pattern: str) -> bool:
    """Return whether a module imports from a package."""
    statements = [*module.nodes(cst.Import), *module.nodes(cst.ImportFrom)]
    return any(re.match(rf"(?:from|import)\s+{pattern}", module.text(statement)) for statement in statements)


def _is_free(module: Module, name: str) -> bool:
    return not any(_binds(module, node) for node in module.named(name))


def _binds(module: Module, node: cst.Name) -> bool:
    parent = module.parent(node)
    return isinstance(parent, cst.AssignTarget | cst.Param | cst.AsName | cst.ImportAlias)


def as_equivalent(module: Module, call: cst.Call, entry: str) -> list[Edit]:
    """Return the edits that make the call of a K function that of its equivalent.

    Args:
        module: where the call is.
        call: of the K function.
        entry: of the tables in ``k2compat.tables.spellings``.

    Raises:
        NoEquivalent: the equivalent does not take what is given.
    """
    equivalent, *tokens = entry.split()
    parameters = [re.split(r"[>=]", token)[0] for token in tokens if not token.startswith("+")]
    renamed = dict(re.findall(r"(\w+)>(\w+)", entry))
    given: set[str] = set()
    edits: list[Edit] = []
    for number, argument in enumerate(call.args):
        if argument.star:
            raise NoEquivalent(f"what `{module.text(argument)}` gives is not known")
        name = argument.keyword.value if argument.keyword else (parameters[number : number + 1] or [""])[0]
        if name not in parameters:
            raise NoEquivalent(f"`{module.text(argument)}` has no counterpart in `{equivalent}`")
        given.add(name)
        if argument.keyword and name in renamed:
            edits.append(module.rename_argument(argument, renamed[name]))
    missing = [token for token in tokens if "=" in token and token.partition("=")[0] not in given]
    added = [*missing, *(token[1:] for token in tokens if token.startswith("+"))]
    if added and not call.args:
        raise NoEquivalent("it has no arguments")
    if added:
        end = module.span(call.args[-1])[1]
        edits.append(Edit(end, end, "".join(f", {text}" for text in added)))
    name, imports = spelled(module, equivalent, call)
    return [module.replace(call.func, name), *edits, *imports]


def is_setting_of_keras3(module: Module, node: cst.CSTNode, name: str) -> bool:
    """Return whether a name is one of the ``keras.backend`` of Keras 3."""
    return name in SETTINGS and (module.refers_to(node) or "").startswith("keras.")


def first_argument(module: Module, call: cst.Call, factor: bool = False) -> str:
    """Return the first argument; in parentheses where that is needed before ``.`` or, with ``factor``, before ``*``."""
    value = call.args[0].value
    text = module.text(value)
    bare = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)
    return text if isinstance(value, bare) else f"({text})"
