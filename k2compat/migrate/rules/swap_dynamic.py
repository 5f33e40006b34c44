"""Rule ``swap.dynamic``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.doors import reaches
from k2compat.migrate.edits import Change, Left
from k2compat.migrate.module import Module
from k2compat.migrate.resolve import BACKEND, canonical, constant
from k2compat.migrate.rule import Rule

RUN = ("exec", "eval", "compile", "execfile")
IMPORT = ("importlib.import_module", "importlib.__import__", "__import__")
PATH = re.compile(re.escape(BACKEND) + r"(\.\w+)*")
Text = cst.SimpleString | cst.ConcatenatedString


class SwapDynamic(Rule):
    """Reports ways to the backend that no rewriting can be sure of.

    Those are imports by a computed name, code in texts, and a ``keras`` that is a parameter or attribute.

    ``importlib.import_module("keras.backend")``, ``getattr(keras, "backend")`` and ``sys.modules["keras.backend"]``
    are understood, and rewritten by ``swap.attribute``.

    Reported::

        backend = importlib.import_module("keras." + name)
        exec("from keras import backend as K")
        mock.patch("keras.backend.gradients")
        self.keras.backend.mean(x)
    """

    name = "swap.dynamic"
    level = "swap"
    summary = "report imports by a computed name, texts that name the backend, and a keras of unknown origin"
    needs = re.compile(r"backend")

    def check(self, module: Module) -> Iterator[Change | Left]:
        understood = set(reaches(module))
        reported: set[cst.CSTNode] = set()
        for call in module.nodes(cst.Call):
            called = module.refers_to(call.func)
            text = module.text(call) if called in (*RUN, *IMPORT) else ""
            if called in RUN and "keras" in text and "backend" in text:
                reported.add(call)
                yield module.left(
                    call, f"code in a text: {shortened(text)}", "rewrite it by hand if it imports the backend."
                )
            elif called in IMPORT and "keras" in text and constant(call.args[0].value if call.args else None) is None:
                reported.add(call)
                yield module.left(
                    call, f"import by a computed name: {shortened(text)}", "let it give `k2compat.backend`."
                )
        for attribute in module.nodes(cst.Attribute):
            if attribute.attr.value == "backend" and is_some_keras(module, attribute.value):
                text = module.text(attribute)
                message = f"it cannot be told what `{text[: -len('.backend')].rstrip()}` is in `{text}`"
                yield module.left(attribute, message, "use `k2compat.backend` there if it is a Keras.")
        for literal in [*module.nodes(cst.SimpleString), *module.nodes(cst.ConcatenatedString)]:
            value = constant(literal)
            if value is None or not PATH.fullmatch(canonical(value)) or isinstance(module.parent(literal), cst.Expr):
                continue
            if not any(found in understood or found in reported for found in module.above(literal)):
                message = f"{shortened(module.text(literal))} names the Keras backend in a text"
                yield module.left(literal, message, "write `k2compat.backend` there if it is used to find the module.")


def is_some_keras(module: Module, node: cst.BaseExpression) -> bool:
    """Whether an expression is called keras, and it is not known what it is."""
    called = node.attr if isinstance(node, cst.Attribute) else node
    named = isinstance(called, cst.Name) and called.value == "keras" and not module.is_imported_name(node)
    return named and "keras" not in module.resolver.origins(node)


def shortened(text: str, longest: int = 60) -> str:
    """A piece of code in one line."""
    line = " ".join(text.split())
    return f"`{line if len(line) <= longest else line[: longest - 3] + '...'}`"
