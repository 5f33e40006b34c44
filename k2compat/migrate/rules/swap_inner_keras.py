"""Rule ``swap.inner-keras``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.doors import doors
from k2compat.migrate.edits import Change, Edit, Left
from k2compat.migrate.module import Module
from k2compat.migrate.resolve import canonical, dotted_name, import_aliases
from k2compat.migrate.rule import Rule

INNER = re.compile(r"tensorflow\.(?:python|contrib)\.keras(?:\._impl\.keras|\.api\.keras|\.python\.keras)?(?=\.|$)")
_PUBLIC = (
    "activations applications callbacks constraints datasets initializers layers losses metrics models optimizers "
    "preprocessing preprocessing.image preprocessing.sequence preprocessing.text regularizers utils"
)
PUBLIC = frozenset(["", *_PUBLIC.split()])


class SwapInnerKeras(Rule):
    """Takes layers and models from ``tensorflow.keras``, not from inside TensorFlow.

    ``tensorflow.python.keras`` is a Keras of its own, which TensorFlow keeps for itself: its layers know nothing of
    Keras 3, and k2compat nothing of them. (``tensorflow.contrib`` is gone.) Modules that ``tensorflow.keras`` does not
    have are reported.

    Before::

        from tensorflow.python.keras.layers import Dense

    After::

        from tensorflow.keras.layers import Dense
    """

    name = "swap.inner-keras"
    level = "swap"
    summary = "import from tensorflow.keras instead of tensorflow.python.keras"
    needs = re.compile(r"tensorflow\.(?:python|contrib)|from\s+tensorflow\s+import")

    def check(self, module: Module) -> Iterator[Change | Left]:
        of_backend = {door.alias for door in doors(module)}
        for statement in module.imports():
            modules = [statement.module] if isinstance(statement, cst.ImportFrom) else []
            parts = modules or [alias.name for alias in import_aliases(statement) if alias not in of_backend]
            if modules and all(alias in of_backend for alias in import_aliases(statement)):
                continue
            for part in parts:
                written = dotted_name(part) if part is not None else ""
                if not INNER.match(written):
                    continue
                rest = canonical(written).removeprefix("keras").lstrip(".")
                new = f"tensorflow.keras.{rest}".rstrip(".")
                if rest in PUBLIC and part is not None and has_alias_or_from(module, part):
                    yield module.change(part, f"`{new}` instead of `{written}`", Edit(*module.span(part), new))
                else:
                    advice = "import what it is used for from `tensorflow.keras`."
                    yield module.left(statement, f"`{written}` is a Keras that k2compat does not know", advice)


def has_alias_or_from(module: Module, part: cst.CSTNode) -> bool:
    """Whether a module's name is not used in the code, as it is after a plain ``import a.b.c``."""
    above = module.parent(part)
    return isinstance(above, cst.ImportFrom) or (isinstance(above, cst.ImportAlias) and above.asname is not None)
