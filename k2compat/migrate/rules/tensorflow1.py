"""Rule ``keras3.tensorflow1``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.edits import Change, Left
from k2compat.migrate.module import Module
from k2compat.migrate.resolve import dotted_name, import_aliases
from k2compat.migrate.rule import Rule
from k2compat.tables.tensorflow1 import GONE, KEPT_IN_COMPAT, RENAMED

PREFIX = "tensorflow."
# Those of rule keras3.gpu-session, where a session is handed to Keras.
OF_SESSIONS = frozenset(["Session", "InteractiveSession", "ConfigProto", "GPUOptions"])
# Those of rule swap.graph-mode.
SWITCHES = ("disable_", "enable_")
# First part of a name that is gone -> what to do.
ADVICE = {
    "Session": "`K.get_session()` runs what k2compat records; a session of a graph needs `tf.compat.v1`.",
    "placeholder": "write `K.placeholder(shape)`, and give it to the inputs of `K.function`.",
    "placeholder_with_default": "write `K.placeholder(shape)`, and give it to the inputs of `K.function`.",
    "global_variables_initializer": "take it out: variables have their values when they are made.",
    "initialize_all_variables": "take it out: variables have their values when they are made.",
    "local_variables_initializer": "take it out: variables have their values when they are made.",
    "get_variable": "write `K.variable(value)`.",
    "variable_scope": "take it out; give the variables names, or make a layer that has them.",
    "get_default_graph": "take it out: there is no graph to choose.",
    "reset_default_graph": "write `K.clear_session()`.",
    "layers": "write the layers of `keras.layers`.",
    "contrib": "`tf.contrib` is gone; some of it is in the packages tensorflow-addons and tf-slim.",
    "summary": "write `tf.summary.create_file_writer` and its functions, or use the callback `TensorBoard`.",
}
OTHERS = "run tf_upgrade_v2, which comes with TensorFlow, or look at `tf.compat.v1`; it may need a graph."


class TensorFlow1(Rule):
    """Names of TensorFlow 1 that TensorFlow 2 has elsewhere are read from there; others are reported.

    Where TensorFlow 2 has the very same function by another name, that is written; where only ``tf.compat.v1`` has it,
    and it does without a graph what it did, that. What needs a graph or a session is reported. Functions that kept
    their name and changed their arguments are the subject of ``tf_upgrade_v2``, which comes with TensorFlow.

    Before::

        import tensorflow as tf
        entropy = -tf.reduce_sum(p * tf.log(p)) + tf.to_float(n)
        x = tf.placeholder(tf.float32, (None, 3))

    After::

        import tensorflow as tf
        entropy = -tf.reduce_sum(p * tf.math.log(p)) + tf.compat.v1.to_float(n)
        x = tf.placeholder(tf.float32, (None, 3))  # reported: write K.placeholder
    """

    name = "keras3.tensorflow1"
    level = "keras3"
    summary = "read names of TensorFlow 1 from where TensorFlow 2 has them"

    def check(self, module: Module) -> Iterator[Change | Left]:
        for node in module.nodes(cst.Attribute):
            if isinstance(module.parent(node), cst.AssignTarget | cst.Del) or module.is_imported_name(node):
                continue
            name = name_of(module.refers_to(node))
            if name in GONE and is_gone(module, name):
                yield module.left(node, f"`{module.text(node)}` is not in TensorFlow 2", advice(name))
            elif name in RENAMED or name in KEPT_IN_COMPAT:
                yield self.moved(module, node, name)
        for statement in module.nodes(cst.ImportFrom):
            yield from self.imported(module, statement)

    @staticmethod
    def moved(module: Module, node: cst.Attribute, name: str) -> Change:
        """A name read from where it is: ``tf.image.x`` has a part more than ``tf.x`` in front of it."""
        whole: cst.BaseExpression = node
        for _ in range(name.count(".") + 1):
            whole = whole.value if isinstance(whole, cst.Attribute) else whole
        new = f"{module.text(whole)}.{today(name)}"
        return module.change(node, f"`{module.text(node)}` is `{new}`", module.replace(node, new))

    @staticmethod
    def imported(module: Module, statement: cst.ImportFrom) -> Iterator[Left]:
        base = module.resolver.module_of(statement) or ""
        for alias in import_aliases(statement) if f"{base}.".startswith(PREFIX) else ():
            written = f"{base}.{dotted_name(alias.name)}"
            name, message = name_of(written), f"`{written}` is not in TensorFlow 2"
            if is_gone(module, name):
                yield module.left(alias, message, advice(name))
            elif name in RENAMED or name in KEPT_IN_COMPAT:
                yield module.left(alias, message, f"it is `tf.{today(name)}`.")


def name_of(dotted: str | None) -> str:
    """What of TensorFlow a dotted name is, "" if it is of something else."""
    return dotted.removeprefix(PREFIX) if dotted and dotted.startswith(PREFIX) else ""


def is_gone(module: Module, name: str) -> bool:
    """Whether a name is gone; other rules are about switches of graph mode, and sessions that are handed to Keras."""
    if name.startswith(SWITCHES) or (name in OF_SESSIONS and "set_session" in module.source):
        return False
    return name in GONE or name.partition(".")[0] in ("contrib", "layers")


def today(name: str) -> str:
    """Where TensorFlow 2 has a name."""
    return RENAMED.get(name, f"compat.v1.{name}")


def advice(name: str) -> str:
    return ADVICE.get(name) or ADVICE.get(name.partition(".")[0]) or OTHERS
