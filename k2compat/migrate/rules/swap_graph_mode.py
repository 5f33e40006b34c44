"""Rule ``swap.graph-mode``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.doors import bindings_of
from k2compat.migrate.edits import Change, Edit, Left
from k2compat.migrate.module import Module
from k2compat.migrate.resolve import bound_name, import_aliases
from k2compat.migrate.rule import Rule

SWITCHES = ("disable_eager_execution", "disable_v2_behavior")
HOMES = ("tensorflow", "tensorflow.compat.v1", "tensorflow.compat.v2.compat.v1")
CALLED = frozenset(f"{home}.{switch}" for home in HOMES for switch in SWITCHES) | {
    "tensorflow.python.framework.ops.disable_eager_execution",
    "tensorflow.python.compat.v2_compat.disable_v2_behavior",
}
# What works in graph mode only, at the top of TensorFlow 1 or of tf.compat.v1.
_GRAPH_ONLY = (
    "placeholder placeholder_with_default sparse_placeholder get_variable global_variables_initializer "
    "local_variables_initializer initialize_all_variables variables_initializer tables_initializer trainable_variables "
    "global_variables get_default_graph Graph variable_scope get_collection add_to_collection "
    "train.Saver train.Supervisor train.MonitoredTrainingSession train.MonitoredSession train.AdamOptimizer "
    "train.GradientDescentOptimizer train.MomentumOptimizer train.RMSPropOptimizer train.AdagradOptimizer "
    "train.AdadeltaOptimizer train.get_or_create_global_step train.import_meta_graph import_graph_def layers "
    "estimator wrap_function InteractiveSession graph_util"
)
GRAPH_ONLY = frozenset(_GRAPH_ONLY.split())


class SwapGraphMode(Rule):
    """Takes out the calls that force graph mode, where nothing else in the file needs it.

    Under ``tf.compat.v1.disable_eager_execution()`` the ``fit`` and ``predict`` of Keras 3 do not work, and k2compat
    needs no graph. A file that also has placeholders, variables or optimizers of TensorFlow 1 keeps the call, and the
    report says what needs it.

    Before::

        import tensorflow as tf
        tf.compat.v1.disable_eager_execution()

    After::

        import tensorflow as tf
    """

    name = "swap.graph-mode"
    level = "swap"
    summary = "take out disable_eager_execution() and disable_v2_behavior() where nothing needs graph mode"
    needs = re.compile(r"disable_")

    def check(self, module: Module) -> Iterator[Change | Left]:
        # `tf` is often bound twice, to TensorFlow and to its compat.v1.
        calls = [
            call for call in module.nodes(cst.Call) if (found := module.resolver.origins(call.func)) and found <= CALLED
        ]
        if not calls:
            return
        reason = self.needs_graph(module)
        for call in calls:
            statement = module.parent(call)
            if reason is not None:
                message = f"`{module.text(call)}` stays: {reason} needs graph mode"
                yield module.left(call, message, "rewrite that for TensorFlow 2, then run this again.")
            elif isinstance(statement, cst.Expr):
                edits = [taken_out(module, statement), *unused_import(module, call)]
                yield module.change(call, f"take out `{module.text(call)}`", edits)
            else:
                message = f"`{module.text(call)}` stays: its result is used"
                yield module.left(call, message, "take it out by hand: k2compat needs eager execution.")

    @staticmethod
    def needs_graph(module: Module) -> str | None:
        """What in a module needs graph mode, as ``tf.placeholder in line 5``; None if nothing does."""
        for node in [*module.nodes(cst.Attribute), *module.nodes(cst.Name)]:
            if module.is_imported_name(node):
                continue
            for found in module.resolver.origins(node):
                name = found.removeprefix("tensorflow.").removeprefix("compat.v1.")
                if found.startswith("tensorflow.") and name in GRAPH_ONLY:
                    return f"`{module.text(node)}` in line {module.line_of(node)}"
        return None


def taken_out(module: Module, statement: cst.Expr) -> Edit:
    """The edit that takes out a call; with the ``if`` around it, where that only asked for a version."""
    line = module.parent(statement)
    block = module.parent(line) if line is not None else None
    choice = module.parent(block) if block is not None else None
    alone = isinstance(choice, cst.If) and choice.body is block and choice.orelse is None
    if not alone or len(line.body) > 1 or len(block.body) > 1 or not only_asks(module, choice.test):  # type: ignore
        return module.drop_statement(statement)
    outer = module.parent(choice)  # type: ignore[arg-type]
    end = module.lines.whole(*module.span(statement))[1]
    start = module.lines.whole(*module.span(choice))[0]  # type: ignore[arg-type]
    others = isinstance(outer, cst.Module) or (isinstance(outer, cst.IndentedBlock) and len(outer.body) > 1)
    if not others or "#" in module.source[start:end]:
        return module.drop_statement(statement)
    return Edit(start, end, "")


def only_asks(module: Module, test: cst.BaseExpression) -> bool:
    """Whether a condition does nothing but compare versions."""
    calls = [call for call in module.nodes(cst.Call) if test is call or test in module.above(call)]
    names = {module.text(call.func).rpartition(".")[2] for call in calls}
    return names <= {
        "startswith",
        "split",
        "int",
        "float",
        "hasattr",
        "LooseVersion",
        "StrictVersion",
        "Version",
        "parse",
    }


def unused_import(module: Module, call: cst.Call) -> list[Edit]:
    """The edits that take out ``from ... import disable_eager_execution``, if this call was all that used it."""
    bindings = bindings_of(module, call.func)
    statement = bindings[0].node if len(bindings) == 1 else None
    if not isinstance(statement, cst.ImportFrom) or not isinstance(call.func, cst.Name):
        return []
    name = call.func.value
    uses = [node for node in module.nodes(cst.Name) if node.value == name and not module.is_imported_name(node)]
    parts = list(import_aliases(statement))
    if uses != [call.func] or repr(name) in module.source or f'"{name}"' in module.source:  # __all__
        return []
    if len(parts) == 1:
        return [module.drop_statement(statement)]
    return module.drop_parts(parts, [part for part in parts if bound_name(part) == name])
