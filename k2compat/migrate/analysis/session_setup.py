"""The session that is made for Keras to set the memory of GPUs, taken apart and rewritten as calls of ``tf.config``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from k2compat.migrate.analysis.k_calls import is_read
from k2compat.migrate.analysis.keras_objects import boolean, is_label, number, written
from k2compat.migrate.syntax.edits import Change, Edit
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import bound_name, constant, import_aliases

HOMES = ("tensorflow", "tensorflow.compat.v1", "tensorflow.compat.v2.compat.v1")
SESSIONS = tuple(f"{home}.{name}" for home in HOMES for name in ("Session", "InteractiveSession"))
CONFIGS = tuple(f"{home}.{name}" for home in HOMES for name in ("ConfigProto",))
GPU_OPTIONS = tuple(f"{home}.GPUOptions" for home in HOMES)
SETTERS = (
    *(f"{backend}.set_session" for backend in ("keras.backend", "k2compat.backend")),
    *(f"{backend}.tensorflow_backend.set_session" for backend in ("keras.backend", "k2compat.backend")),
)
FRACTION = "per_process_gpu_memory_fraction"
GROWTH = (
    'for gpu in {tf}.config.list_physical_devices("GPU"):',
    "    {tf}.config.experimental.set_memory_growth(gpu, True)",
)
# Setting -> the call of TensorFlow 2 that is given its value.
CALLS = {
    "allow_soft_placement": "{tf}.config.set_soft_device_placement({value})",
    "log_device_placement": "{tf}.debugging.set_log_device_placement({value})",
    "intra_op_parallelism_threads": "{tf}.config.threading.set_intra_op_parallelism_threads({value})",
    "inter_op_parallelism_threads": "{tf}.config.threading.set_inter_op_parallelism_threads({value})",
}
WITHOUT_EFFECT = ("allocator_type", "graph")


class Cannot(Exception):
    """Why an idiom stays."""


@dataclass
class Idiom:
    """The statements that make a session and hand it to Keras, and what they set.

    Attributes:
        statements: all that go.
        settings: name of the setting, its value.
    """

    statements: list[cst.BaseSmallStatement] = field(default_factory=list)
    settings: list[tuple[str, cst.BaseExpression]] = field(default_factory=list)

    @property
    def limits_memory(self) -> bool:
        """Return whether it gives Keras a part of a GPU's memory."""
        return any(name == FRACTION for name, _ in self.settings)


def collected(module: Module, call: cst.Call) -> Idiom:
    """Return all statements of the idiom that ends with this call of ``set_session``.

    Raises:
        Cannot: something else is done with its objects.
    """
    idiom = Idiom()
    statement = module.parent(call)
    if not isinstance(statement, cst.Expr) or len(call.args) != 1:
        raise Cannot("its result is used, or it is not given one session")
    idiom.statements.append(statement)
    session = followed(module, idiom, call.args[0].value, SESSIONS, "session")
    for argument in session.args:
        keyword = argument.keyword.value if argument.keyword is not None else ""
        if keyword == "config":
            config(module, idiom, argument.value)
        elif keyword not in WITHOUT_EFFECT:
            raise Cannot(f"`{module.text(argument)}` of the session has no counterpart")
    return idiom


def config(module: Module, idiom: Idiom, value: cst.BaseExpression) -> None:
    made = followed(module, idiom, value, CONFIGS, "configuration")
    for argument in made.args:
        keyword = argument.keyword.value if argument.keyword is not None else ""
        if keyword == "gpu_options":
            options = followed(module, idiom, argument.value, GPU_OPTIONS, "GPU options")
            idiom.settings += [(given.keyword.value if given.keyword else "", given.value) for given in options.args]
        else:
            idiom.settings.append((keyword, argument.value))


def followed(module: Module, idiom: Idiom, value: cst.BaseExpression, makers: tuple[str, ...], what: str) -> cst.Call:
    """Return the call that makes an object, in place or bound to a name; collect the settings made on the name."""
    if isinstance(value, cst.Call) and module.refers_to(value.func) in makers:
        return value
    scope = module.scope(value) if isinstance(value, cst.Name) else None
    if scope is None:
        raise Cannot(f"where its {what} comes from cannot be told")
    bindings = list(scope[value.value])  # type: ignore[attr-defined]
    made = module.resolver.value_of(bindings[0]) if len(bindings) == 1 else None
    if not isinstance(made, cst.Call) or module.refers_to(made.func) not in makers:
        raise Cannot(f"where its {what} comes from cannot be told")
    idiom.statements.append(small_statement(module, made))
    for node in module.nodes(cst.Name):
        if node.value == value.value and module.scope(node) is scope and node is not value:  # type: ignore[attr-defined]
            setting(module, idiom, node, made, what)
    for node in module.named(value.value):  # type: ignore[attr-defined]
        inner = module.scope(node)
        if inner is not None and inner is not scope and bindings[0] in inner[node.value] and is_read(module, node):
            raise Cannot(f"its {what} `{node.value}` is used in line {module.line_of(node)}, too")
    return made


