"""Rule ``native.add-loss``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.k_calls import NoEquivalent, spelled
from k2compat.migrate.analysis.keras_tensors import keras_tensors
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.statements import defined_above, free, names_in_use

LAYER = """\
class {name}({layer}):
    def call(self, outputs, loss):
        self.add_loss(loss)
        return outputs


"""


class AddLoss(Rule):
    """A model of Keras 3 takes no symbolic loss, as `vae.add_loss(tensor)` was; a layer does, when it is called:

    ```diff
     import keras
     from keras.models import Model
     inputs = keras.Input((3,))
     outputs = keras.layers.Dense(3)(inputs)
     model = Model(inputs, outputs)
    -model.add_loss(keras.ops.mean(keras.ops.abs(outputs)))
    +
    +
    +class AddLoss(keras.layers.Layer):
    +    def call(self, outputs, loss):
    +        self.add_loss(loss)
    +        return outputs
    +
    +
    +model = Model(model.inputs, AddLoss()(model.outputs[0], keras.ops.mean(keras.ops.abs(outputs))), name=model.name)
    ```
    """

    summary = "write model.add_loss of a symbolic tensor as a layer"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        known = keras_tensors(module)
        for attribute in module.nodes(cst.Attribute):
            call = module.parent(attribute)
            statement = module.parent(call) if isinstance(call, cst.Call) and call.func is attribute else None
            named = isinstance(attribute.value, cst.Name) and attribute.value.value != "self"
            if attribute.attr.value != "add_loss" or not named or not isinstance(statement, cst.Expr):
                continue
            loss = call.args[0].value if len(call.args) == 1 else None  # type: ignore[union-attr]
            if loss is None or not known.is_native(loss):
                continue
            try:
                yield module.change(attribute, "write `add_loss` as a layer", _edits(module, call, attribute, loss))  # type: ignore[arg-type]
            except NoEquivalent:
                continue


def _edits(module: Module, call: cst.Call, attribute: cst.Attribute, loss: cst.BaseExpression) -> list[Edit]:
    model = module.text(attribute.value)
    base, imports = spelled(module, "keras.layers.Layer", call)
    functional, more = spelled(module, "keras.Model", call)
    there = re.search(r"^class (\w+)\(.*\):\n    def call\(self, outputs, loss\):\n", module.source, re.M)
    name = there[1] if there is not None else free("AddLoss", names_in_use(module))
    edits = [*imports, *more]
    if there is None:
        text = LAYER.format(name=name, layer=base).replace("    ", module.tree.default_indent)
        edits.append(defined_above(module, call, text))
    outputs = f"{name}()({model}.outputs[0], {module.text(loss)})"
    new = f"{model} = {functional}({model}.inputs, {outputs}, name={model}.name)"
    return [module.replace(call, new), *edits]
