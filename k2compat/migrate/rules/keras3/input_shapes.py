"""Rule ``keras3.input-shapes``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import beside, name_today, written
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module


class InputShapes(Rule):
    """A layer's `batch_input_shape=` becomes an `Input` before it: the layers of Keras 3 refuse it.

    `model.add(LSTM(32, batch_input_shape=(16, 10, 4)))` gets a line `model.add(Input(batch_shape=(16, 10, 4)))`
    before it.

    ```diff
     from keras.layers import LSTM
    +from keras.layers import Input
     from keras.models import Sequential
     model = Sequential()
    -model.add(LSTM(32, batch_input_shape=(16, 10, 4), stateful=True))
    +model.add(Input(batch_shape=(16, 10, 4)))
    +model.add(LSTM(32, stateful=True))
    ```
    """

    summary = "batch_input_shape= of a layer becomes an Input before it"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for call in module.nodes(cst.Call):
            argument = module.argument(call, "batch_input_shape")
            called = name_today(module, call.func) or ""
            if argument is None or not called.startswith("layers.") or called == "layers.InputLayer":
                continue
            name, needs = beside(module, call, "Input")
            given = f"{name}(batch_shape={written(module, argument.value)})"
            edits = before(module, call, given)
            if edits is None:
                message = "`batch_input_shape=` is not in Keras 3"
                yield module.manual(argument, message, f"put `{given}` before the layer.")
            else:
                edits = [*edits, *module.drop_arguments(call, [argument])]
                yield module.change(call, "`batch_input_shape=` becomes an `Input`", needs, edits)


def before(module: Module, call: cst.Call, given: str) -> list[Edit] | None:
    """Return the edits that put an input before the first layer of a Sequential model; None where it is not one."""
    argument = module.parent(call)
    if isinstance(argument, cst.Element):
        start = module.whole(call)[0]
        return [Edit(start, start, f"{given}, ")]
    add = module.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(add, cst.Call) or not isinstance(add.func, cst.Attribute) or add.func.attr.value != "add":
        return None
    if not isinstance(module.parent(add), cst.Expr):
        return None
    return [module.insert_line(f"{module.text(add.func)}({given})", call, above=True)]
