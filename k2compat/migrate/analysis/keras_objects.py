"""What the rules of level ``keras3`` ask of code that uses Keras: which Keras, which object, which file name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import libcst as cst
from libcst.metadata import Assignment, Scope

from k2compat.migrate.syntax.edits import Edit
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import bound_name, canonical, dotted_name, import_aliases
from k2compat.tables.keras3_moves import KERAS, TENSORFLOW, today

MODELS = ("keras.Model", "keras.Sequential", "keras.models.Model", "keras.models.Sequential")
LOADERS = ("keras.models.load_model", "keras.models.model_from_json", "keras.models.clone_model")
# What only Keras 3 has: a file that uses it was not written for Keras 2.
ONLY_KERAS3 = ("keras.ops", "keras.random", "keras.config", "keras.tree", "keras.saving", "keras.src", "keras.Variable")


def imported_modules(module: Module) -> Iterator[str]:
    """Yield the modules that a module imports, and the names it imports from them, as they are written."""
    for statement in module.nodes(cst.Import):
        yield from (dotted_name(alias.name) for alias in import_aliases(statement))
    for from_ in module.nodes(cst.ImportFrom):
        base = dotted_name(from_.module) if from_.module and not from_.relative else ""
        yield from ([base] if isinstance(from_.names, cst.ImportStar) else [])
        yield from (f"{base}.{dotted_name(alias.name)}" for alias in import_aliases(from_))


def package_of(written: str) -> str:
    """Return which of the two Keras versions is behind a module or expression as it is written."""
    return KERAS if written.partition(".")[0] == "keras" else TENSORFLOW


@lru_cache(maxsize=2)
def is_of_keras2(module: Module) -> bool:
    """Return whether a module was written for the package Keras 2, whose defaults are not all the current ones.

    The Keras of TensorFlow 2 had the current defaults from its beginning.
    """
    written = list(imported_modules(module))
    kerases = [name for name in written if canonical(name).partition(".")[0] == "keras"]
    # Its preprocessing is there only, and this is where these rules take it from.
    others = [name for name in kerases if not name.startswith(("keras.", "tensorflow.keras.preprocessing"))]
    if not any(name.partition(".")[0] == "keras" for name in kerases) or set(others) - {"keras"}:
        return False
    used = {canonical(name) for name in written}
    attributes = (module.refers_to(node) for node in module.nodes(cst.Attribute))
    used.update(found for found in attributes if found is not None)
    return not any(name == only or name.startswith(f"{only}.") for name in used for only in ONLY_KERAS3)


def created_by(module: Module, node: cst.CSTNode) -> list[cst.BaseExpression] | None:
    """Return the values that a name or an attribute of a name is given in its module; None where one is not known.

    ``self.model`` is looked for by its spelling, in the whole module; ``cls.model`` is the same.
    """
    if isinstance(node, cst.Name):
        scope = module.scope(node)
        bindings = list(scope[node.value]) if scope is not None else []
        values = [module.resolver.value_of(binding) for binding in bindings if isinstance(binding, Assignment)]
        return [value for value in values if value is not None] if bindings and None not in values else None
    written = of_instance(dotted_name(node))
    return _assigned(module).get(written) if written else None


@lru_cache(maxsize=2)
def _assigned(module: Module) -> dict[str, list[cst.BaseExpression]]:
    """Return what each name and attribute of a name is given, by its spelling."""
    values: dict[str, list[cst.BaseExpression]] = {}
    for statement in module.nodes(cst.Assign):
        for written in {of_instance(dotted_name(target.target)) for target in statement.targets}:
            values.setdefault(written, []).append(statement.value)
    return values


def of_instance(written: str) -> str:
    """Return an attribute of a class as its instances have it: ``self.model`` for ``cls.model``."""
    return f"self.{written.removeprefix('cls.')}" if written.startswith("cls.") else written


def makers(module: Module, node: cst.CSTNode) -> list[str]:
    """Return the dotted names that were called to make an object, each once; empty where one is not known."""
    written = dotted_name(node)
    if written:  # of an attribute the spelling alone counts, as in created_by
        known, key = _known_makers(module), (module.scope(node) if isinstance(node, cst.Name) else None, written)
        if key not in known:
            known[key] = _makers(module, node)
        return known[key]
    return _makers(module, node)


@lru_cache(maxsize=2)
def _known_makers(module: Module) -> dict[tuple[Scope | None, str], list[str]]:
    """Return the makers of the names of a module that were asked for so far."""
    return {}


def _makers(module: Module, node: cst.CSTNode) -> list[str]:
    values = [node] if isinstance(node, cst.Call) else created_by(module, node) or []
    calls = [value for value in values if isinstance(value, cst.Call)]
    found = dict.fromkeys(module.refers_to(call.func) for call in calls)
    return [name for name in found if name is not None] if len(calls) == len(values) and None not in found else []


def is_model(module: Module, node: cst.CSTNode) -> bool:
    """Return whether an expression is a Keras model for certain: made, loaded or read by Keras in this module."""
    found = makers(module, node)
    return bool(found) and all(name in (*MODELS, *LOADERS) or name.startswith("keras.applications.") for name in found)


def is_of_others(module: Module, node: cst.CSTNode) -> bool:
    """Return whether an expression is certainly no model of Keras, as an estimator of scikit-learn.

    What a function of the project gives may be one, and what a library on Keras makes.
    """
    found = makers(module, node)
    return bool(found) and all(is_of_other(module, name) for name in found)


def is_of_other(module: Module, maker: str) -> bool:
    """Return whether a dotted name is that of a class, or of a function of a library, that has no part in Keras."""
    package, last = maker.partition(".")[0], maker.rpartition(".")[2]
    if package.startswith(("keras", "k2compat")):
        return False
    may_be_function = last[:1].islower() or module.exports.defines(maker)
    return not (may_be_function and module.resolver.is_at_home(package))


def uses_keras(module: Module) -> bool:
    """Return whether a module imports a Keras, or TensorFlow, itself or through another file of the project."""
    written = (canonical(name) for name in imported_modules(module))
    through = (
        module.resolver.imported(statement, alias) or ""
        for statement in module.nodes(cst.ImportFrom)
        for alias in import_aliases(statement)
    )
    return any(
        name.partition(".")[0] in ("keras", "k2compat", "tensorflow") for names in (written, through) for name in names
    )


def method_calls(module: Module, names: Iterable[str]) -> Iterator[tuple[cst.Call, cst.Attribute]]:
    """Yield the calls ``something.name(...)`` of methods with one of these names.

    Not those of imported modules, nor of what a file makes that has a method of that name itself.
    """
    wanted = frozenset(names)
    for call in module.nodes(cst.Call):
        func = call.func
        named = isinstance(func, cst.Attribute) and func.attr.value in wanted and module.refers_to(func) is None
        if not named or is_of_others(module, func.value):  # type: ignore[attr-defined]
            continue
        if not any(module.exports.defines(maker, func.attr.value) for maker in makers(module, func.value)):  # type: ignore[attr-defined]
            yield call, func  # type: ignore[misc]


def defined_in(module: Module, name: str) -> cst.FunctionDef | None:
    """Return a function or method of this name that the module defines."""
    return next((node for node in module.nodes(cst.FunctionDef) if node.name.value == name), None)


def number(node: cst.BaseExpression | None) -> float | None:
    """Return the value of a number written out, None for anything else."""
    if isinstance(node, cst.Integer | cst.Float):
        return node.evaluated_value
    return None


def is_none(node: cst.BaseExpression | None) -> bool:
    """Return whether an expression is ``None``."""
    return isinstance(node, cst.Name) and node.value == "None"


def boolean(node: cst.BaseExpression | None) -> bool | None:
    """Return the value of ``True``, ``False``, 0 or 1, None for anything else."""
    if isinstance(node, cst.Name) and node.value in ("True", "False"):
        return node.value == "True"
    return bool(node.evaluated_value) if isinstance(node, cst.Integer) else None


def add_argument(module: Module, call: cst.Call, text: str) -> Edit:
    """Write one more argument at the end of a call, before a ``**kwargs`` if there is one."""
    last = call.args[-1] if call.args else None
    if last is None:
        end = module.span(call)[1] - 1
        return Edit(end, end, text)
    if last.star == "**":
        start = module.span(last)[0]
        return Edit(start, start, f"{text}, ")
    end = module.span(last.value)[1] if not getattr(last.value, "rpar", ()) else module.whole(last.value)[1]
    return Edit(end, end, f", {text}")


def written(module: Module, node: cst.CSTNode) -> str:
    """Return an expression as it is written, with its own parentheses."""
    start, end = module.whole(node)
    return module.source[start:end]


def imports_of(module: Module, name: str) -> Iterator[tuple[cst.ImportFrom, cst.ImportAlias]]:
    """Yield the parts of imports that bind a name."""
    for statement in module.nodes(cst.ImportFrom):
        for alias in import_aliases(statement):
            if bound_name(alias) == name:
                yield statement, alias


def beside(module: Module, call: cst.Call, name: str) -> tuple[str, list[Edit]]:
    """Return how to write another name of the module that a called name is from, and the import that this needs.

    ``optimizers.SGD(...)`` gives ``optimizers.NAME``; a bare ``SGD(...)`` gives ``NAME``, imported from the same place.
    """
    if isinstance(call.func, cst.Attribute):
        return f"{written(module, call.func.value)}.{name}", []
    place = (module.refers_to(call.func) or "").rpartition(".")[0]
    if any(module.resolver.imported(*found) == f"{place}.{name}" for found in imports_of(module, name)):
        return name, []
    for statement in module.nodes(cst.ImportFrom):
        for alias in import_aliases(statement):
            bound = alias.asname.name if alias.asname else alias.name
            if isinstance(bound, cst.Name) and bound.value == module.text(call.func) and statement.module:
                package = dotted_name(statement.module)
                holder, _, last = name.rpartition(".")
                source = f"{package}.{holder}" if holder else package
                return last, module.add_import(f"from {source} import {last}")
    package = KERAS if any(found.partition(".")[0] == "keras" for found in imported_modules(module)) else TENSORFLOW
    place = place.removeprefix("keras").lstrip(".")
    holder, _, last = name.rpartition(".")
    source = ".".join(part for part in (package, place, holder) if part)
    return last, module.add_import(f"from {source} import {last}")


def name_today(module: Module, node: cst.CSTNode) -> str | None:
    """Return what an expression refers to, without the package, by the name it has in Keras 3: ``layers.Conv2D``."""
    found = module.refers_to(node)
    return today(found.removeprefix("keras."))[1] if found is not None and found.startswith("keras.") else None


def taken_out(arguments: Iterable[cst.Arg], module: Module) -> str:
    """Return arguments as a message names them."""
    return ", ".join(f"`{module.text(argument).rstrip(', ')}`" for argument in arguments)


def renamings(module: Module, call: cst.Call, names: dict[str, str]) -> tuple[list[Edit], list[str]]:
    """Return the edits that give keyword arguments of a call their current names, and what is said of each.

    An argument stays where its new name is given, too.
    """
    given = {argument.keyword.value: argument for argument in call.args if argument.keyword is not None}
    found = {old: argument for old, argument in given.items() if old in names and names[old] not in given}
    edits = [module.rename_argument(argument, names[old]) for old, argument in found.items()]
    return edits, [f"`{old}=` is `{names[old]}=`" for old in found]


def is_label(module: Module, node: cst.Name) -> bool:
    """Return whether a name is the keyword of an argument, or behind a dot."""
    above = module.parent(node)
    if isinstance(above, cst.Arg):
        return above.keyword is node
    return isinstance(above, cst.Attribute) and above.attr is node
