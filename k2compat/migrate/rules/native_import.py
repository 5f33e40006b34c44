"""Rules ``native.import`` and ``native.repairs``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.doors import Import, bindings_of
from k2compat.migrate.edits import Change, Left
from k2compat.migrate.module import Module
from k2compat.migrate.resolve import SHIM, bound_name, canonical, constant, import_aliases
from k2compat.migrate.rule import Rule
from k2compat.migrate.spelling import is_read, k_uses
from k2compat.tables.offered import OFFERED
from k2compat.tables.old_names import is_gone

# Names and texts of a script that show that it may stand on a repair of Keras that the import makes.
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


def idle_imports(module: Module) -> Iterator[tuple[Import, cst.ImportAlias | None]]:
    """The parts of imports of the shim whose names nothing reads; None for a star."""
    for statement in module.imports():
        if of_star(module, statement) and next(unbound(module), None) is None:
            yield statement, None
        for alias in import_aliases(statement):
            found = module.resolver.imported(statement, alias) or ""
            if found != SHIM and not found.startswith(SHIM + "."):
                continue
            if not any(_is_bound_by(module, node, statement) for node in module.named(bound_name(alias))):
                yield statement, alias


def of_star(module: Module, statement: Import) -> bool:
    """Whether an import is ``from k2compat.backend import *``."""
    star = isinstance(statement, cst.ImportFrom) and isinstance(statement.names, cst.ImportStar)
    return star and canonical(module.resolver.module_of(statement) or "") == SHIM  # type: ignore[arg-type]


def unbound(module: Module) -> Iterator[cst.Name]:
    """The names that are read and that ``from k2compat.backend import *`` may have bound, ``sum`` and its kin too."""
    for node in module.nodes(cst.Name):
        is_name = node.value in OFFERED and module.scope(node) is not None and is_read(module, node)
        if is_name and not module.is_imported_name(node) and not bindings_of(module, node):
            yield node


def is_exported(module: Module, statement: Import, alias: cst.ImportAlias | None) -> bool:
    """Whether an import is there for other files, or comes by another file itself."""
    if alias is None:
        return False
    name = bound_name(alias)
    base = module.resolver.module_of(statement) or "" if isinstance(statement, cst.ImportFrom) else ""
    through = isinstance(statement, cst.ImportFrom) and base.partition(".")[0] != "k2compat"
    listed = "__all__" in module.source and any(constant(text) == name for text in module.nodes(cst.SimpleString))
    return through or listed or module.exports.is_wanted(name)


def _is_bound_by(module: Module, node: cst.Name, statement: cst.CSTNode) -> bool:
    """Whether a name is read that an import may have bound."""
    scope = module.scope(node)
    if scope is None or not is_read(module, node) or module.is_imported_name(node):
        return False
    return any(getattr(binding, "node", None) is statement for binding in scope[node.value])


def repaired(module: Module) -> tuple[str, int] | None:
    """The first name or text of a module that may stand on a repair, and its line."""
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
    """The calls of ``Sequential`` whose result an expression may be."""
    scope = module.scope(node) if isinstance(node, cst.Name) else None
    bindings = scope[node.value] if scope is not None and isinstance(node, cst.Name) else ()
    values = [module.resolver.value_of(binding) for binding in bindings]
    calls = [value for value in values if isinstance(value, cst.Call)]
    return [call for call in calls if module.refers_to(call.func) in ("keras.Sequential", "keras.models.Sequential")]


def _is_whole(module: Module, node: cst.BaseExpression) -> bool:
    """Whether a model surely was built at once: each ``Sequential.add`` makes new tensors of all layers in Keras 3, and
    those of ``layer.output`` are no longer on the way to the model's output.
    """
    calls = _made_as_sequential(module, node)
    name = module.text(node)
    added = any(at.attr.value == "add" and module.text(at.value) == name for at in module.nodes(cst.Attribute))
    return bool(calls) and not added


class NativeImport(Rule):
    """Takes out imports of the shim that nothing needs any more.

    An import whose names are not read goes. It stays where other files import the name from here, and is reported, and
    where the script may stand on one of the repairs of Keras that
    come with it: see ``native.repairs``.

    Before::

        from keras.layers import Dense
        from k2compat import backend as K

    After::

        from keras.layers import Dense
    """

    name = "native.import"
    level = "native"
    summary = "take out imports of k2compat.backend that nothing needs"

    def check(self, module: Module) -> Iterator[Change | Left]:
        idle: Idle = []
        for statement, alias in idle_imports(module):
            if is_exported(module, statement, alias):
                what = f"`{module.text(statement)}` is not read here, but passed on between files of the project"
                yield module.left(statement, what, "take it out where it is imported, then where it comes from.")
            else:
                idle.append((statement, alias))
        if idle and repaired(module) is None:
            yield from _taken_out(module, idle, "take out")
        used = {node for node, _ in k_uses(module)}
        maybe = [] if idle else list(unbound(module))
        if maybe and not used.intersection(maybe):
            for statement in filter(lambda statement: of_star(module, statement), module.imports()):
                yield module.left(
                    statement,
                    f"`{module.text(statement)}` stays: `{maybe[0].value}` in line {module.line_of(maybe[0])} may be "
                    "from there",
                    "import the names that are used from where they belong, then take it out.",
                )


class NativeRepairs(Rule):
    """Takes out imports of the shim of which only the repairs of Keras may be needed.

    ``import k2compat.backend`` mends what broke between Keras 2 and 3: files of models, the steps of some optimizers,
    defaults of layers. A script that has one of their names may give other numbers without it, so this is unsafe; with
    ``K2COMPAT_REPAIRS=0`` in the environment you can try what happens.

    Before::

        from keras.models import load_model
        from k2compat import backend as K

    After::

        from keras.models import load_model
    """

    name = "native.repairs"
    level = "native"
    safe = False
    summary = "take out imports of k2compat.backend of which only the repairs of Keras may be needed"

    def check(self, module: Module) -> Iterator[Change | Left]:
        idle = [found for found in idle_imports(module) if not is_exported(module, *found)]
        found = repaired(module) if idle else None
        if found is not None:
            word, line = found
            yield from _taken_out(module, idle, f"only for the repairs of Keras (`{word}` in line {line}):")


Idle = list[tuple[Import, cst.ImportAlias | None]]


def _taken_out(module: Module, idle: Idle, what: str) -> Iterator[Change]:
    for statement in dict.fromkeys(statement for statement, _ in idle):
        gone = {alias for found, alias in idle if found is statement and alias is not None}
        kept = [alias for alias in import_aliases(statement) if alias not in gone]
        message = f"{what} `{module.text(statement)}`"
        if not kept:
            yield module.change(statement, message, module.drop_statement(statement))
            continue
        edits = module.drop_parts(list(import_aliases(statement)), gone)
        yield module.change(statement, message, edits)
