"""Rule ``keras3.merge``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import is_label
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import bound_name, constant, import_aliases

FUNCTIONS = ("keras.layers.merge", "keras.layers.core.merge", "keras.engine.merge", "keras.engine.topology.merge")
# Mode of Keras 1 -> the current function.
MODES = {
    "sum": "add",
    "concat": "concatenate",
    "mul": "multiply",
    "ave": "average",
    "max": "maximum",
    "dot": "dot",
    "cos": "dot",
}
AXES = {"concat": ("concat_axis", "axis"), "dot": ("dot_axes", "axes"), "cos": ("dot_axes", "axes")}
UNUSED_AXES = ("concat_axis", "dot_axes")


class Merge(Rule):
    """`merge([a, b], mode="concat")` of Keras 1 is `concatenate([a, b])`, and so on for the other modes.

    `merge([a, b], mode="concat", concat_axis=3)` is `concatenate([a, b], axis=3)`; `sum`, `mul`, `ave`, `max`, `dot`
    and `cos` are `add`, `multiply`, `average`, `maximum` and `dot`. A mode that is a function is reported.

    ```diff
    -from keras.layers import Input, merge
    +from keras.layers import Input, concatenate
    -x = merge([a, b], mode="concat", concat_axis=3)
    +x = concatenate([a, b], axis=3)
    ```
    """

    summary = "merge(mode=...) is add, concatenate, multiply, average, maximum or dot"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        calls = list(module.calls(*FUNCTIONS))
        edits: list[Edit] = []
        functions: list[str] = []
        left: list[ManualWork] = []
        for call in calls:
            mode = mode_of(module, call)
            if isinstance(mode, ManualWork):
                left.append(mode)
                continue
            functions.append(MODES[mode])
            edits += called_by(module, call, mode)
        yield from left
        if not functions:
            return
        used = list(dict.fromkeys(functions))
        said = f"`merge` is {', '.join(f'`{name}`' for name in used)}"
        yield module.change(calls[0], said, edits, imported(module, used, keep=bool(left)))


def mode_of(module: Module, call: cst.Call) -> str | ManualWork:
    """Return the mode of a call, or why it stays."""
    given = module.argument(call, "mode", 1)
    mode = "sum" if given is None else constant(given.value)
    advice = "write `keras.layers.add`, `concatenate`, `multiply`, `average`, `maximum` or `dot`, or a `Lambda` layer."
    if mode not in MODES or not call.args or any(argument.star for argument in call.args):
        return module.manual(call, "`merge` with a mode that is not written out here", advice)
    if mode in ("dot", "cos") and module.argument(call, "dot_axes") is None:
        return module.manual(call, "`merge` with `dot` and no axes", "write `keras.layers.dot([a, b], axes=...)`.")
    extra = [argument for argument in call.args[2:] if argument.keyword is None]
    if extra or module.argument(call, "output_shape") or module.argument(call, "node_indices"):
        return module.manual(call, "`merge` with arguments that are no axis or name", advice)
    if isinstance(call.func, cst.Name) and is_taken(module, MODES[mode]):
        return module.manual(call, f"`merge` stays: the name `{MODES[mode]}` is something else here", advice)
    return mode


def is_taken(module: Module, name: str) -> bool:
    """Return whether a name is used for something else than the function of Keras."""
    return any(
        node.value == name and not is_label(module, node) and not module.is_imported_name(node)
        for node in module.nodes(cst.Name)
        if not (module.refers_to(node) or "").startswith("keras.")
    )


def called_by(module: Module, call: cst.Call, mode: str) -> list[Edit]:
    """Return the edits of one call: function, axis, and what went into its name."""
    func = call.func
    edits = [module.replace(func.attr if isinstance(func, cst.Attribute) else func, MODES[mode])]
    old, new = AXES.get(mode, ("", ""))
    dropped = [argument for name in UNUSED_AXES if name != old and (argument := module.argument(call, name))]
    given = module.argument(call, "mode", 1)
    axis = module.argument(call, old) if old else None
    if mode == "cos" and given is not None:
        edits.append(Edit(module.span(given)[0], module.whole(given.value)[1], "normalize=True"))
    elif given is not None:
        dropped.append(given)
    if axis is not None:
        edits.append(module.rename_argument(axis, new))
    return [*edits, *module.drop_arguments(call, dropped)]


def imported(module: Module, names: list[str], *, keep: bool) -> list[Edit]:
    """Return the functions are imported where ``merge`` was, which stays if it is still called."""
    for statement in module.nodes(cst.ImportFrom):
        for alias in import_aliases(statement):
            if module.resolver.imported(statement, alias) in FUNCTIONS:
                present = {bound_name(other) for line in module.nodes(cst.ImportFrom) for other in import_aliases(line)}
                new = [name for name in names if name not in present] + (["merge"] if keep else [])
                return [module.replace(alias, ", ".join(new))] if new else []
    return []
