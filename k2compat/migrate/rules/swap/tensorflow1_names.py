"""Rule ``swap.tensorflow1-names``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import is_of_keras2, makers, uses_keras
from k2compat.migrate.analysis.run_time import is_given, old_tensorflow
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.tables import words
from k2compat.tables.tensorflow1 import ADVICE, advice

# Method of an object of TensorFlow 1 -> what to do.
METHODS = {
    "make_one_shot_iterator": ADVICE["data.make_one_shot_iterator"],
    "make_initializable_iterator": ADVICE["data.make_initializable_iterator"],
    "get_tensor_by_name": "write `model.get_layer(name).output`.",
    "get_operation_by_name": "write `model.get_layer(name).output`.",
    "as_graph_def": "save the model by `model.save(path)`, or as a `tf.saved_model`.",
}
OWN_GRAPHS = {"tensorflow.Graph", "tensorflow.compat.v1.Graph"}
ARRAY = "tensorflow.TensorArray"
DROPOUT = "tensorflow.nn.dropout"
# What ``tf.compat.v1`` has for graphs only.
COMPAT = "tensorflow.compat.v1."
FOR_GRAPHS = frozenset(
    words(
        "InteractiveSession Session placeholder placeholder_with_default sparse_placeholder "
        "global_variables_initializer local_variables_initializer variables_initializer tables_initializer"
    )
)
RUNS = re.compile(r"\.run\(|\.eval\(")


class Tensorflow1Names(Rule):
    """Reports names of TensorFlow 1 that mean nothing without a graph, not even with k2compat: `tf.train.Saver`,
    `tf.graph_util.convert_variables_to_constants`, most of `tf.contrib`, `make_one_shot_iterator()`,
    `graph.get_tensor_by_name(name)`, a `tf.TensorArray` of symbolic tensors.
    And the second argument of `tf.nn.dropout(x, 0.8)`, the part to keep in TensorFlow 1, which is the part to drop
    now; and `tf.compat.v1.placeholder` and `Session`, in place of
    which k2compat has `tf.placeholder` and `tf.Session`.

    Reported:

    ```text
    saver = tf.train.Saver()
    constant = tf.graph_util.convert_variables_to_constants(session, graph_def, names)
    x = tf.nn.dropout(x, 0.8)
    ```
    """

    summary = "report names of TensorFlow 1 that k2compat does not bring back"
    needs = re.compile(r"tensorflow|\btf\b|" + "|".join(METHODS))

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        if not uses_keras(module):
            return
        for node, name in old_tensorflow(module):
            if not is_given(name):
                yield module.manual(node, f"`tf.{name}` is not in TensorFlow 2, nor in k2compat", advice(name))
        yield from graph_methods(module)
        yield from arrays(module)
        yield from graph_names(module)
        if not is_of_keras2(module):
            return
        for call in module.calls(DROPOUT):
            if len(call.args) > 1 and call.args[1].keyword is None and not call.args[1].star:
                kept = module.text(call.args[1].value)
                what = f"`{kept}` was the part that `tf.nn.dropout` keeps, and is the part that it drops"
                yield module.manual(call, what, f"write `rate=1 - {kept}`, or `rate={kept}` if that is meant.")


def graph_methods(module: Module) -> Iterator[ManualWork]:
    """Report methods of graphs, but for those that the module made itself, and of datasets that give tensors of one."""
    for call in module.nodes(cst.Call):
        method = call.func
        if not isinstance(method, cst.Attribute) or method.attr.value not in METHODS or module.refers_to(method):
            continue
        if not set(makers(module, method.value)) & OWN_GRAPHS:
            what = f"`{module.text(method)}` asks for a graph of TensorFlow 1, and there is none"
            yield module.manual(call, what, METHODS[method.attr.value])


def arrays(module: Module) -> Iterator[ManualWork]:
    """Report arrays of tensors at the top of a file of Keras 2, where tensors are symbolic."""
    for call in module.calls(ARRAY) if is_of_keras2(module) else ():
        if not any(isinstance(node, cst.FunctionDef | cst.Lambda) for node in module.above(call)):
            what = f"`{module.text(call)}` is filled at once, and takes no symbolic tensors"
            yield module.manual(call, what, "write `tf.stack([...])` or `tf.map_fn`, or fill it in a `Lambda` layer.")


def graph_names(module: Module) -> Iterator[ManualWork]:
    """Report what is read from ``tf.compat.v1``, where k2compat leaves it as it is; not in files with a graph."""
    if "Graph()" in module.source or "disable_" in module.source or not RUNS.search(module.source):
        return
    for node in module.nodes(cst.Attribute):
        found = module.refers_to(node) or ""
        if found.startswith(COMPAT) and found.removeprefix(COMPAT) in FOR_GRAPHS and not module.is_imported_name(node):
            name = found.removeprefix(COMPAT)
            what = f"`{module.text(node)}` needs a graph"
            yield module.manual(node, what, f"write `tf.{name}` below the import of k2compat, which needs none.")
