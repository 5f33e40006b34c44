"""Rule ``swap.dimension-values``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.keras_objects import uses_keras
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module

SHAPE = re.compile(r"(?:.*[.])?(?:\w*shape\w*|get_shape\(\))", re.S)


class DimensionValues(Rule):
    """Sizes in a shape are integers: `x.shape[1].value` is `x.shape[1]`.

    ```diff
     from keras.layers import Layer
    -size = x.get_shape()[1].value * input_shape[-1].value
    +size = x.get_shape()[1] * input_shape[-1]
    ```
    """

    summary = "sizes in a shape are integers, without .value"
    needs = re.compile(r"\]\s*\.value\b")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        if not uses_keras(module):
            return
        for node in module.nodes(cst.Attribute):
            size = node.value
            if node.attr.value != "value" or not isinstance(size, cst.Subscript) or len(size.slice) != 1:
                continue
            is_size = isinstance(size.slice[0].slice, cst.Index) and SHAPE.fullmatch(module.text(size.value))
            if is_size and not isinstance(module.parent(node), cst.AssignTarget | cst.Del):
                text = module.text(size)
                yield module.change(node, f"`{module.text(node)}` is `{text}`", Edit(*module.span(node), text))
