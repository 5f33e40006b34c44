"""Rule ``keras3.accuracy-keys``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import (
    created_by,
    makers,
    method_calls,
    name_today,
    uses_keras,
)
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import constant

KEYS = {"acc": "accuracy", "val_acc": "val_accuracy"}
OF_OUTPUT = re.compile(r"(val_)?\w+_acc")
IN_FILE_NAME = re.compile(r"(?<=\{)(val_)?acc(?=[:}!])")
CALLBACKS = (
    "callbacks.ModelCheckpoint",
    "callbacks.EarlyStopping",
    "callbacks.ReduceLROnPlateau",
)
DICTS = ("dict", "collections.defaultdict", "collections.OrderedDict")
SELF_HISTORY = cst.Attribute(cst.Name("self"), cst.Name("history"))


class AccuracyKeys(Rule):
    """Where `metrics=` says `"accuracy"`, the keys `"acc"` and `"val_acc"` of histories, logs, `monitor=` and
    checkpoint names are `"accuracy"` and `"val_accuracy"`; where it says `"acc"`, they stay; where the file does not
    tell, they are reported. `"lr"` is `"learning_rate"`, except where the file, or a callback that is not one of
    Keras, writes that key itself.

    ```diff
     from keras.callbacks import EarlyStopping
     model.compile("sgd", "mse", metrics=["accuracy"])
    -stop = EarlyStopping(monitor="val_acc")
    +stop = EarlyStopping(monitor="val_accuracy")
     history = model.fit(x, y, callbacks=[stop])
    -print(history.history["acc"])
    +print(history.history["accuracy"])
    ```
    """

    summary = "keys of histories and callbacks are called as metrics= says"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        if not uses_keras(module):
            return
        said = metrics_said(module)
        found = list(keys(module))
        own_rate = any(key == "lr" and is_stored(module, node) for node, key in found)
        for node, key in found:
            if key == "lr":
                if own_rate or is_of_own_callback(module, node):
                    continue
                yield module.change(node, "`lr` is `learning_rate`", with_value(module, node, "learning_rate"))
                continue
            new = KEYS.get(key) or IN_FILE_NAME.sub(lambda found: f"{found[1] or ''}accuracy", key)
            if said == {"acc"} and not OF_OUTPUT.fullmatch(key):
                continue
            if said == {"accuracy"} and new != key:
                yield module.change(node, f"`{key}` is `{new}`", with_value(module, node, new))
            else:
                message = f"`{key}` is not a key in Keras 3 where `metrics=` says 'accuracy'"
                yield module.manual(node, message, "write it as `metrics=` does: 'accuracy' and 'val_accuracy'.")


def with_value(module: Module, node: cst.SimpleString, value: str) -> Edit:
    return module.replace(node, f"{node.prefix}{node.quote}{value}{node.quote}")


def metrics_said(module: Module) -> set[str]:
    """Return which names for the accuracy the ``metrics=`` of the file's ``compile`` calls have."""
    given = [module.argument(call, "metrics", 2) for call, _ in method_calls(module, ("compile",))]
    parts = (node for metrics in given if metrics is not None for node in module.inside(metrics))
    texts = {constant(node) for node in parts if isinstance(node, cst.SimpleString)}
    return {text for text in texts if text in ("acc", "accuracy")}


def keys(module: Module) -> Iterator[tuple[cst.SimpleString, str]]:
    """Yield the strings that are keys of a history, of logs or of a callback and name the accuracy or learning rate."""
    for node in module.nodes(cst.SimpleString):
        text = constant(node)
        if text is None or not (text in KEYS or text == "lr" or OF_OUTPUT.fullmatch(text) or IN_FILE_NAME.search(text)):
            continue
        above = list(module.above(node))[:3]
        subscript = subscript_of(module, node)
        argument = above[0] if isinstance(above[0], cst.Arg) else None
        call = above[1] if argument is not None and isinstance(above[1], cst.Call) else None
        of_history = subscript is not None and is_history(module, subscript.value)
        if of_history or (call is not None and text != "lr" and is_key_of_call(module, call)):
            yield node, text


def subscript_of(module: Module, node: cst.SimpleString) -> cst.Subscript | None:
    """Return the subscript that a string is the key of."""
    return next((found for found in list(module.above(node))[:3] if isinstance(found, cst.Subscript)), None)


def is_stored(module: Module, node: cst.SimpleString) -> bool:
    """Return whether a value is written under a key, which makes it one of the program."""
    subscript = subscript_of(module, node)
    return subscript is not None and isinstance(module.parent(subscript), cst.AssignTarget)


def is_of_own_callback(module: Module, node: cst.SimpleString) -> bool:
    """Return whether a key is one of ``callback.history``, of a callback that is certainly not made by Keras."""
    subscript = subscript_of(module, node)
    history = subscript.value if subscript is not None else None
    made = makers(module, history.value) if isinstance(history, cst.Attribute) else []
    return bool(made) and not any(name.startswith(("keras.", "k2compat.")) for name in made)


def is_history(module: Module, node: cst.BaseExpression) -> bool:
    """Return whether an expression is ``something.history`` or a callback's ``logs``, by its spelling.

    A dict of the script's own is none, as ``self.history = {}`` in a callback, nor what has such an attribute.
    """
    text = module.text(node)
    if not text.endswith(".history") and text not in ("logs", "history", "hist"):
        return False
    if any(_is_own_dict(module, value) for value in created_by(module, node) or ()):
        return False
    owner = node.value if isinstance(node, cst.Attribute) else None
    if owner is None or not any(_is_own_dict(module, value) for value in created_by(module, SELF_HISTORY) or ()):
        return True
    return any(_trains(value) for value in created_by(module, owner) or ())


def _is_own_dict(module: Module, value: cst.BaseExpression) -> bool:
    made = module.refers_to(value.func) if isinstance(value, cst.Call) else None
    return isinstance(value, cst.Dict | cst.DictComp) or made in DICTS


def _trains(value: cst.BaseExpression) -> bool:
    """Return whether an expression is a call of ``fit``, which gives the history of Keras."""
    called = value.func if isinstance(value, cst.Call) else None
    return isinstance(called, cst.Attribute) and called.attr.value in ("fit", "fit_generator")


def is_key_of_call(module: Module, call: cst.Call) -> bool:
    if name_today(module, call.func) in CALLBACKS:
        return True
    function = call.func
    return isinstance(function, cst.Attribute) and function.attr.value == "get" and is_history(module, function.value)
