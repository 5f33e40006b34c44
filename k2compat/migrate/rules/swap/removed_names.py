"""Rule ``swap.removed-names``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import defined_in, method_calls, uses_keras
from k2compat.migrate.analysis.run_time import absent_from_keras
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module

METRIC = "make the metric in `__init__` of a layer and update it in `call`, or give it to `compile(metrics=...)`."
# Method of a model or layer -> what to do.
METHODS = {
    "add_metric": METRIC,
    "to_yaml": "write `to_json()`, and read it by `model_from_json`.",
    "get_losses_for": "read `layer.losses`.",
}
# Attribute of a model -> what to do.
ATTRIBUTES = {
    "metrics_tensors": METRIC,
    "nodes_by_depth": "read `model.layers`, and `layer.input` and `layer.output`.",
    "container_nodes": "read `model.layers`, and `layer.input` and `layer.output`.",
}
OUTPUTS = "make another model: `model = Model(model.inputs, model.layers[-2].output)`."


class RemovedNames(Rule):
    """Reports modules, names and methods of Keras 1 and 2 that no Keras has, not even with k2compat:
    `keras.engine.training_arrays`, `ConvRecurrent2D`, `model.to_yaml()`, `add_metric`; and layers that are taken out
    by `model.layers.pop()`, which has no effect, with the `model.outputs = ...` that goes with it.

    Reported:

    ```text
    from keras.engine.training import _make_batches
    text = model.to_yaml()
    model.layers.pop()
    ```
    """

    summary = "report modules, names and methods of Keras 1 and 2 that k2compat does not bring back"
    needs = re.compile(r"keras")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for node, name, advice in absent_from_keras(module):
            yield module.manual(node, f"`keras.{name}` is in no present Keras, nor in k2compat", advice)
        if not uses_keras(module):
            return
        for call, method in method_calls(module, METHODS):
            name = method.attr.value
            if defined_in(module, name) is None:
                yield module.manual(call, f"`{module.text(method)}` is not in Keras 3, nor in k2compat", METHODS[name])
        for node in module.nodes(cst.Attribute):
            name = node.attr.value
            if name in ATTRIBUTES and module.refers_to(node) is None and module.text(node.value) != "self":
                what = f"`{module.text(node)}` is not in Keras 3, nor in k2compat"
                yield module.manual(node, what, ATTRIBUTES[name])
        yield from cut_models(module)


def cut_models(module: Module) -> Iterator[ManualWork]:
    """Report layers taken off the end of a model's list, and outputs that are set."""
    for call, method in method_calls(module, ("pop",)):
        if isinstance(method.value, cst.Attribute) and method.value.attr.value == "layers":
            what = f"`{module.text(call)}` takes nothing out of the model: `layers` is a copy of its list"
            yield module.manual(call, what, OUTPUTS)
    for target in module.nodes(cst.AssignTarget):
        node = target.target
        is_outputs = isinstance(node, cst.Attribute) and node.attr.value == "outputs"
        if is_outputs and module.text(node.value) != "self":  # type: ignore[attr-defined]
            yield module.manual(node, f"`{module.text(node)}` cannot be set in Keras 3", OUTPUTS)
