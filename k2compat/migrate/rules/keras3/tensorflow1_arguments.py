"""Rule ``keras3.tensorflow1-arguments``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import renamings, taken_out, uses_keras
from k2compat.migrate.analysis.run_time import name_of
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.tables.tensorflow1 import DROPPED_ARGUMENTS, OLD_ARGUMENTS

KEPT, RATE = "keep_prob", "rate"
SIMPLE = cst.Name | cst.Integer | cst.Float | cst.Attribute | cst.Call | cst.Subscript


class Tensorflow1Arguments(Rule):
    """Arguments of TensorFlow functions have the names of TensorFlow 2: `keep_dims=` is `keepdims=`,
    `reduction_indices=` is `axis=`, `tf.zeros_like(tensor=)` is `input=`, `keep_prob=p` of `tf.nn.dropout` is
    `rate=1 - p`.

    ```diff
     import tensorflow as tf
    -mean, variance = tf.nn.moments(x, axes=[0], keep_dims=True)
    +mean, variance = tf.nn.moments(x, axes=[0], keepdims=True)
    ```
    """

    summary = "give arguments of TensorFlow functions the names of TensorFlow 2"
    needs = re.compile(
        "|".join(sorted({*DROPPED_ARGUMENTS, *(old for names in OLD_ARGUMENTS.values() for old in names)}))
    )

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        if not uses_keras(module):
            return
        for call in module.nodes(cst.Call):
            names = OLD_ARGUMENTS.get(name_of(module.refers_to(call.func)))
            if names is None:
                continue
            plain = {old: new for old, new in names.items() if old != KEPT}
            edits, said = renamings(module, call, plain)
            dropped = [found for found in call.args if found.keyword and found.keyword.value in DROPPED_ARGUMENTS]
            if dropped:
                edits, said = (
                    [*edits, *module.drop_arguments(call, dropped)],
                    [*said, f"without {taken_out(dropped, module)}"],
                )
            kept = next((found for found in call.args if found.keyword and found.keyword.value == KEPT), None)
            if KEPT in names and kept is not None:
                edits, said = [*edits, as_rate(module, kept)], [*said, f"`{KEPT}=p` is `{RATE}=1 - p`"]
            if edits:
                yield module.change(call, ", ".join(said), edits)


def as_rate(module: Module, kept: cst.Arg) -> Edit:
    """Return ``rate=1 - p`` in place of ``keep_prob=p``."""
    value = module.text(kept.value)
    simple = isinstance(kept.value, SIMPLE)
    start = module.span(kept.keyword)[0] if kept.keyword is not None else module.span(kept)[0]
    return Edit(start, module.whole(kept.value)[1], f"{RATE}=1 - {value if simple else f'({value})'}")
