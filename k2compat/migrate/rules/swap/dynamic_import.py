"""Rule ``swap.dynamic-import``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.backend_imports import reaches
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import BACKEND, canonical, constant

RUN = ("exec", "eval", "compile", "execfile")
IMPORT = ("importlib.import_module", "importlib.__import__", "__import__")
PATH = re.compile(re.escape(BACKEND) + r"(\.\w+)*")
Text = cst.SimpleString | cst.ConcatenatedString


class DynamicImport(Rule):
    """Reports what no rewriting can be sure of: `importlib.import_module("keras." + name)`, `exec("from keras import
    backend")` strings that name the backend, as in `mock.patch("keras.backend.gradients")`, and
    `self.keras.backend`, where it is not known what that is.

    Reported:

    ```text
    backend = importlib.import_module("keras." + name)
    exec("from keras import backend as K")
    mock.patch("keras.backend.gradients")
    self.keras.backend.mean(x)
    ```
    """

    formerly = ("swap.dynamic",)
    summary = "report imports by a computed name, strings that name the backend, and a keras of unknown origin"
    needs = re.compile(r"backend")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        understood = set(reaches(module))
        reported: set[cst.CSTNode] = set()
        for call in module.nodes(cst.Call):
            called = module.refers_to(call.func)
            text = module.text(call) if called in (*RUN, *IMPORT) else ""
            if called in RUN and "keras" in text and "backend" in text:
                reported.add(call)
                yield module.manual(
                    call, f"code in a string: {shortened(text)}", "rewrite it by hand if it imports the backend."
                )
            elif called in IMPORT and "keras" in text and constant(call.args[0].value if call.args else None) is None:
                reported.add(call)
                yield module.manual(
                    call, f"import by a computed name: {shortened(text)}", "let it give `k2compat.backend`."
                )
        for attribute in module.nodes(cst.Attribute):
            if attribute.attr.value == "backend" and is_some_keras(module, attribute.value):
                text = module.text(attribute)
                message = f"what `{text[: -len('.backend')].rstrip()}` is in `{text}` is not known"
                yield module.manual(attribute, message, "use `k2compat.backend` there if it is a Keras.")
        for literal in [*module.nodes(cst.SimpleString), *module.nodes(cst.ConcatenatedString)]:
            value = constant(literal)
            if value is None or not PATH.fullmatch(canonical(value)) or isinstance(module.parent(literal), cst.Expr):
                continue
            if not any(found in understood or found in reported for found in module.above(literal)):
                message = f"{shortened(module.text(literal))} names the Keras backend in a string"
                yield module.manual(
                    literal, message, "write `k2compat.backend` there if it is used to find the module."
                )


def is_some_keras(module: Module, node: cst.BaseExpression) -> bool:
    """Return whether an expression is called keras, and it is not known what it is."""
    called = node.attr if isinstance(node, cst.Attribute) else node
    named = isinstance(called, cst.Name) and called.value == "keras" and not module.is_imported_name(node)
    return named and "keras" not in module.resolver.origins(node)


def shortened(text: str, longest: int = 60) -> str:
    """Return a piece of code in one line."""
    line = " ".join(text.split())
    return f"`{line if len(line) <= longest else line[: longest - 3] + '...'}`"
