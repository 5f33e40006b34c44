"""What a module does with the modules of Keras 2 that are removed, and whether one of Keras 3 can stand in for them."""

from __future__ import annotations

import libcst as cst

from k2compat.migrate.analysis.keras_objects import imports_of, is_label
from k2compat.migrate.analysis.run_time import imports_k2compat, is_of_project
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import bound_name, constant, dotted_name, import_aliases
from k2compat.tables.absent import absent
from k2compat.tables.keras3_moves import gone, is_home, is_listed, today
from k2compat.tables.old_modules import OLD_MODULES

PREFIX = "keras."


def is_unused(module: Module, alias: cst.ImportAlias) -> bool:
    """Return whether nothing uses what a part of an import binds, nor may another file take it from this one."""
    bound = bound_name(alias)
    names = [node for node in module.nodes(cst.Name) if node.value in (bound, "__all__")]
    unread = all(module.is_imported_name(node) or is_label(module, node) for node in names)
    return unread and not module.exports.is_wanted(bound)


def stays_whole(module: Module, bound: str, old: str, package: str) -> bool:
    """Return whether a removed module stays, because no one module of Keras 3 has all that is used of it.

    It is there with k2compat only.
    """
    if not imports_k2compat(module):
        return False
    new = today(old, package)[1]
    used = uses_of(module, bound, old)
    if any(gone(use) or absent(use) or not moved_with_import(use, today(use, package)[1]) for use in used):
        return True
    listed = "__all__" in module.source and any(constant(text) == bound for text in module.nodes(cst.SimpleString))
    return old != new and (listed or module.exports.is_wanted(bound) or is_value(module, bound, old))


def is_value(module: Module, bound: str, old: str) -> bool:
    """Return whether a module is used otherwise than by what it has, as in ``inspect.getmembers(core)``."""
    for node in module.nodes(cst.Name):
        is_read = node.value == bound and not module.is_imported_name(node) and not is_label(module, node)
        alone = is_read and not isinstance(module.parent(node), cst.Attribute)
        if alone and module.refers_to(node) == f"{PREFIX}{old}":
            return True
    return False


def uses_of(module: Module, bound: str, old: str) -> list[str]:
    """Return what is used of an imported module or class, without the package."""
    uses = []
    for node in module.nodes(cst.Attribute):
        if dotted_name(node).partition(".")[0] == bound and not module.is_imported_name(node):
            found = module.refers_to(node) or ""
            if found.startswith(f"{PREFIX}{old}."):
                uses.append(found[len(PREFIX) :])
    return uses


def moved_with_import(old: str, new: str) -> bool:
    """Return whether a name comes to its place by the new import of the module it is written below."""
    return today(old.rpartition(".")[0])[1] == new.rpartition(".")[0] or old == new


def is_unknown(inside: str, package: str, statement: cst.ImportFrom) -> bool:
    """Return whether names are imported from a file of an older Keras of which it is not known where they are."""
    names = ["*"] if isinstance(statement.names, cst.ImportStar) else []
    names += [dotted_name(alias.name) for alias in import_aliases(statement)]
    olds = [f"{inside}.{name}".lstrip(".") for name in names]
    known = all(is_home(today(old, package)[1].rpartition(".")[0]) or gone(old) or absent(old) for old in olds)
    return not known and not is_served(inside)


def is_served(old: str) -> bool:
    """Return whether k2compat brings a module of Keras 2 back, or rules know what is to be done about it."""
    return old in OLD_MODULES or old.startswith("backend") or is_listed(old) or absent(old) is not None


def is_of_either(module: Module, name: str) -> bool:
    """Return whether a file of the project gives a Keras its name, and it is not known which one that is."""
    return any(is_of_project(module, statement) for statement, _ in imports_of(module, name))
