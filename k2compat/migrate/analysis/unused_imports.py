"""Imports of the shim that nothing reads, and what of a module may need the repairs that come with them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.backend_imports import ImportStatement, bindings_of
from k2compat.migrate.analysis.k_calls import is_read
from k2compat.migrate.analysis.model_makers import SEQUENTIAL, added_to, model_calls
from k2compat.migrate.syntax.edits import Change
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import SHIM, bound_name, canonical, constant, dotted_name, import_aliases
from k2compat.tables.offered import OFFERED
from k2compat.tables.old_names import is_gone

# Names and strings of a script that show that it may stand on a repair of Keras that the import makes.
_WORDS = (
    "load_model load_weights model_from_json model_from_config model_from_yaml rmsprop RMSprop adagrad Adagrad "
    "adadelta Adadelta adamax Adamax nadam Nadam clipnorm GRU CuDNNGRU Bidirectional hard_sigmoid UpSampling2D "
    "Embedding AveragePooling1D AveragePooling2D"
)
_ATTRIBUTES = (
    "add_loss fit_generator predict_generator evaluate_generator predict_classes predict_proba output_shape "
    "input_shape get_output_at get_input_at get_updates total_loss uses_learning_phase _keras_shape trainable"
)
WORDS = frozenset(_WORDS.split())
ATTRIBUTES = frozenset(_ATTRIBUTES.split())

IMAGES = re.compile(r"\bcv2\b|\bPIL\b|img_to_array|load_img|preprocessing|[cC]onv|imread|axis=\(0, 1, 2\)|heatmap")
RECURRENT = re.compile(r"LSTM|GRU|RNN|Recurrent|recurrent|lstm|gru|rnn")

Idle = list[tuple[ImportStatement, cst.ImportAlias | None]]


AUTO = "k2compat.auto"  # which binds no name that is read


def idle_imports(module: Module) -> Iterator[tuple[ImportStatement, cst.ImportAlias | None]]:
    """Yield the parts of imports of the shim whose names nothing reads; None for a star."""
    for statement in module.imports():
        if of_star(module, statement) and next(unbound(module), None) is None:
            yield statement, None
        for alias in import_aliases(statement):
            found = module.resolver.imported(statement, alias) or ""
            if isinstance(statement, cst.Import) and dotted_name(alias.name) == AUTO:
                yield statement, alias
            elif found != SHIM and not found.startswith(SHIM + "."):
                continue
            elif not any(_is_bound_by(module, node, statement) for node in module.named(bound_name(alias))):
                yield statement, alias


def of_star(module: Module, statement: ImportStatement) -> bool:
    """Return whether an import is ``from k2compat.backend import *``."""
    star = isinstance(statement, cst.ImportFrom) and isinstance(statement.names, cst.ImportStar)
    return star and canonical(module.resolver.module_of(statement) or "") == SHIM  # type: ignore[arg-type]


def unbound(module: Module) -> Iterator[cst.Name]:
    """Yield the names that are read and that ``from k2compat.backend import *`` may have bound, such as ``sum``."""
    for node in module.nodes(cst.Name):
        is_name = node.value in OFFERED and module.scope(node) is not None and is_read(module, node)
        if is_name and not module.is_imported_name(node) and not bindings_of(module, node):
            yield node


def is_exported(module: Module, statement: ImportStatement, alias: cst.ImportAlias | None) -> bool:
    """Return whether an import is there for other files, or comes by another file itself."""
    if alias is None:
        return False
    name = bound_name(alias)
    base = module.resolver.module_of(statement) or "" if isinstance(statement, cst.ImportFrom) else ""
    through = isinstance(statement, cst.ImportFrom) and base.partition(".")[0] != "k2compat"
    listed = "__all__" in module.source and any(constant(text) == name for text in module.nodes(cst.SimpleString))
    return through or listed or module.exports.is_wanted(name)


def _is_bound_by(module: Module, node: cst.Name, statement: cst.CSTNode) -> bool:
    """Return whether a name is read that an import may have bound."""
    scope = module.scope(node)
    if scope is None or not is_read(module, node) or module.is_imported_name(node):
        return False
    return any(getattr(binding, "node", None) is statement for binding in scope[node.value])


def repaired(module: Module) -> tuple[str, int] | None:
    """Return the first name or text of a module that may stand on a repair, and its line."""
    for statement in module.nodes(cst.ImportFrom):
        for alias in import_aliases(statement):
            found = module.resolver.imported(statement, alias)
            if found is not None and is_gone(found):
                return found, module.line_of(statement)
    for attribute in module.nodes(cst.Attribute):
        found = module.refers_to(attribute) or ""
        if found.startswith("keras.") and is_gone(found):
            return found, module.line_of(attribute)
    names: list[cst.Name | cst.SimpleString] = [*module.nodes(cst.Name), *module.nodes(cst.SimpleString)]
    for node in sorted(names, key=lambda node: module.span(node)[0]):
        text = node.value if isinstance(node, cst.Name) else constant(node)
        parent = module.parent(node)
        is_attribute = isinstance(parent, cst.Attribute) and parent.attr is node
        if (text == "load_model" and _shows_images(module)) or (text == "Embedding" and _only_called(module, text)):
            continue
        if text == "add_loss" and is_attribute and module.text(parent.value) == "self":  # type: ignore[union-attr]
            continue  # layers of Keras 3 have it
        if text in WORDS or (is_attribute and text in ATTRIBUTES):
            return str(text), module.line_of(node)
        if not is_attribute:
            continue
        base = parent.value  # type: ignore[union-attr]
        if text in ("input", "output") and _made_as_sequential(module, base):
            return f"Sequential.{text}", module.line_of(node)
        if text == "outputs" and "GradientTape(" in module.source and not _is_whole(module, base):
            return "Sequential.add", module.line_of(node)
    return None


def _made_as_sequential(module: Module, node: cst.BaseExpression) -> list[cst.Call]:
    """Return the calls of ``Sequential`` whose result an expression may be."""
    return [call for call in model_calls(module, node) or [] if module.refers_to(call.func) in SEQUENTIAL]


def _is_whole(module: Module, node: cst.BaseExpression) -> bool:
    """Return whether a model surely was built at once.

    In Keras 3 each ``Sequential.add`` makes new tensors of all layers, and those of ``layer.output`` are no longer on
    the way to the model's output.
    """
    calls = model_calls(module, node)
    if calls is None:
        return False
    made = {module.refers_to(call.func) for call in calls}
    loaded = any((name or "").rpartition(".")[2].startswith(("load_model", "model_from")) for name in made)
    return not loaded and not any(added_to(module, call) for call in _made_as_sequential(module, node))


def _only_called(module: Module, name: str) -> bool:
    """Return whether layers are called with tensors at once, and make no masks: a ``Sequential`` builds them later."""
    uses = [node for node in module.named(name) if not module.is_imported_name(node) and is_read(module, node)]
    whole = [node if not isinstance(module.parent(node), cst.Attribute) else module.parent(node) for node in uses]
    made = [module.parent(node) for node in whole if node is not None]
    called = [getattr(module.parent(call), "func", None) is call for call in made if isinstance(call, cst.Call)]
    return "mask_zero" not in module.source and len(called) == len(uses) and all(called)


def _shows_images(module: Module) -> bool:
    """Return whether a script is about images, so that the model that it loads has no recurrent layers.

    Those are what computes other numbers in Keras 3: other files of models are loaded as they were, or refused.
    """
    return bool(IMAGES.search(module.source)) and not RECURRENT.search(module.source)


def taken_out(module: Module, idle: Idle, what: str) -> Iterator[Change]:
    for statement in dict.fromkeys(statement for statement, _ in idle):
        gone = {alias for found, alias in idle if found is statement and alias is not None}
        kept = [alias for alias in import_aliases(statement) if alias not in gone]
        message = f"{what} `{module.text(statement)}`"
        if not kept:
            yield module.change(statement, message, module.drop_statement(statement))
            continue
        edits = module.drop_parts(list(import_aliases(statement)), gone)
        yield module.change(statement, message, edits)
