"""Rule ``swap.names``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from k2compat.migrate.doors import missing_names
from k2compat.migrate.edits import Change, Left
from k2compat.migrate.module import Module
from k2compat.migrate.resolve import BACKEND
from k2compat.migrate.rule import Rule
from k2compat.tables.offered import ONLY_IN_KERAS3


class SwapNames(Rule):
    """Reports names that are read from the backend and that k2compat does not have.

    Helpers that Keras kept for itself (``K._preprocess_conv2d_input``) and names that were gone before Keras 2.3 are
    neither in k2compat nor in Keras 3. What needs them has to be written otherwise.

    Reported::

        x, form = K._preprocess_conv2d_input(x, data_format)
    """

    name = "swap.names"
    level = "swap"
    summary = "report names of the backend that k2compat does not have"
    needs = re.compile(r"backend|\bK\b")

    def check(self, module: Module) -> Iterator[Change | Left]:
        for attribute, name in missing_names(module):
            if name in ONLY_IN_KERAS3 and module.refers_to(attribute.value) == BACKEND:
                continue  # swap.import and swap.attribute left all of it as it is, and say so
            yield module.left(
                attribute,
                f"`{module.text(attribute)}`: k2compat.backend has no `{name}`",
                "see `python -m k2compat api` for what it has, or write it with `tf.` functions.",
            )
