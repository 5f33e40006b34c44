"""Rule ``native.graph-context``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.k_calls import is_read, k_name
from k2compat.migrate.analysis.keras_objects import created_by
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.statements import dedented

_HOMES = ("tensorflow", "tensorflow.compat.v1")
GRAPHS = tuple(f"{home}.get_default_graph" for home in _HOMES)
SESSIONS = tuple(f"{home}.Session" for home in _HOMES)


class GraphContext(Rule):
    """A model of Keras 3 runs anywhere: what stood in the default graph or in the session of Keras, so that another
    thread finds them, stands without them.

    ```diff
     import tensorflow as tf
     from keras.models import load_model
     model = load_model("model.h5")
    -graph = tf.get_default_graph()


     def predict(x):
    -    with graph.as_default():
    -        return model.predict(x)
    +    return model.predict(x)
    ```
    """

    summary = "take out the contexts of the default graph and of the session of Keras"
    needs = re.compile(r"as_default|get_default_graph")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for block in module.nodes(cst.With):
            items = [item for item in block.items if _is_context(module, item)]
            lines = dedented(module, block) if len(items) == len(block.items) else None
            if lines is not None:
                start = module.lines.whole(module.span(block)[0], module.span(block)[0])[0]
                end = module.lines.whole(*module.span(block.body.body[-1]))[1]
                yield module.change(block, "models run without a graph or session", Edit(start, end, lines))
        yield from _idle(module)


def _is_context(module: Module, item: cst.WithItem) -> bool:
    """Return whether what a block stands in is the default graph, or a session that models of Keras ran in."""
    call = item.item
    method = call.func if isinstance(call, cst.Call) and not call.args else None
    if not isinstance(method, cst.Attribute) or method.attr.value != "as_default" or item.asname is not None:
        return False
    values = [method.value] if isinstance(method.value, cst.Call) else created_by(module, method.value) or []
    calls = [value for value in values if isinstance(value, cst.Call)]
    return bool(calls) and len(calls) == len(values) and all(_is_plain(module, made) for made in calls)


def _is_plain(module: Module, call: cst.Call) -> bool:
    called = module.refers_to(call.func)
    is_session = called in SESSIONS and all(argument.keyword is not None for argument in call.args)
    return called in GRAPHS or k_name(module, call.func) == "get_session" or (is_session and _is_set(module))


def _is_set(module: Module) -> bool:
    """Return whether a module gives Keras a session of its own."""
    return any(k_name(module, call.func) == "set_session" for call in module.nodes(cst.Call))


def _idle(module: Module) -> Iterator[Change]:
    """Yield the changes that take out names of the default graph that nothing reads."""
    for assign in module.nodes(cst.Assign):
        called = module.refers_to(assign.value.func) if isinstance(assign.value, cst.Call) else None
        target = assign.targets[0].target
        if called not in GRAPHS or len(assign.targets) != 1 or not isinstance(target, cst.Name | cst.Attribute):
            continue
        name = target.value if isinstance(target, cst.Name) else target.attr.value
        if not any(_reads(module, node) for node in module.named(name)):
            edits = [edit for global_ in module.nodes(cst.Global) for edit in _without(module, global_, name)]
            yield module.change(assign, "take out the graph", module.drop_statement(assign), edits)
    for global_ in module.nodes(cst.Global):
        for item in global_.names:
            others = [node for node in module.named(item.name.value) if module.parent(node) is not item]
            if not others and (module.text(item.name).startswith(("sess", "graph"))):
                yield module.change(global_, "take out what is not there", _without(module, global_, item.name.value))


def _reads(module: Module, node: cst.Name) -> bool:
    """Return whether a name or an attribute of this name is read."""
    above = module.parent(node)
    if isinstance(above, cst.Attribute) and above.attr is node:
        return is_read(module, above)
    return is_read(module, node) and not isinstance(above, cst.Global)


def _without(module: Module, statement: cst.Global, name: str) -> list[Edit]:
    """Return the edit that takes a name out of a ``global`` statement."""
    kept = [item.name.value for item in statement.names if item.name.value != name]
    if len(kept) == len(statement.names):
        return []
    if not kept:
        return [module.drop_statement(statement)]
    return [module.replace(statement, f"global {', '.join(kept)}")]
