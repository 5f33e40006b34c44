"""Rule ``keras3.removed-methods``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import is_model, method_calls, uses_keras
from k2compat.migrate.analysis.run_time import imports_k2compat
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import constant

# Method -> what is the matter, and what to do.
METHODS = {
    "add_loss": (
        "takes no symbolic tensors in Keras 3; under k2compat it does",
        "compute the loss in the `call` of a layer, with `self.add_loss`, or keep `import k2compat`.",
    ),
    "add_metric": (
        "is not in Keras 3",
        "make the metric in `__init__` of a layer and update it in `call`, or give it to `compile(metrics=...)`.",
    ),
    "add_update": ("is not in Keras 3", "assign to the weight in `call`."),
    "reset_states": (
        "of a model is not in Keras 3",
        "call `layer.reset_state()` of its stateful layers.",
    ),
    "to_yaml": ("is not in Keras 3", "write `to_json()`, and read it by `model_from_json`."),
    "get_updates_for": ("is not in Keras 3", "read `layer.updates` under k2compat, or assign weights in `call`."),
    "get_output_at": ("is not in Keras 3; k2compat has it", "read `layer.output`, or keep the tensor of the call."),
    "get_input_at": ("is not in Keras 3; k2compat has it", "read `layer.input`, or keep the tensor of the call."),
    "get_output_shape_at": ("is not in Keras 3; k2compat has it", "read `layer.output.shape`."),
    "get_input_shape_at": ("is not in Keras 3; k2compat has it", "read `layer.input.shape`."),
}
ATTRIBUTES = {
    "metrics_names": (
        "is ['loss', 'compile_metrics'] in Keras 3",
        "ask `evaluate(..., return_dict=True)` or the keys of a history.",
    ),
    "metrics_tensors": ("is not in Keras 3", "give a metric to `compile(metrics=...)`."),
    "inbound_nodes": ("is not in Keras 3", "read `layer.input` and `layer.output`."),
    "input_masks": ("is not in Keras 3; k2compat has it", "take the mask in `call(self, inputs, mask=None)`."),
    "outbound_nodes": ("is not in Keras 3", "read `layer.input` and `layer.output`."),
}
RENAMED = {f"_make_{what}_function": f"make_{what}_function" for what in ("predict", "test", "train")}
TRAIN = "_make_train_function"
BATCH_ENDS = ("on_batch_end", "on_train_batch_end")
LOSSES = ('logs["loss"]', "logs['loss']", 'logs.get("loss"', "logs.get('loss'")
OF_LAYERS = {"output_shape": "output.shape", "input_shape": "input.shape"}
# What callbacks no longer receive.
PARAMS = ("samples", "nb_sample", "metrics", "do_validation", "batch_size", "nb_epoch")


class RemovedMethods(Rule):
    """Methods and attributes of models and layers that Keras 3 has no longer are reported.

    `model.layers[-1].output_shape` is `.output.shape`, `_make_predict_function()` is `make_predict_function()`,
    unless the file calls `model.predict_function`, which took a list of arrays.
    Reported in files without k2compat, which has them: `model.add_loss` of tensors, `metrics_names`, `reset_states`
    of a model, `get_output_at`, `inbound_nodes`, `self.params["samples"]` of a callback, `logs["loss"]` in
    `on_batch_end`, which is the mean since the epoch began in Keras 3 itself, and `get_updates` of an optimizer of
    your own; and `_make_train_function`, which made the weights of the optimizer, too.

    ```diff
     from keras.models import load_model
     model = load_model("net.h5")
    -print(model.layers[-1].output_shape)
    +print(model.layers[-1].output.shape)
    ```
    """

    formerly = ("keras3.gone-methods",)
    summary = "report add_loss and add_metric of tensors, and other removed methods"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        if not uses_keras(module):
            return
        read = {node.attr.value for node in module.nodes(cst.Attribute)}
        for _, method in method_calls(module, RENAMED):
            new = RENAMED[method.attr.value]
            if method.attr.value == TRAIN or new.removeprefix("make_") in read:
                yield from self.functions(module, method, new)
                continue
            yield module.change(method, f"`{method.attr.value}` is `{new}`", module.replace(method.attr, new))
        for node in module.nodes(cst.Attribute):
            name = node.attr.value
            if name in OF_LAYERS and is_layer(module, node.value):
                said = f"`{name}` is `{OF_LAYERS[name]}`"
                yield module.change(node, said, module.replace(node.attr, OF_LAYERS[name]))
        if not imports_k2compat(module):
            yield from self.reported(module)

    @staticmethod
    def functions(module: Module, method: cst.Attribute, new: str) -> Iterator[ManualWork]:
        """Report a function that k2compat makes as Keras 2 did, and that is another one in Keras 3."""
        if not imports_k2compat(module):
            does = "takes batches of a dataset, and makes no weights of the optimizer"
            advice = f"write `{new}()`, call `model.optimizer.build(model.trainable_variables)` for those weights, and "
            advice += "`train_on_batch` and similar methods for batches."
            yield module.manual(method, f"what `{method.attr.value}` makes {does} in Keras 3", advice)

    def reported(self, module: Module) -> Iterator[ManualWork]:
        """Yield what works with k2compat alone."""
        yield from self.own_optimizers(module)
        yield from self.params(module)
        for call, method in method_calls(module, METHODS):
            name = method.attr.value
            if name == "add_loss" and module.text(method.value) == "self":  # its own method, called by a layer
                continue
            if name == "reset_states" and not is_model(module, method.value):
                continue
            problem, advice = METHODS[name]
            yield module.manual(call, f"`{module.text(method)}` {problem}", advice)
        own = {module.text(part.target) for node in module.nodes(cst.Assign) for part in node.targets}
        own |= {f"self.{node.name.value}" for node in module.nodes(cst.FunctionDef)}
        for node in module.nodes(cst.Attribute):
            name = node.attr.value
            if name in ATTRIBUTES and module.refers_to(node) is None and module.text(node) not in own:
                problem, advice = ATTRIBUTES[name]
                yield module.manual(node, f"`{module.text(node)}` {problem}", advice)

    @staticmethod
    def params(module: Module) -> Iterator[ManualWork]:
        """Yield what a callback reads of how ``fit`` was called, and of a batch's loss."""
        for function in module.nodes(cst.FunctionDef):
            text = module.text(function)
            if function.name.value in BATCH_ENDS and any(read in text for read in LOSSES):
                what = f"`{function.name.value}` reads the loss, which is the mean since the epoch began in Keras 3"
                advice = "take the batch's part out of it, or train with `train_on_batch`."
                if function.name.value == "on_batch_end":
                    advice = f"keep `import k2compat`, which gives it the loss of the batch; or {advice}"
                yield module.manual(function, what, advice)
        for node in module.nodes(cst.Subscript):
            index = node.slice[0].slice
            name = constant(index.value) if isinstance(index, cst.Index) else None
            if name in PARAMS and module.text(node.value) == "self.params":
                yield module.manual(
                    node, f"`params` of a callback has no {name!r} in Keras 3", "give it to the callback."
                )

    @staticmethod
    def own_optimizers(module: Module) -> Iterator[ManualWork]:
        """Report optimizers of the module's own, whose steps Keras 3 alone does not call."""
        for function in module.nodes(cst.FunctionDef):
            owner = next((node for node in module.above(function) if isinstance(node, cst.ClassDef)), None)
            if function.name.value != "get_updates" or owner is None:
                continue
            if any((module.refers_to(base.value) or "").startswith("keras.optimizers.") for base in owner.bases):
                what = f"`{owner.name.value}.get_updates` is called by `fit` as long as k2compat is imported"
                advice = "to leave k2compat, write `update_step(self, gradient, variable, learning_rate)`."
                yield module.manual(function, what, advice)


def is_layer(module: Module, node: cst.BaseExpression) -> bool:
    """Return whether an expression is ``model.layers[1]`` or ``model.get_layer(...)``, by its spelling."""
    if isinstance(node, cst.Subscript):
        return isinstance(node.value, cst.Attribute) and node.value.attr.value == "layers"
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "get_layer"
