"""Rule ``keras3.predict-classes``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import (
    created_by,
    defined_in,
    is_model,
    method_calls,
    name_today,
    number,
    uses_keras,
    written,
)
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import bound_name, constant

SEQUENTIAL = ("models.Sequential", "Sequential")
ARGMAX, ABOVE_HALF = "argmax", "above half"


class PredictClasses(Rule):
    """`predict_classes` is the index of the largest output, or whether the only output is above a half.

    `model.predict_classes(x)` is `np.argmax(model.predict(x), axis=-1)`, or `(model.predict(x) >
    0.5).astype("int32")` where the file shows that the last layer has one unit; where it shows neither, it is
    reported. `predict_proba` of a model of Keras is `predict`.

    ```diff
     import numpy as np
     from keras.layers import Dense
     from keras.models import Sequential
     model = Sequential([Dense(10, activation="softmax")])
    -classes = model.predict_classes(x_test, verbose=0)
    -chances = model.predict_proba(x_test)
    +classes = np.argmax(model.predict(x_test, verbose=0), axis=-1)
    +chances = model.predict(x_test)
    ```
    """

    summary = "predict_classes is predict and argmax, or a comparison with a half"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        if not uses_keras(module):
            return
        for call, method in method_calls(module, ("predict_classes", "predict_proba")):
            name = method.attr.value
            if defined_in(module, name) is not None:
                continue
            if name == "predict_classes":
                yield self.classes(module, call, method)
            elif is_model(module, method.value):
                yield module.change(call, "`predict_proba` is `predict`", module.replace(method.attr, "predict"))
            else:
                message = "`predict_proba` of a model that this file does not make"
                yield module.manual(call, message, "if it is a Keras model, write `predict`.")

    @staticmethod
    def classes(module: Module, call: cst.Call, method: cst.Attribute) -> Change | ManualWork:
        kind = output_kind(module, method.value, call)
        model, inside = written(module, method.value), module.span(method)[1]
        predicted = f"{model}.predict{module.source[inside : module.span(call)[1]]}"
        if kind == ARGMAX:
            numpy, needs = numpy_name(module)
            text = f"{numpy}.argmax({predicted}, axis=-1)"
            return module.change(call, "`predict_classes` is the largest output", module.replace(call, text), needs)
        if kind == ABOVE_HALF:
            text = f'({predicted} > 0.5).astype("int32")'
            return module.change(call, "`predict_classes` is an output above a half", module.replace(call, text))
        message = "`predict_classes` is not in Keras 3, and this file does not show how many outputs the model has"
        several, one = f"np.argmax({model}.predict(x), axis=-1)", f'({model}.predict(x) > 0.5).astype("int32")'
        return module.manual(call, message, f"write `{several}`, or for a single output `{one}`.")


def numpy_name(module: Module) -> tuple[str, list[Edit]]:
    """Return how the module calls NumPy, and the import it needs."""
    for statement in module.nodes(cst.Import):
        for alias in statement.names:
            if isinstance(alias.name, cst.Name) and alias.name.value == "numpy":
                return bound_name(alias), []
    return "np", module.add_import("import numpy as np")


def output_kind(module: Module, model: cst.BaseExpression, call: cst.Call) -> str | None:
    """Return what the classes of a model are, by the last layers this file adds to it; None if it shows none."""
    made = created_by(module, model)
    if not made or not all(
        isinstance(value, cst.Call) and name_today(module, value.func) in SEQUENTIAL for value in made
    ):
        return None
    layers: list[cst.BaseExpression] = []
    if len(made) == 1 and made[0].args and isinstance(made[0].args[0].value, cst.List):  # type: ignore[attr-defined]
        layers += [element.value for element in made[0].args[0].value.elements]  # type: ignore[attr-defined]
    layers += added(module, model)
    for layer in reversed(layers):
        if not isinstance(layer, cst.Call):
            return None
        kind = name_today(module, layer.func)
        if kind == "layers.Activation":
            continue
        return of_layer(module, layer) if kind == "layers.Dense" else None
    return None


def of_layer(module: Module, layer: cst.Call) -> str | None:
    """Return the kind by the number of units; where that is a name, by a softmax, which needs more than one unit."""
    units = module.argument(layer, "units", 0) or module.argument(layer, "output_dim")
    count = number(units.value) if units is not None else None
    if count is not None:
        return ABOVE_HALF if count == 1 else ARGMAX
    activation = module.argument(layer, "activation")
    if activation is not None and constant(activation.value) == "softmax":
        return ARGMAX
    for call in module.nodes(cst.Call):
        if (
            name_today(module, call.func) == "layers.Activation"
            and call.args
            and constant(call.args[0].value) == "softmax"
        ):
            return ARGMAX
    return None


def added(module: Module, model: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Yield what is given to the ``add`` of a model, in the scope where it is spelt so."""
    text, scope = module.text(model), module.scope(model)
    for add in module.nodes(cst.Call):
        func = add.func
        if isinstance(func, cst.Attribute) and func.attr.value == "add" and module.text(func.value) == text:
            here = module.scope(add) is scope or "." in text
            yield from [add.args[0].value] if here and len(add.args) == 1 else []