def setting(module: Module, idiom: Idiom, node: cst.Name, made: cst.Call, what: str) -> None:
    """Collect a use of the name of a configuration: the assignment of a setting, or the one that binds it."""
    statement = small_statement(module, node)
    if statement is small_statement(module, made):
        return
    path = module.parent(node)
    while isinstance(module.parent(path), cst.Attribute):  # type: ignore[arg-type]
        path = module.parent(path)  # type: ignore[arg-type]
    target = module.parent(path)  # type: ignore[arg-type]
    if not (
        isinstance(path, cst.Attribute) and isinstance(target, cst.AssignTarget) and isinstance(statement, cst.Assign)
    ):
        raise Cannot(f"its {what} `{node.value}` is used in line {module.line_of(node)}, too")
    if statement not in idiom.statements:
        idiom.statements.append(statement)
        idiom.settings.append((path.attr.value, statement.value))


def small_statement(module: Module, node: cst.CSTNode) -> cst.BaseSmallStatement:
    return next(found for found in (node, *module.above(node)) if isinstance(found, cst.BaseSmallStatement))


def rewritten(module: Module, call: cst.Call, idiom: Idiom) -> Change:
    """Return the change of a whole idiom.

    Raises:
        Cannot: a setting has no counterpart, or the statements are not of one block.
    """
    last = idiom.statements[0]
    lines = [module.parent(statement) for statement in idiom.statements]
    if len({module.parent(line) for line in lines}) > 1 or not isinstance(lines[0], cst.SimpleStatementLine):  # type: ignore[arg-type]
        raise Cannot("its statements are in several blocks")
    tf, needs = tensorflow_name(module)
    new = [text.format(tf=tf) for text in settings(module, idiom)]
    edits = [module.drop_statement(statement) for statement in idiom.statements if statement is not last]
    start, end = module.span(last)
    indentation = module.indentation(last)
    if new:
        edits.append(Edit(start, end, f"{module.newline}{indentation}".join(new)))
    else:
        edits.append(module.drop_statement(last))
    edits += unused_imports(module, idiom)
    said = "the session becomes calls of `tf.config`" if new else "the session goes: it set nothing"
    return module.change(call, said, edits, needs)


def settings(module: Module, idiom: Idiom) -> Iterator[str]:
    """Yield the lines that set in TensorFlow 2 what an idiom sets."""
    grown = False
    for name, value in idiom.settings:
        if name in ("allow_growth", FRACTION):
            if not grown and (name == FRACTION or boolean(value) is True):
                grown = True
                yield from GROWTH
            elif boolean(value) is None and name != FRACTION:
                raise Cannot(f"`{name}` is set to `{module.text(value)}`")
        elif name in CALLS:
            yield CALLS[name].replace("{value}", written(module, value))
        elif name == "device_count" and "GPU" in module.text(value) and is_zero(value):
            yield '{tf}.config.set_visible_devices([], "GPU")'
        elif name == "visible_device_list" and (constant(value) or "").isdecimal():
            yield (
                '{tf}.config.set_visible_devices({tf}.config.list_physical_devices("GPU")'
                f'[{constant(value)}:{int(constant(value) or 0) + 1}], "GPU")'
            )
        elif name not in WITHOUT_EFFECT:
            raise Cannot(f"its setting `{name}` has no counterpart")


def is_zero(value: cst.BaseExpression) -> bool:
    """Return whether a dict display says 0 of GPUs, and of nothing else anything but what is there."""
    pairs = value.elements if isinstance(value, cst.Dict) else ()
    gpus = [pair for pair in pairs if isinstance(pair, cst.DictElement) and constant(pair.key) == "GPU"]
    return len(gpus) == 1 and number(gpus[0].value) == 0


def tensorflow_name(module: Module) -> tuple[str, list[Edit]]:
    """Return how the module calls TensorFlow, and the import it needs."""
    for statement in module.nodes(cst.Import):
        for alias in import_aliases(statement):
            if module.resolver.imported(statement, alias) in HOMES[:2]:
                return bound_name(alias), []
    return "tf", module.add_import("import tensorflow as tf")


def unused_imports(module: Module, idiom: Idiom) -> Iterator[Edit]:
    """Yield the removal of imports of one name that only the idiom uses, as that of ``set_session``."""
    gone = {id(statement) for statement in idiom.statements}
    for statement in module.nodes(cst.ImportFrom):
        aliases = list(import_aliases(statement))
        if len(aliases) != 1 or module.resolver.imported(statement, aliases[0]) not in (*SETTERS, *SESSIONS, *CONFIGS):
            continue
        uses = [
            node
            for node in module.nodes(cst.Name)
            if node.value == bound_name(aliases[0]) and not is_label(module, node) and not module.is_imported_name(node)
        ]
        if all(id(small_statement_or_none(module, node)) in gone for node in uses):
            yield module.drop_statement(statement)


def small_statement_or_none(module: Module, node: cst.CSTNode) -> cst.BaseSmallStatement | None:
    return next((found for found in module.above(node) if isinstance(found, cst.BaseSmallStatement)), None)
