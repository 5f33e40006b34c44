"""What a name in a module refers to, as a dotted name: the shared heart of the rules.

``K`` after ``from tensorflow.python.keras import backend as K`` is ``keras.backend``, whatever it is called and however
it was imported: every way to a Keras is spelled ``keras``. What is not certain is None.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Protocol

import libcst as cst
from libcst.metadata import Assignment, BaseAssignment, ImportAssignment, Scope

from k2compat.tables.keras3_moves import starred
from k2compat.tables.offered import OFFERED

# Every package or module that is a Keras.
KERASES = re.compile(
    r"(?:tensorflow\.(?:compat\.v[12]\.|_api\.v[12]\.(?:compat\.v[12]\.)?)?(?:contrib\.|python\.)?keras"
    r"(?:\.api(?:\._v[12])?\.keras|\._impl\.keras|\.python\.keras|\.api\.keras)?|tf_keras(?:\.api\._v[12]\.keras)?"
    r"|keras\._tf_keras\.keras|keras\.api(?:\._v[12]\.keras)?)(?=\.|$)"
)
BACKEND = "keras.backend"
# The functions of the settings are those of the backend.
CONFIG = re.compile(r"keras\.backend_config(?=\.|$)")
# Modules of Keras 2 called the backend K, and so did who took it from there: keras.layers.core.K.
THROUGH = re.compile(r"keras(?:\.\w+)+\.K(?=\.|$)")
SHIM = "k2compat.backend"
# Modules whose star import is taken for the origin of names that are bound nowhere else.
STARS = ("tensorflow", "tensorflow.compat.v1", "keras", "keras.layers", "keras.models", "keras.optimizers")
# Calls that may give something that has a name.
IMPORTERS = ("getattr", "importlib.import_module", "__import__")
UNKNOWN = "?"  # an origin that is not a dotted name
NOTHING = "None"  # an origin that only marks absence: K = None


def canonical(dotted: str) -> str:
    """Return a dotted name with every way to a Keras spelt ``keras``."""
    found = KERASES.sub("keras", dotted, count=1)
    if found.startswith("keras.backend_config"):
        return CONFIG.sub(BACKEND, found, count=1)
    return THROUGH.sub(BACKEND, found, count=1) if ".K" in found and found.startswith("keras.") else found


def brings(module: str, name: str) -> bool:
    """Return whether a star import of a module of Keras is known to bring a name."""
    keras, _, inside = canonical(module).partition(".")
    return keras == "keras" and starred(inside, name)


@lru_cache(maxsize=1000)
def _single(origins: frozenset[str]) -> str | None:
    """Return the only one of several origins, apart from absence; None where it is not known or there are others."""
    found = origins - {NOTHING}
    return next(iter(found)) if len(found) == 1 and UNKNOWN not in found else None


class Exports(Protocol):
    """What other files of a project export; see ``project.Project``."""

    def lookup(self, dotted: str) -> str | None:
        """Return what a name of another file refers to, None if that is not known."""

    def absolute(self, module: str, level: int) -> str | None:
        """Return the full name of a relatively imported module."""

    def star(self, module: str, name: str) -> str | None:
        """Return what a name that ``from module import *`` may bring refers to."""

    def holds(self, package: str) -> bool:
        """Return whether a package or module is in the project."""

    def is_wanted(self, name: str) -> bool:
        """Return whether another file imports a name from this one."""

    def defines(self, dotted: str, method: str = "") -> bool:
        """Return whether the file that a name is of defines a method; without one, whether the name is a function."""


class Resolver:
    """Answers what the names of one module refer to.

    Args:
        scopes: id of a node -> its scope, as of libcst's ``ScopeProvider``.
        parents: id of a node -> the node around it.
        exports: what other files export.
    """

    def __init__(self, scopes: dict[int, Scope | None], parents: dict[int, cst.CSTNode], exports: Exports):
        self._scopes = scopes
        self._parents = parents
        self._exports = exports
        self._stars: list[str] = []
        self._known: dict[int, frozenset[str]] = {}  # id of a node -> what it may refer to
        self._names: dict[tuple[Scope, str], frozenset[str]] = {}
        self._bindings: dict[BaseAssignment, frozenset[str]] = {}

    def add_star(self, node: cst.ImportFrom) -> None:
        """Record a ``from ... import *``."""
        module = self.module_of(node)
        if module is not None:
            self._stars.append(module)

    def refers_to(self, node: cst.CSTNode) -> str | None:
        """Return the dotted name an expression refers to, None where that is unknown or differs by the branch taken."""
        return _single(self.origins(node))

    def origins(self, node: cst.CSTNode) -> frozenset[str]:
        """Return everything an expression may refer to; ``UNKNOWN`` among it where that is not known."""
        key = id(node)
        if key not in self._known:
            self._known[key] = frozenset({UNKNOWN})  # for names that are bound to themselves
            self._known[key] = frozenset(self._origins(node))
        return self._known[key]

    def _origins(self, node: cst.CSTNode) -> Iterable[str]:
        if isinstance(node, cst.Name):
            return self._of_name(node)
        if isinstance(node, cst.Attribute):
            return [self._member(base, node.attr.value) for base in self.origins(node.value)]
        if isinstance(node, cst.Call):
            return self._of_call(node)
        if isinstance(node, cst.Subscript) and self.refers_to(node.value) == "sys.modules" and len(node.slice) == 1:
            index = node.slice[0].slice
            key = constant(index.value) if isinstance(index, cst.Index) else None
            return [canonical(key) if key else UNKNOWN]
        return [UNKNOWN]

    def _member(self, base: str, name: str) -> str:
        if base in (UNKNOWN, NOTHING):
            return base
        dotted = canonical(f"{base}.{name}")
        return self._exports.lookup(dotted) or dotted

    def _of_name(self, node: cst.Name) -> Iterable[str]:
        if node.value == "None":
            return [NOTHING]
        scope = self._scopes.get(id(node))
        if scope is None:
            return [UNKNOWN]
        key = scope, node.value
        if key not in self._names:
            self._names[key] = frozenset({UNKNOWN})
            self._names[key] = frozenset(self._in_scope(scope, node))
        return self._names[key]

    def _in_scope(self, scope: Scope, node: cst.Name) -> Iterable[str]:
        bound = [binding for binding in scope[node.value] if isinstance(binding, Assignment)]
        if bound:
            return [origin for binding in bound for origin in self.origins_of(binding)]
        if hasattr(builtins, node.value):
            return [node.value]
        known = [module for module in self._stars if brings(module, node.value)]
        found = [self._of_star(module, node.value) for module in known or self._stars]
        return [origin for origin in found if origin] or [UNKNOWN]

    def _of_star(self, module: str, name: str) -> str | None:
        if canonical(module) in (BACKEND, SHIM):
            return f"{canonical(module)}.{name}" if name in OFFERED and not name.startswith("_") else None
        if name == "K" and canonical(module).startswith("keras."):
            return BACKEND
        if canonical(module) in STARS or brings(module, name):
            return f"{canonical(module)}.{name}"
        return self._exports.star(module, name)

    def _of_call(self, node: cst.Call) -> Iterable[str]:
        called = self.refers_to(node.func)
        if called not in IMPORTERS:
            return [UNKNOWN]
        arguments = [argument.value for argument in node.args]
        texts = [constant(argument) for argument in arguments]
        if called == "getattr" and len(texts) >= 2 and texts[1] and texts[1].isidentifier():
            return [self._member(base, texts[1]) for base in self.origins(arguments[0])]
        if called == "importlib.import_module" and len(texts) == 1 and texts[0]:
            return [canonical(texts[0])]
        if called == "__import__" and len(texts) == 1 and texts[0]:
            return [canonical(texts[0].partition(".")[0])]
        return [UNKNOWN]

    def origins_of(self, binding: BaseAssignment) -> frozenset[str]:
        """Return what one binding of a name binds it to."""
        if binding not in self._bindings:
            self._bindings[binding] = frozenset({UNKNOWN})
            self._bindings[binding] = frozenset(self._bound_to(binding))
        return self._bindings[binding]

    def _bound_to(self, binding: BaseAssignment) -> Iterable[str]:
        if isinstance(binding, ImportAssignment):
            return [self._imported(binding) or UNKNOWN]
        value = self.value_of(binding)
        return self.origins(value) if value is not None else [UNKNOWN]

    def value_of(self, binding: BaseAssignment) -> cst.BaseExpression | None:
        """Return the expression of a plain ``name = value``, None for any other binding."""
        node = getattr(binding, "node", None)
        target = self._parents.get(id(node)) if isinstance(node, cst.Name) else None
        if isinstance(target, cst.AssignTarget):
            statement = self._parents.get(id(target))
            return statement.value if isinstance(statement, cst.Assign) else None
        if isinstance(target, cst.AnnAssign) and target.target is node:
            return target.value
        return None

    def _imported(self, binding: ImportAssignment) -> str | None:
        statement = binding.node
        if not isinstance(statement, cst.Import | cst.ImportFrom):
            return None
        for alias in import_aliases(statement):
            if bound_name(alias) == binding.name:
                return self.imported(statement, alias)
        return None

    def imported(self, statement: cst.Import | cst.ImportFrom, alias: cst.ImportAlias) -> str | None:
        """Return what the name that one part of an import binds refers to."""
        written = dotted_name(alias.name)
        if isinstance(statement, cst.Import):
            module = written if alias.asname else written.partition(".")[0]
        else:
            base = self.module_of(statement)
            if base is None:
                return None
            module = f"{base}.{written}"
        module = canonical(module)
        return self._exports.lookup(module) or module

    def is_at_home(self, package: str) -> bool:
        """Return whether a package is in the project."""
        return self._exports.holds(package)

    def module_of(self, statement: cst.ImportFrom) -> str | None:
        """Return the module of a ``from ... import``, with what it is relative to."""
        written = dotted_name(statement.module) if statement.module else ""
        return self._exports.absolute(written, len(statement.relative)) if statement.relative else written


def import_aliases(statement: cst.CSTNode) -> Iterator[cst.ImportAlias]:
    """Yield the parts of an import; none for a star."""
    names = statement.names if isinstance(statement, cst.Import | cst.ImportFrom) else ()
    if not isinstance(names, cst.ImportStar):
        yield from names


def bound_name(alias: cst.ImportAlias) -> str:
    """Return the name that one part of an import binds."""
    if alias.asname is not None:
        return dotted_name(alias.asname.name)
    return dotted_name(alias.name).partition(".")[0]


def dotted_name(node: cst.CSTNode) -> str:
    """``a.b.c`` of nested attributes of a name, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    return ".".join([node.value, *reversed(parts)]) if isinstance(node, cst.Name) else ""


def constant(node: cst.CSTNode | None) -> str | None:
    """Return the value of a text written out, None for anything else."""
    if isinstance(node, cst.SimpleString) and node.value[0] in "'\"" and not {"\\", "\r"} & set(node.value):
        return node.raw_value  # at once, as Python's parser takes its time
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None
