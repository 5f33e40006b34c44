"""Rule ``keras3.fit-arguments``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.fit_steps import NAMES, QUEUES, whole_steps
from k2compat.migrate.analysis.keras_objects import is_none, method_calls, renamings, taken_out
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import constant

METHODS = ("fit", "evaluate", "predict")
# Of ``compile`` and ``fit`` in Keras 1 and 2: what to do.
UNKNOWN_TODAY = {
    ("fit", "show_accuracy"): "take it out, and write `metrics=['accuracy']` in `compile`.",
    ("evaluate", "show_accuracy"): "take it out, and write `metrics=['accuracy']` in `compile`.",
    ("compile", "class_mode"): "take it out: the loss decides.",
    ("compile", "sample_weight_mode"): "take it out: Keras 3 takes weights of the shape of the loss.",
    ("compile", "target_tensors"): "take it out, and pass the targets to `fit`.",
}
# Names of losses and metrics that are others today.
LOSSES = {"kullback_leibler_divergence": "kl_divergence", "logcosh": "log_cosh"}
OTHER_SIGN = ("cosine_proximity", "cosine")


class FitArguments(Rule):
    """`fit`, `evaluate`, `predict` and `compile` take the arguments they have in Keras 3.

    `nb_epoch=` is `epochs=`; `workers=`, `max_queue_size=` and `use_multiprocessing=` go; `steps_per_epoch=n / 32`
    is `math.ceil(n / 32)`, as Keras 2 rounded; the losses `kullback_leibler_divergence` and `logcosh` have their
    current names. Reported: `show_accuracy=`, `sample_weight_mode=`, `cosine_proximity`.

    ```diff
     from keras.models import Sequential
    +import math
     model = Sequential()
    -model.compile(loss="kullback_leibler_divergence", optimizer="sgd")
    -model.fit(x, y, nb_epoch=10)
    -model.fit(batches, steps_per_epoch=len(x) / 32, workers=4)
    +model.compile(loss="kl_divergence", optimizer="sgd")
    +model.fit(x, y, epochs=10)
    +model.fit(batches, steps_per_epoch=math.ceil(len(x) / 32))
    ```
    """

    summary = "fit, evaluate, predict and compile take the arguments they have in Keras 3"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for call, method in method_calls(module, METHODS):
            yield from self.arguments(module, call, method)
        for call, _ in method_calls(module, ("compile",)):
            yield from self.losses(module, call)
        for call, method in method_calls(module, ("fit", "evaluate", "compile")):
            for argument in call.args:
                keyword = argument.keyword.value if argument.keyword is not None else ""
                advice = UNKNOWN_TODAY.get((method.attr.value, keyword))
                if advice is not None and not is_none(argument.value):
                    yield module.manual(argument, f"`{keyword}=` of `{method.attr.value}` is not in Keras 3", advice)

    @staticmethod
    def arguments(module: Module, call: cst.Call, method: cst.Attribute) -> Iterator[Change | ManualWork]:
        edits, said = renamings(module, call, NAMES)
        dropped = [found for name in QUEUES if (found := module.argument(call, name)) is not None]
        if dropped:
            said.append(f"{taken_out(dropped, module)} goes: Keras 3 takes it from the data")
        weights = module.argument(call, "class_weight")
        if weights is not None and constant(weights.value) == "auto":
            dropped.append(weights)
            said.append("`class_weight='auto'` goes: Keras 2 ignored it")
        whole, rounded = whole_steps(module, call)
        if said or rounded:
            edits = [*edits, *whole, *module.drop_arguments(call, dropped)]
            yield module.change(call, f"{method.attr.value}: {', '.join([*said, *rounded])}", edits)

    @staticmethod
    def losses(module: Module, call: cst.Call) -> Iterator[Change | ManualWork]:
        given = [found for name in ("loss", "metrics") if (found := module.argument(call, name)) is not None]
        parts = (node for argument in given for node in module.inside(argument))
        for node in sorted((node for node in parts if isinstance(node, cst.SimpleString)), key=module.span):
            name = constant(node)
            if name in LOSSES:
                quote = module.text(node)[0]
                yield module.change(
                    node, f"`{name}` is `{LOSSES[name]}`", module.replace(node, f"{quote}{LOSSES[name]}{quote}")
                )
            elif name in OTHER_SIGN:
                advice = "write 'cosine_similarity'; before Keras 2.3 the sign of the metric was the other one."
                yield module.manual(node, f"`{name}` is not in Keras 3", advice)
