"""Numbers of samples, steps and epochs in calls of ``fit`` and similar methods, for two rules."""

from __future__ import annotations

import libcst as cst

from k2compat.migrate.analysis.keras_objects import created_by, number, written
from k2compat.migrate.syntax.edits import Edit
from k2compat.migrate.syntax.module import Module

# Arguments of Keras 1 and 2 that only have another name.
NAMES = {"nb_epoch": "epochs"}
# Who fills batches, and where: Keras 3 takes that from the data, and no number depends on it.
QUEUES = ("max_q_size", "max_queue_size", "nb_worker", "workers", "pickle_safe", "use_multiprocessing")
# What iterators of ``ImageDataGenerator`` are made by, and how many samples they give at a time by default.
FLOWS = {"flow": 32, "flow_from_directory": 32, "flow_from_dataframe": 32}
STEPS = ("steps_per_epoch", "validation_steps", "steps")


def batch_size(module: Module, data: cst.BaseExpression) -> str | None:
    """Return the batch size of an iterator of ``ImageDataGenerator``, as it is written; None where it is not known."""
    values = [data] if isinstance(data, cst.Call) else created_by(module, data) or []
    found = {flow_batch_size(module, value) for value in values}
    return found.pop() if len(found) == 1 else None


def flow_batch_size(module: Module, value: cst.BaseExpression) -> str | None:
    if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute):
        return None
    kind = value.func.attr.value
    if kind not in FLOWS:
        return None
    given = module.argument(value, "batch_size", 2 if kind == "flow" else None)
    if given is not None:
        return written(module, given.value) if isinstance(given.value, cst.Integer | cst.Name | cst.Attribute) else None
    return None if any(argument.star for argument in value.args) else str(FLOWS[kind])


def quotient(module: Module, samples: cst.BaseExpression, size: str, *, up: bool) -> tuple[str, list[Edit]]:
    """Return how many batches samples are: a number if that is known, and the import that the expression needs."""
    total = number(samples)
    if total is not None and size.isdecimal():
        return str(-(-int(total) // int(size)) if up else int(total) // int(size)), []
    text = written(module, samples)
    if isinstance(samples, cst.BinaryOperation | cst.IfExp | cst.UnaryOperation) and not samples.lpar:
        text = f"({text})"
    if up:
        return f"math.ceil({text} / {size})", module.add_import("import math")
    return f"{text} // {size}", []


def whole_steps(module: Module, call: cst.Call) -> tuple[list[Edit], list[str]]:
    """Return the edits that round a quotient of steps up, as Keras 2 made at least that many; and what is said."""
    edits: list[Edit] = []
    said: list[str] = []
    for argument in call.args:
        keyword = argument.keyword.value if argument.keyword is not None else ""
        value = argument.value
        if keyword in STEPS and isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Divide):
            start, end = module.whole(value)
            edits.append(Edit(start, end, f"math.ceil({module.text(value)})"))
            said.append(f"`{keyword}=` is a whole number, as Keras 2 rounded it")
    return edits + (module.add_import("import math") if edits else []), said
