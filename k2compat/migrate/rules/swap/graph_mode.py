"""Rule ``swap.graph-mode``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.backend_imports import bindings_of
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import bound_name, import_aliases

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
# Of these, what k2compat gives at run time under its own name in ``tf``, though not in ``tf.compat.v1``.
_AT_RUN_TIME = (
    "placeholder placeholder_with_default sparse_placeholder get_variable global_variables_initializer "
    "local_variables_initializer initialize_all_variables variables_initializer tables_initializer trainable_variables "
    "global_variables get_default_graph variable_scope get_collection add_to_collection train.AdamOptimizer "
    "train.GradientDescentOptimizer train.MomentumOptimizer train.RMSPropOptimizer train.AdagradOptimizer "
    "train.AdadeltaOptimizer train.get_or_create_global_step InteractiveSession layers"
)
AT_RUN_TIME = frozenset(f"tensorflow.{name}" for name in _AT_RUN_TIME.split())


class GraphMode(Rule):
    """Takes out the calls that force graph mode, in which `fit` and `predict` of Keras 3 do not work, with the `if`
    around them where that only asked for a version. Where something else in the file needs graph mode
    (`tf.compat.v1.placeholder`, `tf.train.Saver`), they stay, and the report says what it is.

    ```diff
     import tensorflow as tf
    -if tf.__version__.startswith("2"):
    -    tf.compat.v1.disable_eager_execution()
    ```
    """

    summary = "take out disable_eager_execution() and disable_v2_behavior() where nothing needs graph mode"
    needs = re.compile(r"disable_")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
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
                place, advice = reason
                message = f"`{module.text(call)}` stays: {place} needs graph mode"
                yield module.manual(call, message, f"{advice}, then run this again.")
            elif isinstance(statement, cst.Expr):
                edits = [taken_out(module, statement), *unused_import(module, call)]
                yield module.change(call, f"take out `{module.text(call)}`", edits)
            else:
                message = f"`{module.text(call)}` stays: its result is used"
                yield module.manual(call, message, "take it out by hand: k2compat needs eager execution.")

    @staticmethod
    def needs_graph(module: Module) -> tuple[str, str] | None:
        """Return what in a module needs graph mode (``tf.placeholder in line 5``), and advice; None if nothing does."""
        for node in [*module.nodes(cst.Attribute), *module.nodes(cst.Name)]:
            if module.is_imported_name(node):
                continue
            for found in module.resolver.origins(node):
                name = found.removeprefix("tensorflow.").removeprefix("compat.v1.")
                if name == "get_default_graph" and "gradient_override_map" in module.source:
                    continue  # k2compat honours the map without graph mode
                if found.startswith("tensorflow.") and name in GRAPH_ONLY and found not in AT_RUN_TIME:
                    given = f"tensorflow.{name}" in AT_RUN_TIME
                    how = "read it from `tensorflow`, not `tensorflow.compat.v1`: k2compat needs no graph for it"
                    advice = how if given else "rewrite that for TensorFlow 2"
                    return f"`{module.text(node)}` in line {module.line_of(node)}", advice
        return None


def taken_out(module: Module, statement: cst.Expr) -> Edit:
    """Return the edit that takes out a call; with the ``if`` around it, where that only asked for a version."""
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
    """Return whether a condition does nothing but compare versions."""
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
    """Return the edits that take out ``from ... import disable_eager_execution``, if this call was all that used it."""
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
