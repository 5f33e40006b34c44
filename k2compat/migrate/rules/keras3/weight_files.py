"""Rule ``keras3.weight-files``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import boolean, is_model, method_calls, name_today, uses_keras
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module

WEIGHTS, MODEL = ".weights.h5", ".h5"
OLD_ENDING = re.compile(r"\.(?:weights\.)?(?:h5|hdf5|hdf|h5py|ckpt|tf|weights|model)$")
# A field at the end of a text that takes any text, unlike those of numbers: "%s", "{}", "{name}", but not "{:02d}".
OPEN_END = re.compile(r"(?:%(?:\(\w+\))?[sr]|\{[^{}:]*\})$")
READERS = ("load_weights", "save_weights", "save")
TextNode = cst.SimpleString | cst.FormattedStringText


class WeightFiles(Rule):
    """Files of weights end in `.weights.h5`, and files of models in `.keras` or `.h5`.

    `save_weights("net.h5")` and `ModelCheckpoint(..., save_weights_only=True)` end in `.weights.h5`, other
    checkpoints in `.h5`, with all the places of the file that have the same name. `load_weights("old.h5")` of a file
    that is not saved here stays: Keras 3 reads it. Other programs that read the file need the new name.

    ```diff
     from keras.callbacks import ModelCheckpoint
     from keras.models import Sequential
     model = Sequential()
    -model.save_weights("net.h5")
    -model.load_weights("net.h5")
    -checkpoint = ModelCheckpoint("net-{epoch:02d}.hdf5")
    +model.save_weights("net.weights.h5")
    +model.load_weights("net.weights.h5")
    +checkpoint = ModelCheckpoint("net-{epoch:02d}.h5")
    ```
    """

    summary = "files of weights end in .weights.h5, and files of models in .h5"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        if not uses_keras(module):
            return
        wanted = list(saved(module))
        kinds: dict[str, set[str]] = {}
        for _, node, ending in wanted:
            if node is not None:
                kinds.setdefault(text_of(node), set()).add(ending)
        for argument, node, ending in wanted:
            if node is None:
                message = f"Keras 3 saves to names that end in `{ending}`, and the end of this one is not known here"
                yield module.manual(argument, message, f"see that the name ends in `{ending}`.")
            elif is_taken(module, argument, text_of(node), ending):
                continue
            elif len(kinds[text_of(node)]) > 1:
                message = f"`{text_of(node)}` is the name of a whole model and of weights"
                yield module.manual(argument, message, f"give them two names; that of weights ends in `{WEIGHTS}`.")
            else:
                new = renamed(text_of(node), ending)
                said = f"`{text_of(node)}` is `{new}`; other programs that read the file need the new name"
                yield module.change(argument, said, self.everywhere(module, argument, node, new))
        yield from self.loaded(module, {text_of(node) for _, node, _ in wanted if node is not None})

    @staticmethod
    def everywhere(module: Module, argument: cst.Arg, node: TextNode, new: str) -> list[Edit]:
        """Return the new name where it is saved, and where the module names the same file again.

        A text with a stem and an ending is a file name wherever it stands; another one is that of the same file where
        a whole argument of a method that reads or saves is written alike.
        """
        if OLD_ENDING.sub("", text_of(node)) not in ("", text_of(node)):
            same = [other for other in module.nodes(type(node)) if text_of(other) == text_of(node)]
        else:
            others = [call.args[0] for call, _ in method_calls(module, READERS) if call.args]
            alike = [other for other in others if module.text(other.value) == module.text(argument.value)]
            same = [node, *(end for other in alike if (end := end_of_name(module, other.value)) is not None)]
        return [with_text(module, other, new) for other in same if not is_docstring(module, other)]

    @staticmethod
    def loaded(module: Module, names: set[str]) -> Iterator[ManualWork]:
        for call, _ in method_calls(module, ("load_weights",)):
            node = end_of_name(module, call.args[0].value) if call.args else None
            if node is None or text_of(node) in names or text_of(node).endswith((".h5", ".hdf5", ".keras")):
                continue
            message = f"Keras 3 reads no weights from a name like `{text_of(node)}`"
            yield module.manual(call, message, "rename the file so that it ends in `.h5`, if Keras 2 saved it.")


def saved(module: Module) -> Iterator[tuple[cst.Arg, TextNode | None, str]]:
    """Yield the names that files are saved to: the argument, the text at its end, and the ending that is wanted."""
    for call, _ in method_calls(module, ("save_weights",)):
        given = module.argument(call, "filepath", 0)
        if given is not None:
            yield given, end_of_name(module, given.value), WEIGHTS
    for call, method in method_calls(module, ("save",)):
        given = module.argument(call, "filepath", 0)
        if given is not None and is_model(module, method.value):
            yield given, end_of_name(module, given.value), MODEL
    for call in module.nodes(cst.Call):
        if name_today(module, call.func) == "callbacks.ModelCheckpoint":
            given, only = module.argument(call, "filepath", 0), module.argument(call, "save_weights_only", 4)
            if given is not None:
                weights = only is not None and boolean(only.value) is not False
                yield given, end_of_name(module, given.value), WEIGHTS if weights else MODEL


def end_of_name(module: Module, node: cst.BaseExpression) -> TextNode | None:
    """Return the text that a file name ends in; None where it is not known."""
    if isinstance(node, cst.SimpleString):
        return node
    if isinstance(node, cst.FormattedString):
        last = node.parts[-1] if node.parts else None
        return last if isinstance(last, cst.FormattedStringText) else None
    if isinstance(node, cst.BinaryOperation):
        if isinstance(node.operator, cst.Modulo):
            return filled(end_of_name(module, node.left))
        return end_of_name(module, node.right) if isinstance(node.operator, cst.Add | cst.Divide) else None
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        if node.func.attr.value == "format":
            return filled(end_of_name(module, node.func.value))
        if module.refers_to(node.func) in ("os.path.join", "pathlib.Path") and node.args:
            return end_of_name(module, node.args[-1].value)
    if isinstance(node, cst.Call) and module.refers_to(node.func) in ("str", "pathlib.Path") and node.args:
        return end_of_name(module, node.args[-1].value)
    if isinstance(node, cst.Name):
        scope = module.scope(node)
        bindings = list(scope[node.value]) if scope is not None else []
        value = module.resolver.value_of(bindings[0]) if len(bindings) == 1 else None
        return end_of_name(module, value) if value is not None and value is not node else None
    return None


def filled(node: TextNode | None) -> TextNode | None:
    """Return a text that is filled in; None where it ends in what is filled in, which may be a whole file name."""
    return node if node is not None and OPEN_END.search(text_of(node)) is None else None


def is_taken(module: Module, argument: cst.Arg, name: str, ending: str) -> bool:
    """Return whether Keras 3 saves to this name."""
    if ending == MODEL and name.endswith((".keras", ".hdf5")):
        return name.endswith(".keras") or not in_checkpoint(module, argument)
    return name.endswith(ending)


def in_checkpoint(module: Module, argument: cst.Arg) -> bool:
    """Return whether a name is that of a checkpoint, for which ``.hdf5`` is refused."""
    call = module.parent(argument)
    return isinstance(call, cst.Call) and name_today(module, call.func) == "callbacks.ModelCheckpoint"


def renamed(text: str, ending: str) -> str:
    return OLD_ENDING.sub("", text) + ending


def text_of(node: TextNode) -> str:
    """Return the text between the quotes, as it is written."""
    return node.value if isinstance(node, cst.FormattedStringText) else node.raw_value


def with_text(module: Module, node: TextNode, text: str) -> Edit:
    if isinstance(node, cst.FormattedStringText):
        return module.replace(node, text)
    return module.replace(node, f"{node.prefix}{node.quote}{text}{node.quote}")


def is_docstring(module: Module, node: TextNode) -> bool:
    return isinstance(module.parent(node), cst.Expr)
