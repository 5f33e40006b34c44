"""Rule ``native.merge-layer``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.k_calls import NoEquivalent, spelled
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import bound_name


class MergeLayer(Rule):
    """The base class `_Merge` of Keras 2 is gone; a layer that computes something from a list of tensors needs none:

    ```diff
     import keras
    -from keras.layers.merge import _Merge
    -class RandomWeightedAverage(_Merge):
    -    def _merge_function(self, inputs):
    +class RandomWeightedAverage(keras.layers.Layer):
    +    def call(self, inputs):
             weights = keras.random.uniform((32, 1))
             return weights * inputs[0] + (1 - weights) * inputs[1]
    ```

    A class that has more methods than this one and `__init__` stays.
    """

    summary = "write a class based on _Merge as a layer with call"
    needs = re.compile("_merge_function")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for owner in module.nodes(cst.ClassDef):
            base = owner.bases[0].value if len(owner.bases) == 1 else None
            name = (module.refers_to(base) or "") if base is not None else ""
            if not name.startswith("keras.") or not name.endswith("._Merge"):
                continue
            methods = {node.name.value: node for node in owner.body.body if isinstance(node, cst.FunctionDef)}
            merge = methods.pop("_merge_function", None)
            if merge is None or set(methods) - {"__init__"} or base is None:
                continue
            try:
                layer, imports = spelled(module, "keras.layers.Layer", owner)
            except NoEquivalent:
                continue
            edits = [module.replace(base, layer), module.replace(merge.name, "call"), *imports]
            yield module.change(owner, "`_Merge` becomes a layer with `call`", edits, _idle_import(module, base))


def _idle_import(module: Module, base: cst.BaseExpression) -> Iterator[Edit]:
    """Yield the edits that take out the import of the class, if nothing else reads it."""
    for statement in module.nodes(cst.ImportFrom):
        aliases = [] if isinstance(statement.names, cst.ImportStar) else list(statement.names)
        own = [alias for alias in aliases if bound_name(alias) == module.text(base)]
        reads = [node for node in module.named(module.text(base)) if not module.is_imported_name(node)]
        if own and len(reads) == 1:
            yield from ([module.drop_statement(statement)] if len(aliases) == 1 else module.drop_parts(aliases, own))
