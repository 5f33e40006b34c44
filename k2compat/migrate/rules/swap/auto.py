"""Rule ``swap.auto``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.backend_imports import (
    backend_imports,
    imported_names,
    imports_in,
    reaches,
    root,
)
from k2compat.migrate.analysis.keras_objects import ONLY_KERAS3, imported_modules, is_of_keras2
from k2compat.migrate.analysis.run_time import is_given, old_tensorflow, provided
from k2compat.migrate.rule import Rule
from k2compat.migrate.rules.keras3.fit_arguments import FitArguments
from k2compat.migrate.rules.keras3.generators import Generators
from k2compat.migrate.rules.keras3.input_shapes import InputShapes
from k2compat.migrate.rules.keras3.keras1_arguments import Keras1Arguments
from k2compat.migrate.rules.keras3.merge import Merge
from k2compat.migrate.rules.keras3.optimizer_arguments import OptimizerArguments
from k2compat.migrate.rules.keras3.predict_classes import PredictClasses
from k2compat.migrate.rules.keras3.removed_methods import RemovedMethods
from k2compat.migrate.rules.swap.private_keras import needs_hooks
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import canonical
from k2compat.tables.old_names import is_gone

LINE = "import k2compat.auto"
SHIMS = ("k2compat.", "keras.backend.")
# Modules of Keras that are as they were; a file that imports nothing else of Keras needs no repair.
AS_BEFORE = ("keras.datasets", "keras.__version__")
# What these would change or report works as it is once k2compat is imported.
MENDED: tuple[type[Rule], ...] = (
    FitArguments,
    Generators,
    InputShapes,
    Keras1Arguments,
    Merge,
    OptimizerArguments,
    PredictClasses,
    RemovedMethods,
)


class Auto(Rule):
    """Imports `k2compat.auto` in files of Keras 2 that do not use the backend: they need the repairs as much as others,
    for modules and names that are gone, methods of models, and defaults. Files that import the backend have them
    from there, unless they make something above that import. Files of `tensorflow.keras` get the line only where
    something needs it: a name of TensorFlow 1 (`tf.log`), a layer or method that is gone (`CuDNNLSTM`,
    `fit_generator`), an old argument (`lr=`).

    ```diff
    +import k2compat.auto
     from keras.layers import Dense
     from keras.models import Sequential
    ```
    """

    until = "native"
    summary = "import k2compat.auto in files of Keras 2 that do not use the backend"
    needs = re.compile(r"keras")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        names = list(imported_modules(module))
        if LINE.removeprefix("import ") in names:
            return
        reason = needs_hooks(module)
        own = next(backend_imports(module), None) or next(reaches(module), None) or has_shim(names)
        if not reason and (own or any(provided(module))):
            reason = late(module)
        elif not reason:
            reason = why(module)
        first = first_import(module) if reason else None
        if first is not None:
            yield module.change(first, f"`{LINE}`: {reason}", module.insert_line(LINE, first, above=True))


def has_shim(names: list[str]) -> bool:
    """Return whether k2compat is among the imported modules."""
    return any(name.partition(".")[0] == "k2compat" for name in names)


def late(module: Module) -> str:
    """Return what a module does with an old Keras or TensorFlow 1 above its first import of the backend; else empty."""
    place = min(places(module), default=len(module.source))
    used: list[tuple[cst.CSTNode, str]] = [
        (node, f"`tf.{name}`") for node, name in old_tensorflow(module) if is_given(name)
    ]
    used += [(node, f"`{module.text(node)}`") for node in removed_attributes(module)]
    if is_of_keras2(module):
        used += [(call, f"`{module.text(call.func)}`") for call in module.nodes(cst.Call) if is_of_keras(module, call)]
    above = [(node, text) for node, text in used if module.span(node)[0] < place and runs_at_once(module, node)]
    line = min((module.line_of(node), text) for node, text in above) if above else None
    return f"{line[1]} in line {line[0]} stands above the import of the backend" if line else ""


def places(module: Module) -> Iterator[int]:
    """Yield where k2compat is imported, or will be, while the module is imported."""
    for line in module.tree.body:
        for statement in imports_in(module, line):
            if any(f"{canonical(name)}.".startswith(SHIMS) for name in imported_names(statement)):
                yield module.span(line)[0]
    yield from (module.span(statement)[0] for statement in provided(module) if runs_at_once(module, statement))
    for expression in reaches(module):  # swap.attribute puts the import beside that of the package
        sources = [source for source in root(module, expression)[1] if runs_at_once(module, source)]
        yield from [module.span(source)[0] for source in sources] or [module.span(expression)[0]]


def is_of_keras(module: Module, call: cst.Call) -> bool:
    """Return whether a call makes something of Keras that is not as it was; not of its backend."""
    found = module.refers_to(call.func) or ""
    return found.startswith("keras.") and not found.startswith(("keras.backend", *AS_BEFORE))


def removed_attributes(module: Module) -> Iterator[cst.Attribute]:
    """Yield the names of Keras, spelt out, that are there with k2compat only."""
    for attribute in module.nodes(cst.Attribute):
        found = module.refers_to(attribute) or ""
        if found.startswith("keras.") and is_gone(found) and not module.is_imported_name(attribute):
            yield attribute


def runs_at_once(module: Module, node: cst.CSTNode) -> bool:
    """Return whether a node runs while the module is imported."""
    return not any(isinstance(found, cst.FunctionDef | cst.Lambda) for found in module.above(node))


def why(module: Module) -> str:
    """Return what a module needs the repairs for; empty if it needs none."""
    for statement in module.imports():
        gone = next((name for name in imported_names(statement) if is_gone(name)), None)
        if gone is not None:
            return f"`{gone}` is there with it only"
    for attribute in removed_attributes(module):
        return f"`{module.text(attribute)}` is there with it only"
    used = [canonical(name) for name in imported_modules(module)]
    kerases = [name for name in used if is_keras(name)]
    if is_of_keras2(module) and not all(name.startswith((*AS_BEFORE, *ONLY_KERAS3)) for name in kerases):
        return "names, defaults and steps of training are as in Keras 2 with it"
    if any(name.startswith(ONLY_KERAS3) for name in kerases):
        return ""
    old = next((name for _, name in old_tensorflow(module) if is_given(name)), None)
    if old is not None:
        return f"`tf.{old}` is there with it only"
    if kerases or any(name.partition(".")[0] == "tensorflow" for name in used):
        for rule in MENDED:
            item = next(iter(rule().check(module)), None)
            if item is not None:
                return f"line {module.lines.line(item.at)} works with it only: {item.message}"
    return ""


def is_keras(name: str) -> bool:
    return name.partition(".")[0] == "keras"


def first_import(module: Module) -> cst.CSTNode | None:
    """Return the first top-level statement with an import of Keras or TensorFlow."""
    for line in module.tree.body:
        for statement in module.imports():
            names = [name.partition(".")[0] for name in imported_names(statement)]
            if (line is module.statement(statement) or line in module.above(statement)) and {
                "keras",
                "tensorflow",
                "tf_keras",
            } & set(names):
                return line
    return None
