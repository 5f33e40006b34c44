"""Rule ``keras3.optimizer-arguments``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import (
    beside,
    is_none,
    is_of_keras2,
    makers,
    name_today,
    number,
    renamings,
    written,
)
from k2compat.migrate.analysis.run_time import imports_k2compat
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.tables.optimizers import LEARNING_RATES

KINDS = {f"optimizers.{kind}": kind for kind in LEARNING_RATES}
SCHEDULE = "schedules.InverseTimeDecay"
SETTERS = ("callbacks.LearningRateScheduler", "callbacks.ReduceLROnPlateau")


class OptimizerArguments(Rule):
    """Optimizers take `learning_rate=`, and a schedule for what was `decay=`.

    | Keras 2 | current |
    | --- | --- |
    | `SGD(lr=0.1)`, `model.optimizer.lr` | `SGD(learning_rate=0.1)`, `model.optimizer.learning_rate` |
    | `SGD(lr=0.1, decay=1e-6)` | `SGD(learning_rate=InverseTimeDecay(0.1, decay_steps=1, decay_rate=1e-6))`: the same numbers |
    | `decay=0`, `epsilon=None`, `schedule_decay=0.004` | nothing: the defaults |
    | `clipnorm=1` of the package Keras 2, for all gradients together | `global_clipnorm=1` |

    Keras 3 raises for `lr=` and ignores `decay=` with a warning; tf_keras ignores both, and trains with 0.001. Where
    a callback or the file sets the learning rate, `decay=` stays and is reported, because a schedule cannot be set.
    `clipnorm=` beside `clipvalue=` stays, because Keras 3 takes one of them; with k2compat both limit gradients.

    ```diff
     from keras.optimizers import SGD
    +from keras.optimizers.schedules import InverseTimeDecay

    -sgd = SGD(lr=0.1, decay=1e-6, momentum=0.9)
    +sgd = SGD(learning_rate=InverseTimeDecay(0.1, decay_steps=1, decay_rate=1e-6), momentum=0.9)
    ```
    """  # noqa: E501

    summary = "optimizers take learning_rate=, and a schedule in place of decay="

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        setter = what_sets_the_rate(module)
        for call in module.nodes(cst.Call):
            kind = KINDS.get(name_today(module, call.func) or "")
            if kind is not None:
                yield from self.arguments(module, call, kind, setter)
        for node in module.nodes(cst.Attribute):
            if node.attr.value == "lr" and is_optimizer(module, node.value):
                said = f"`{module.text(node)}` is `learning_rate`"
                yield module.change(node, said, module.replace(node.attr, "learning_rate"))

    def arguments(self, module: Module, call: cst.Call, kind: str, setter: str | None) -> Iterator[Change | ManualWork]:
        names = {"lr": "learning_rate"}
        norm, limit = (module.argument(call, name) for name in ("clipnorm", "clipvalue"))
        if norm is not None and limit is not None and not any(is_none(found.value) for found in (norm, limit)):
            if not imports_k2compat(module):
                message = f"`clipnorm=` and `clipvalue=` of `{kind}`: Keras 3 takes one of them"
                yield module.manual(norm, message, "with `import k2compat` both are applied; else take one out.")
        elif is_of_keras2(module):
            names["clipnorm"] = "global_clipnorm"
        decay, epsilon = module.argument(call, "decay"), module.argument(call, "epsilon")
        warming = module.argument(call, "schedule_decay")
        dropped: list[cst.Arg] = []
        said: list[str] = []
        edits: list[Edit] = []
        if epsilon is not None and is_none(epsilon.value):
            dropped.append(epsilon)
            said.append("`epsilon=None` goes: it is the default")
        if warming is not None and number(warming.value) == 0.004:
            dropped.append(warming)
            said.append("`schedule_decay=0.004` goes: it is the default")
        elif warming is not None:
            message = f"`schedule_decay=` of `{kind}` is not in Keras 3"
            yield module.manual(warming, message, "take it out: 0.004 is what Keras 3 has.")
        if decay is not None and number(decay.value) == 0:
            dropped.append(decay)
            said.append("`decay=0` goes: it is the default")
        elif decay is not None and setter is not None:
            message = f"`decay=` of `{kind}` stays, and Keras 3 and tf_keras ignore it: {setter} sets the learning rate"
            advice = "let one thing alone set it: take `decay=` out, or the other, for a schedule."
            yield module.manual(decay, message, advice)
        elif decay is not None:
            edits, needs = self.schedule(module, call, kind, decay)
            edits += needs
            names.pop("lr")
            dropped.append(decay)
            rate = "`lr=` is `learning_rate=`, and " if module.argument(call, "lr") else ""
            said.append(f"{rate}`decay=` is a schedule; Keras 3 ignores it, and tf_keras `lr=` as well")
        renames, renamed = renamings(module, call, names)
        if said or renamed:
            edits = [*edits, *renames, *module.drop_arguments(call, dropped)]
            yield module.change(call, f"{kind}: {', '.join([*renamed, *said])}", tidy(module, edits))

    @staticmethod
    def schedule(module: Module, call: cst.Call, kind: str, decay: cst.Arg) -> tuple[list[Edit], list[Edit]]:
        """Return the edits that put a schedule where the learning rate is, or before all arguments; and the import."""
        name, needs = beside(module, call, SCHEDULE)
        rate = module.argument(call, "learning_rate") or module.argument(call, "lr") or module.argument(call, "none", 0)
        value = written(module, rate.value) if rate is not None else LEARNING_RATES[kind]
        text = f"{name}({value}, decay_steps=1, decay_rate={written(module, decay.value)})"
        if rate is None:
            start = module.span(call.args[0])[0]
            others = any(argument is not decay for argument in call.args)
            return [Edit(start, start, f"learning_rate={text}" + (", " if others else ""))], needs
        keyword = "learning_rate=" if rate.keyword is not None else ""
        return [Edit(module.span(rate)[0], module.whole(rate.value)[1], f"{keyword}{text}")], needs


def tidy(module: Module, edits: list[Edit]) -> list[Edit]:
    """Return an insertion at the place where a removal begins is one edit with it."""
    starts = {edit.start: edit for edit in edits if edit.start < edit.end}
    result = []
    for edit in edits:
        if edit.start == edit.end and edit.start in starts:
            taken = starts.pop(edit.start)
            result.append(Edit(edit.start, taken.end, edit.text + taken.text))
            edits = [other for other in edits if other is not taken]
        else:
            result.append(edit)
    joined = {edit.start for edit in result if edit.text and edit.start < edit.end}
    return [edit for edit in result if not (edit.text == "" and edit.start in joined)]


def is_optimizer(module: Module, node: cst.BaseExpression) -> bool:
    """Return whether an expression is an optimizer of Keras: ``model.optimizer``, or what a name was made as."""
    if isinstance(node, cst.Attribute) and node.attr.value == "optimizer":
        return module.text(node.value) != "self" or assigned_optimizer(module, node)
    return assigned_optimizer(module, node)


def assigned_optimizer(module: Module, node: cst.BaseExpression) -> bool:
    made = makers(module, node)
    return bool(made) and all(name.startswith("keras.optimizers.") for name in made)


def what_sets_the_rate(module: Module) -> str | None:
    """Return what in a module sets the learning rate of an optimizer, as ``LearningRateScheduler in line 5``."""
    for call in module.nodes(cst.Call):
        if name_today(module, call.func) in SETTERS:
            return f"`{module.text(call.func)}` in line {module.line_of(call)}"
    for node in module.nodes(cst.Attribute):
        if node.attr.value in ("lr", "learning_rate") and is_optimizer(module, node.value):
            return f"`{module.text(node)}` in line {module.line_of(node)}"
    return None
