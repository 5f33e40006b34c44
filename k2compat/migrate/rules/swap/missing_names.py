"""Rule ``swap.missing-names``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.backend_imports import missing_names
from k2compat.migrate.analysis.other_backends import is_of_other_backend
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import BACKEND, UNKNOWN, canonical
from k2compat.tables.offered import ONLY_IN_KERAS3

# What the modules of Keras 2 imported for their own use -> how to import it.
BROUGHT = {
    "np": "import numpy as np",
    **{name: f"import {name}" for name in ("copy", "csv", "json", "os", "re", "sys", "time", "warnings")},
    **{name: f"from collections import {name}" for name in ("OrderedDict", "deque")},
}


class MissingNames(Rule):
    """Reports names of the backend that k2compat does not have, as `K._preprocess_conv2d_input`: Keras 3 does not have
    them either. Not in branches of another backend, as `if K.backend() == "theano":`. And modules that a star import
    brought in Keras 2, and does no longer: `np` of `from keras.callbacks import *`.

    Reported:

    ```text
    x, form = K._preprocess_conv2d_input(x, data_format)
    from keras.callbacks import *
    rate = np.floor(3.5)
    ```
    """

    formerly = ("swap.names",)
    summary = "report names of the backend that k2compat does not have, and those that a star import lost"
    needs = re.compile(r"backend|\bK\b|import +\*")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for attribute, name in missing_names(module):
            if name in ONLY_IN_KERAS3 and module.refers_to(attribute.value) == BACKEND:
                continue  # swap.import and swap.attribute left all of it as it is, and say so
            if is_of_other_backend(module, attribute):
                continue
            yield module.manual(
                attribute,
                f"`{module.text(attribute)}`: k2compat.backend has no `{name}`",
                "see `python -m k2compat api` for what it has, or write it with `tf.` functions.",
            )
        yield from lost_names(module)


def lost_names(module: Module) -> Iterator[ManualWork]:
    """Yield the modules that a star import of Keras 2 brought, where they are read first."""
    stars = [statement for statement in module.nodes(cst.ImportFrom) if isinstance(statement.names, cst.ImportStar)]
    sources = [module.resolver.module_of(statement) or UNKNOWN for statement in stars]
    if not stars or not all(canonical(source).startswith("keras.") for source in sources):
        return  # another one may bring them
    seen: set[str] = set()
    for node in module.nodes(cst.Name):
        scope = module.scope(node)
        if node.value not in BROUGHT or node.value in seen or scope is None or scope[node.value]:
            continue
        seen.add(node.value)
        what = f"`{node.value}` came by `{module.text(stars[0])}`, which does not bring it in Keras 3"
        yield module.manual(node, what, f"write `{BROUGHT[node.value]}` below it.")
