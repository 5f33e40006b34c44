"""Rule ``swap.own-variables``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import is_of_keras2, makers
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module

VARIABLE = {"tensorflow.Variable", "tensorflow.compat.v1.Variable"}
CHANGES = {"assign", "assign_add", "assign_sub", "load"}
SETTERS = {"assign", "assign_add", "assign_sub", "set_value", "update", "update_add", "update_sub"}
READERS = {"value", "read_value"}


class OwnVariables(Rule):
    """Reports a `tf.Variable` of a program for Keras 2 that is changed, and of which an expression is made that holds
    nothing else: `v * 2.0` was a tensor that followed the variable, and is a number that is computed at once. In
    `x * v` with a symbolic `x` the variable stays live.

    Reported:

    ```text
    import keras, tensorflow as tf
    alpha = tf.Variable(0.5)
    loss = first * alpha + second * (1.0 - alpha)
    keras.backend.set_value(alpha, 0.1)
    ```
    """

    summary = "report expressions of a tf.Variable that do not follow it"
    needs = re.compile(r"\bVariable\b")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        if not is_of_keras2(module):
            return
        changed = {name for call in module.nodes(cst.Call) for name in changed_by(call)}
        for name in module.nodes(cst.Name):
            node = expression_of(module, name) if name.value in changed else None
            if node is None or any(isinstance(above, cst.FunctionDef | cst.Lambda) for above in module.above(node)):
                continue
            if set(makers(module, name)) & VARIABLE:
                what = f"`{module.text(node)}` is computed at once, and does not follow `{name.value}`"
                yield module.manual(node, what, f"make `{name.value}` with `K.variable(value)`, which stays live.")


def changed_by(call: cst.Call) -> Iterator[str]:
    """Yield the names of what a call may change: what its method is of, and what is its first argument."""
    func, first = call.func, call.args[0].value if call.args else None
    if isinstance(func, cst.Attribute) and func.attr.value in CHANGES and isinstance(func.value, cst.Name):
        yield func.value.value
    last = func.attr.value if isinstance(func, cst.Attribute) else getattr(func, "value", None)
    if last in SETTERS and isinstance(first, cst.Name):
        yield first.value


def expression_of(module: Module, name: cst.Name) -> cst.CSTNode | None:
    """Return the expression that a variable is in, if it holds nothing but the variable and numbers."""
    above = module.parent(name)
    if isinstance(above, cst.BinaryOperation):
        other = above.right if above.left is name else above.left
        return above if isinstance(other, cst.Integer | cst.Float) else None
    if isinstance(above, cst.UnaryOperation):
        return above
    if isinstance(above, cst.Subscript) and above.value is name:
        return above
    if isinstance(above, cst.Attribute) and above.value is name and above.attr.value in READERS:
        return above
    return None
