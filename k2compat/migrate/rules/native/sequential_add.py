"""Rule ``native.sequential-add``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.k_calls import k_uses
from k2compat.migrate.analysis.model_makers import SEQUENTIAL
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module


class SequentialAdd(Rule):
    """In Keras 3 each `model.add` makes new tensors of all layers, so that a `tf.GradientTape` finds no gradient
    between the output of a layer and that of the model. Where there is a tape, a `Sequential` is given its layers at
    once:

    ```diff
     import keras
     import tensorflow as tf
     from keras.layers import Dense
    -model = keras.Sequential()
    -model.add(Dense(3, input_shape=(4,)))
    -model.add(Dense(2))
    +model = keras.Sequential(
    +    [
    +        Dense(3, input_shape=(4,)),
    +        Dense(2),
    +    ]
    +)
     inner = keras.Model(model.inputs[0], [model.layers[0].output, model.outputs[0]])
     with tf.GradientTape() as tape:
         hidden, output = inner(x)
    ```
    """

    summary = "write a Sequential that is built by add as a list, where a tf.GradientTape needs its layers"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        taped = "GradientTape(" in module.source
        inner = any(node.attr.value in ("outputs", "output") for node in module.nodes(cst.Attribute))
        if not taped or not inner or any(name == "function" for _, name in k_uses(module)):
            return
        for call in module.calls(*SEQUENTIAL):
            added = _added(module, call)
            if added:
                yield module.change(call, f"write `{module.text(call)}` with its layers", _listed(module, call, added))


def _added(module: Module, call: cst.Call) -> list[cst.SimpleStatementLine]:
    """Return the statements right below a call that add a layer each, if no other ones do."""
    assign = module.parent(call)
    line = module.parent(assign) if isinstance(assign, cst.Assign) else None
    block = module.parent(line) if isinstance(line, cst.SimpleStatementLine) else None
    if call.args or not isinstance(assign, cst.Assign) or not isinstance(block, cst.IndentedBlock | cst.Module):
        return []
    name = module.text(assign.targets[0].target)
    body = list(block.body)
    found: list[cst.SimpleStatementLine] = []
    for statement in body[body.index(line) + 1 :]:  # type: ignore[arg-type]
        if not isinstance(statement, cst.SimpleStatementLine) or _layer(module, statement, name) is None:
            break
        found.append(statement)
    scope = module.scope(call)
    others = [node for node in module.nodes(cst.Attribute) if node.attr.value == "add" and module.scope(node) is scope]
    return found if len([node for node in others if module.text(node.value) == name]) == len(found) else []


def _layer(module: Module, statement: cst.SimpleStatementLine, name: str) -> cst.BaseExpression | None:
    only = statement.body[0] if len(statement.body) == 1 else None
    call = only.value if isinstance(only, cst.Expr) else None
    if not isinstance(call, cst.Call) or module.text(call.func) != f"{name}.add" or len(call.args) != 1:
        return None
    argument = call.args[0]
    return argument.value if argument.keyword is None and not argument.star else None


def _listed(module: Module, call: cst.Call, added: list[cst.SimpleStatementLine]) -> list[Edit]:
    indentation, unit = module.indentation(call), module.tree.default_indent
    deep = indentation + unit + unit
    name = module.text(added[0].body[0]).partition(".add")[0]
    lines = []
    for statement in added:
        lines += [deep + line.comment.value for line in statement.leading_lines if line.comment]
        layer = _layer(module, statement, name)
        text = module.text(layer).replace("\n" + indentation, "\n" + deep) if layer is not None else ""
        lines.append(f"{deep}{text},{module.comment_behind(statement)}")
    first = module.lines.whole(*module.span(module.statement(call)))[1]
    last = module.lines.whole(*module.span(added[-1]))[1]
    body = "".join(line + module.newline for line in lines)
    start, end = module.span(call.func)[1], module.span(call)[1]
    written = (
        f"({module.newline}{indentation}{unit}[{module.newline}{body}{indentation}{unit}]{module.newline}{indentation})"
    )
    return [Edit(start, end, written), Edit(first, last, "")]
