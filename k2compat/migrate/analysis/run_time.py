"""What a module uses of old Keras versions and of TensorFlow 1, and whether k2compat brings it back at run time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import libcst as cst

from k2compat.migrate.analysis.keras_objects import imported_modules
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import BACKEND, SHIM, canonical, dotted_name, import_aliases
from k2compat.tables.absent import absent
from k2compat.tables.tensorflow1 import AT_RUN_TIME, CONTRIB, CONTRIB_WRITTEN, GONE, KEPT_IN_COMPAT, RENAMED

PREFIX = "tensorflow."
# Modules of TensorFlow 1 that are gone as a whole.
WHOLE = ("contrib", "layers", "estimator")
SWITCHES = ("disable_", "enable_")
AGAIN = (*CONTRIB, *CONTRIB_WRITTEN)


@lru_cache(maxsize=2)
def imports_k2compat(module: Module) -> bool:
    """Return whether a module imports k2compat, which repairs Keras and TensorFlow for it, itself or through a file."""
    return any(name.partition(".")[0] == "k2compat" for name in imported_modules(module)) or any(provided(module))


def provided(module: Module) -> Iterator[cst.ImportFrom]:
    """Yield the imports that take the backend from another file of the project, which has it from k2compat."""
    for statement in module.nodes(cst.ImportFrom):
        found = {module.resolver.imported(statement, alias) for alias in import_aliases(statement)}
        if found & {BACKEND, SHIM} and is_of_project(module, statement):
            yield statement


def is_of_project(module: Module, statement: cst.ImportFrom) -> bool:
    """Return whether a name is imported from a file of the project, not from a Keras or k2compat."""
    base = canonical(module.resolver.module_of(statement) or "")
    return base.partition(".")[0] not in ("keras", "k2compat", "tensorflow")


def name_of(dotted: str | None) -> str:
    """Return what of TensorFlow a dotted name is, "" if it is of something else."""
    return dotted.removeprefix(PREFIX) if dotted and dotted.startswith(PREFIX) else ""


def is_old(name: str) -> bool:
    """Return whether TensorFlow 1 had a name, and TensorFlow 2 has it not, or elsewhere."""
    if name.startswith(SWITCHES):  # those of swap.graph-mode
        return False
    return name in RENAMED or name in KEPT_IN_COMPAT or name in GONE or name.partition(".")[0] in WHOLE


def is_given(name: str) -> bool:
    """Return whether k2compat gives a name of TensorFlow 1 at run time."""
    if name.partition(".")[0] == "contrib":
        rest = name.removeprefix("contrib").lstrip(".")
        return rest.partition(".")[0] == "keras" or any(f"{known}.".startswith(f"{rest}.") for known in AGAIN)
    return name in RENAMED or name in KEPT_IN_COMPAT or name in AT_RUN_TIME


def old_tensorflow(module: Module) -> Iterator[tuple[cst.CSTNode, str]]:
    """Yield the names of TensorFlow 1 in a module, without those that rules of graph mode take care of.

    Yields:
        the attribute, or the part of an import; and the name without ``tensorflow`` in front.
    """
    for node in module.nodes(cst.Attribute):
        name = name_of(module.refers_to(node))
        if not name or isinstance(module.parent(node), cst.AssignTarget | cst.Del) or module.is_imported_name(node):
            continue
        above = module.parent(node)
        inner = isinstance(above, cst.Attribute) and above.value is node
        whole = name.partition(".")[0]
        if is_old(name) and not (whole == "contrib" and inner) and not (whole in WHOLE[1:] and "." in name):
            yield node, name
    for from_ in module.nodes(cst.ImportFrom):
        base = module.resolver.module_of(from_) or ""
        for alias in import_aliases(from_) if f"{base}.".startswith(PREFIX) else ():
            name = name_of(f"{base}.{dotted_name(alias.name)}")
            if is_old(name):
                yield alias, name
    for import_ in module.nodes(cst.Import):
        for alias in import_aliases(import_):
            name = name_of(dotted_name(alias.name))
            if is_old(name):
                yield alias, name


def absent_from_keras(module: Module) -> Iterator[tuple[cst.CSTNode, str, str]]:
    """Yield the names and modules of old Keras versions in a module that no Keras has, even with k2compat.

    Yields:
        the attribute, or the part of an import; the name, without the package; and what to do.
    """
    for from_ in module.nodes(cst.ImportFrom):
        base = module.resolver.module_of(from_) or ""
        if isinstance(from_.names, cst.ImportStar):
            yield from _absent(from_, canonical(base))
        for alias in import_aliases(from_):
            yield from _absent(alias, canonical(f"{base}.{dotted_name(alias.name)}"))
    for import_ in module.nodes(cst.Import):
        for alias in import_aliases(import_):
            yield from _absent(alias, canonical(dotted_name(alias.name)))
    for attribute in module.nodes(cst.Attribute):
        if not module.is_imported_name(attribute) and not isinstance(
            module.parent(attribute), cst.AssignTarget | cst.Del
        ):
            yield from _absent(attribute, module.refers_to(attribute) or "")


def _absent(node: cst.CSTNode, dotted: str) -> Iterator[tuple[cst.CSTNode, str, str]]:
    package, _, name = dotted.partition(".")
    advice = absent(name) if package == "keras" and name else None
    if advice is not None:
        yield node, name, advice
