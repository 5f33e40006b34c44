"""Rule ``keras3.gone-methods``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.edits import Change, Left
from k2compat.migrate.module import Module
from k2compat.migrate.resolve import constant
from k2compat.migrate.rule import Rule
from k2compat.migrate.rules.keras_code import is_model, method_calls, uses_keras

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
BATCH_ENDS = ("on_batch_end", "on_train_batch_end")
LOSSES = ('logs["loss"]', "logs['loss']", 'logs.get("loss"', "logs.get('loss'")
OF_LAYERS = {"output_shape": "output.shape", "input_shape": "input.shape"}
# What callbacks were told, and are no longer.
PARAMS = ("samples", "nb_sample", "metrics", "do_validation", "batch_size", "nb_epoch")


class GoneMethods(Rule):
    """Methods and attributes of models and layers that Keras 3 has no longer are reported.

    ``model.add_loss(tensor)`` and ``model.add_metric(tensor)`` raise; ``metrics_names`` and others are gone or say
    something else, and ``get_updates`` of an optimizer of one's own is not called. ``model.layers[0].output_shape`` is
    ``model.layers[0].output.shape``.

    Before::

        vae.add_loss(reconstruction + divergence)
        print(model.layers[-1].output_shape)

    After::

        vae.add_loss(reconstruction + divergence)  # reported: compute it in a layer
        print(model.layers[-1].output.shape)
    """

    name = "keras3.gone-methods"
    level = "keras3"
    summary = "report add_loss and add_metric of tensors, and other methods that are gone"

    def check(self, module: Module) -> Iterator[Change | Left]:
        if not uses_keras(module):
            return
        for _, method in method_calls(module, RENAMED):
            new = RENAMED[method.attr.value]
            yield module.change(method, f"`{method.attr.value}` is `{new}`", module.replace(method.attr, new))
        yield from self.own_optimizers(module)
        yield from self.params(module)
        for call, method in method_calls(module, METHODS):
            name = method.attr.value
            if name == "add_loss" and module.text(method.value) == "self":  # its own method, called by a layer
                continue
            if name == "reset_states" and not is_model(module, method.value):
                continue
            problem, advice = METHODS[name]
            yield module.left(call, f"`{module.text(method)}` {problem}", advice)
        own = {module.text(part.target) for node in module.nodes(cst.Assign) for part in node.targets}
        own |= {f"self.{node.name.value}" for node in module.nodes(cst.FunctionDef)}
        for node in module.nodes(cst.Attribute):
            name = node.attr.value
            if name in ATTRIBUTES and module.refers_to(node) is None and module.text(node) not in own:
                problem, advice = ATTRIBUTES[name]
                yield module.left(node, f"`{module.text(node)}` {problem}", advice)
            elif name in OF_LAYERS and is_layer(module, node.value):
                said = f"`{name}` is `{OF_LAYERS[name]}`"
                yield module.change(node, said, module.replace(node.attr, OF_LAYERS[name]))

    @staticmethod
    def params(module: Module) -> Iterator[Left]:
        """What a callback reads of how ``fit`` was called, and of a batch's loss."""
        for function in module.nodes(cst.FunctionDef):
            text = module.text(function)
            if function.name.value in BATCH_ENDS and any(read in text for read in LOSSES):
                what = f"`{function.name.value}` reads the loss, which is the mean since the epoch began in Keras 3"
                yield module.left(function, what, "take the batch's part out of it, or train with `train_on_batch`.")
        for node in module.nodes(cst.Subscript):
            index = node.slice[0].slice
            name = constant(index.value) if isinstance(index, cst.Index) else None
            if name in PARAMS and module.text(node.value) == "self.params":
                yield module.left(
                    node, f"`params` of a callback has no {name!r} in Keras 3", "give it to the callback."
                )

    @staticmethod
    def own_optimizers(module: Module) -> Iterator[Left]:
        """Optimizers of the module's own, whose steps Keras 3 does not ask for."""
        for function in module.nodes(cst.FunctionDef):
            owner = next((node for node in module.above(function) if isinstance(node, cst.ClassDef)), None)
            if function.name.value != "get_updates" or owner is None:
                continue
            if any((module.refers_to(base.value) or "").startswith("keras.optimizers.") for base in owner.bases):
                what = f"`{owner.name.value}.get_updates` is not called by `fit` of Keras 3"
                yield module.left(function, what, "write `update_step(self, gradient, variable, learning_rate)`.")


def is_layer(module: Module, node: cst.BaseExpression) -> bool:
    """Whether an expression is ``model.layers[1]`` or ``model.get_layer(...)``, by its spelling."""
    if isinstance(node, cst.Subscript):
        return isinstance(node.value, cst.Attribute) and node.value.attr.value == "layers"
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "get_layer"
