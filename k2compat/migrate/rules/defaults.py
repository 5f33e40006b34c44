"""Rule ``keras3.defaults``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.edits import Change, Left
from k2compat.migrate.module import Module
from k2compat.migrate.resolve import constant
from k2compat.migrate.rule import Rule
from k2compat.migrate.rules.keras_code import (
    KERAS,
    add_argument,
    imported_modules,
    is_of_keras2,
    method_calls,
    name_today,
)
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
    "optimizers.Nadam": "warms its momentum up faster",
}
# Names of arguments in Keras 1 and 2.
OLD_NAMES = {"lr": "learning_rate", "pool_length": "pool_size", "inner_activation": "recurrent_activation"}
RECURRENT = ("layers.LSTM", "layers.GRU")
ADVICE = "with `import k2compat` it is as in Keras 2; else expect slightly other weights."


class Defaults(Rule):
    """Defaults that were others in the package Keras 2 are written out, so that numbers stay.

    ``Adagrad()``, ``Adadelta()``, ``Adamax()`` and ``Nadam()`` had learning rates of 0.01, 1, 0.002 and 0.002; now all
    have 0.001. ``GRU`` had ``reset_after=False``, ``ConvLSTM2D`` a hard sigmoid, ``AveragePooling2D`` a size.
    This is for files that import the package ``keras`` and nothing that only Keras 3 has: ``tensorflow.keras`` of
    TensorFlow 2 has today's defaults. What computes otherwise (``hard_sigmoid``, RMSprop's epsilon) is reported, once
    a file, unless it imports k2compat, which mends it.

    Before::

        model.add(GRU(32))
        model.compile(loss="mse", optimizer="adadelta")

    After::

        model.add(GRU(32, reset_after=False))
        model.compile(loss="mse", optimizer=Adadelta(learning_rate=1.0))
    """

    name = "keras3.defaults"
    level = "keras3"
    summary = "write out defaults that were others in Keras 2"

    def check(self, module: Module) -> Iterator[Change | Left]:
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
        if not any(name.partition(".")[0] == "k2compat" for name in imported_modules(module)):
            yield from self.otherwise(module)

    @staticmethod
    def optimizer(module: Module, call: cst.Call) -> Iterator[Change | Left]:
        """``optimizer="adadelta"`` is written as the object, with what its default was."""
        given = module.argument(call, "optimizer", 0)
        name = constant(given.value) if given is not None else None
        kind = next((kind for kind in OTHER_TODAY if name is not None and name.lower() == kind.lower()), None)
        if given is None or kind is None:
            return
        missing = ", ".join(f"{name}={value}" for name, _, value in DEFAULTS[f"optimizers.{kind}"])
        needs = module.add_import(f"from {KERAS}.optimizers import {kind}")
        message = f"`{missing}` was the default of `{kind}`"
        yield module.change(given, message, module.replace(given.value, f"{kind}({missing})"), needs)

    def otherwise(self, module: Module) -> Iterator[Left]:
        """What is computed otherwise, whatever is written: the first of each in the file."""
        said: set[str] = set()
        for node, what, message, advice in self.differences(module):
            if what not in said:
                said.add(what)
                yield module.left(node, message, advice)

    @staticmethod
    def differences(module: Module) -> Iterator[tuple[cst.CSTNode, str, str, str]]:
        names = {kind.lower(): called for called in OTHERWISE for kind in [called.rpartition(".")[2]]}
        for call in module.nodes(cst.Call):
            called = name_today(module, call.func) or ""
            optimizer = module.argument(call, "optimizer", 0) if called == "" else None
            if called in OTHERWISE or (optimizer is not None and is_compile(call)):
                if called not in OTHERWISE:
                    called = names.get((constant(optimizer.value) or "").lower(), "")  # type: ignore[union-attr]
                if called:
                    kind = called.rpartition(".")[2]
                    yield call, called, f"`{kind}` of Keras 3 {OTHERWISE[called]}", ADVICE
            if called in RECURRENT and not is_given(module, call, "recurrent_activation", 2):
                message = "`recurrent_activation` was 'hard_sigmoid' by default before Keras 2.3, and 'sigmoid' since"
                advice = "for weights of an older Keras write `recurrent_activation='hard_sigmoid'`, and see its slope."
                yield call, "recurrent_activation", message, advice
        for text in module.nodes(cst.SimpleString):
            if constant(text) == "hard_sigmoid":
                message = "`hard_sigmoid` of Keras 3 has a slope of 1/6, that of Keras 2 had 0.2"
                advice = "write `lambda x: keras.ops.clip(0.2 * x + 0.5, 0, 1)`, or keep `import k2compat`."
                yield text, "hard_sigmoid", message, advice
            elif constant(text) == "bilinear" and isinstance(module.parent(text), cst.Arg):
                message = "bilinear `UpSampling2D` of Keras 3 maps centres of pixels, that of Keras 2 mapped corners"
                yield text, "bilinear", message, "with `import k2compat` it is as in Keras 2."


def is_compile(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "compile"


def is_given(module: Module, call: cst.Call, name: str, position: int | None) -> bool:
    """Whether an argument is given by its name of today or of old, or may be by ``*args`` or ``**kwargs``."""
    if any(argument.star for argument in call.args):
        return True
    names = [name, *(old for old, new in OLD_NAMES.items() if new == name)]
    return any(module.argument(call, spelt, position) is not None for spelt in names)
