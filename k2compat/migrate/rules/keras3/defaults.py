"""Rule ``keras3.defaults``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from k2compat.migrate.analysis.keras_objects import (
    add_argument,
    imports_of,
    is_none,
    is_of_keras2,
    method_calls,
    name_today,
)
from k2compat.migrate.analysis.run_time import imports_k2compat
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import constant
from k2compat.tables.keras3_moves import KERAS
from k2compat.tables.optimizers import LEARNING_RATES, OTHER_TODAY

_RATES = {f"optimizers.{kind}": ("learning_rate", 0, LEARNING_RATES[kind]) for kind in OTHER_TODAY}
# Called -> the argument, its position if it may be given by one, and the default it had in the package Keras 2.3.
DEFAULTS: dict[str, list[tuple[str, int | None, str]]] = {
    **{called: [rate] for called, rate in _RATES.items()},
    "optimizers.Adagrad": [_RATES["optimizers.Adagrad"], ("initial_accumulator_value", None, "0.0")],
    "layers.GRU": [("reset_after", None, "False")],
    "layers.GRUCell": [("reset_after", None, "False")],
    "layers.ConvLSTM2D": [("recurrent_activation", 7, '"hard_sigmoid"')],
    **{
        f"layers.{name}{rank}D": [("pool_size", 0, "2")] for name in ("AveragePooling", "AvgPool") for rank in (1, 2, 3)
    },
    "regularizers.l1_l2": [("l1", 0, "0.01"), ("l2", 1, "0.01")],
}
# What gives other numbers whatever is written: called -> what is otherwise.
OTHERWISE = {
    "optimizers.RMSprop": "adds epsilon below the root, not behind it",
    "optimizers.Adagrad": "adds epsilon below the root, not behind it",
    "layers.BatchNormalization": "moves its averages by the biased variance",
    "optimizers.Nadam": "warms its momentum up faster",
}
# Names of arguments in Keras 1 and 2.
OLD_NAMES = {"lr": "learning_rate", "pool_length": "pool_size", "inner_activation": "recurrent_activation"}
RECURRENT = ("layers.LSTM", "layers.GRU")
NOT_MENDED = ("recurrent_activation",)
ADVICE = "with `import k2compat` it is as in Keras 2; else expect slightly other weights."


class Defaults(Rule):
    """Defaults of the package Keras 2.3 are written out where the current ones differ: the learning rates of `Adagrad`
    (0.01), `Adadelta` (1), `Adamax` and `Nadam` (0.002), as objects and as names in `compile`; `reset_after=False`
    of `GRU`, the hard sigmoid of `ConvLSTM2D`, `pool_size` of `AveragePooling2D`, the factors of `l1_l2`. Only in
    files that import the package `keras` and nothing that only Keras 3 has: the Keras of TensorFlow 2 had the
    current defaults. Reported, once a file: steps of RMSprop, Adagrad and Nadam, averages of `BatchNormalization`,
    `hard_sigmoid`, bilinear upsampling, the norm of an embedding's gradient, and `activity_regularizer=`, which
    Keras 3 divides by the batch size (all mended by `import k2compat`); and the recurrent activation before Keras
    2.3.

    ```diff
     from keras.layers import GRU
    +from keras.optimizers import Adadelta
     from keras.models import Sequential
     from k2compat import backend as K
     model = Sequential()
    -model.add(GRU(32))
    -model.compile(loss="mse", optimizer="adadelta")
    +model.add(GRU(32, reset_after=False))
    +model.compile(loss="mse", optimizer=Adadelta(learning_rate=1.0))
    ```
    """

    summary = "write out defaults that were others in Keras 2"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        if not is_of_keras2(module):
            return
        for call in module.nodes(cst.Call):
            missing = [
                f"{name}={value}"
                for name, position, value in DEFAULTS.get(name_today(module, call.func) or "", [])
                if not is_given(module, call, name, position)
            ]
            if missing:
                text = ", ".join(missing)
                yield module.change(call, f"`{text}` was the default", add_argument(module, call, text))
        for call, _ in method_calls(module, ("compile",)):
            yield from self.optimizer(module, call)
        yield from first_of_each(module, differences(module))

    @staticmethod
    def optimizer(module: Module, call: cst.Call) -> Iterator[Change | ManualWork]:
        """``optimizer="adadelta"`` is written as the object, with what its default was."""
        given = module.argument(call, "optimizer", 0)
        name = constant(given.value) if given is not None else None
        kind = next((kind for kind in OTHER_TODAY if name is not None and name.lower() == kind.lower()), None)
        if given is None or kind is None:
            return
        missing = ", ".join(f"{name}={value}" for name, _, value in DEFAULTS[f"optimizers.{kind}"])
        needs = [] if is_imported(module, kind) else module.add_import(f"from {KERAS}.optimizers import {kind}")
        message = f"`{missing}` was the default of `{kind}`"
        yield module.change(given, message, module.replace(given.value, f"{kind}({missing})"), needs)


@dataclass(frozen=True)
class Difference:
    """Something that gives other numbers in Keras 3, however it is written."""

    node: cst.CSTNode
    subject: str
    message: str
    advice: str


def first_of_each(module: Module, found: Iterator[Difference]) -> Iterator[ManualWork]:
    """Yield the first difference of each subject; k2compat mends all but those of ``NOT_MENDED``."""
    mended = imports_k2compat(module)
    said: set[str] = set()
    for difference in found:
        if difference.subject not in said and not (mended and difference.subject not in NOT_MENDED):
            said.add(difference.subject)
            yield module.manual(difference.node, difference.message, difference.advice)


def differences(module: Module) -> Iterator[Difference]:
    for call in module.nodes(cst.Call):
        called = optimizer_of_compile(module, call) or name_today(module, call.func) or ""
        if called in OTHERWISE:
            kind = called.rpartition(".")[2]
            yield Difference(call, kind, f"`{kind}` of Keras 3 {OTHERWISE[called]}", ADVICE)
        if called == "layers.Embedding" and clips(module):
            message = "the norm of an `Embedding`'s gradient is not what it was: Keras 3 counts each use of a row"
            yield Difference(call, called, message, ADVICE)
        if called in RECURRENT and not is_given(module, call, "recurrent_activation", 2):
            message = "`recurrent_activation` was 'hard_sigmoid' by default before Keras 2.3, and 'sigmoid' since"
            advice = "for weights of an older Keras write `recurrent_activation='hard_sigmoid'`, and see its slope."
            yield Difference(call, "recurrent_activation", message, advice)
        given = module.argument(call, "activity_regularizer")
        if called.startswith("layers.") and given is not None and not is_none(given.value):
            message = "`activity_regularizer=`: Keras 3 divides the penalty by the batch size, Keras 2 did not"
            advice = "with `import k2compat` it is as in Keras 2; else multiply its factor by the batch size."
            yield Difference(given, "activity_regularizer", message, advice)
    for text in module.nodes(cst.SimpleString):
        if constant(text) == "hard_sigmoid":
            message = "`hard_sigmoid` of Keras 3 has a slope of 1/6, that of Keras 2 had 0.2"
            advice = "write `lambda x: keras.ops.clip(0.2 * x + 0.5, 0, 1)`, or keep `import k2compat`."
            yield Difference(text, "hard_sigmoid", message, advice)
        elif constant(text) == "bilinear" and isinstance(module.parent(text), cst.Arg):
            message = "bilinear `UpSampling2D` of Keras 3 maps centres of pixels, that of Keras 2 mapped corners"
            yield Difference(text, "bilinear", message, "with `import k2compat` it is as in Keras 2.")


def optimizer_of_compile(module: Module, call: cst.Call) -> str | None:
    """Return the optimizer that ``compile("rmsprop")`` names."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "compile":
        return None
    given = module.argument(call, "optimizer", 0)
    name = (constant(given.value) or "").lower() if given is not None else ""
    return next((called for called in OTHERWISE if called.rpartition(".")[2].lower() == name), None)


def is_imported(module: Module, kind: str) -> bool:
    """Return whether an optimizer can be called by its name."""
    for statement in module.nodes(cst.ImportFrom):
        if isinstance(statement.names, cst.ImportStar) and module.resolver.module_of(statement) == "keras.optimizers":
            return True
    return any(module.resolver.imported(*found) == f"keras.optimizers.{kind}" for found in imports_of(module, kind))


def clips(module: Module) -> bool:
    """Return whether the module limits the norm of gradients."""
    names = {argument.keyword.value for argument in module.nodes(cst.Arg) if argument.keyword is not None}
    return bool(names & {"clipnorm", "global_clipnorm"})


def is_given(module: Module, call: cst.Call, name: str, position: int | None) -> bool:
    """Return whether an argument is given by its current or its old name, or may be by ``*args`` or ``**kwargs``."""
    if any(argument.star for argument in call.args):
        return True
    names = [name, *(old for old, new in OLD_NAMES.items() if new == name)]
    return any(module.argument(call, spelt, position) is not None for spelt in names)
