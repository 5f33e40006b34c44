"""Rule ``native.k-ops``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.eager_functions import EagerFunctions, eager_functions
from k2compat.migrate.analysis.k_calls import NoEquivalent, is_setting_of_keras3, k_uses
from k2compat.migrate.analysis.k_equivalents import WRITTEN, constant_of, ctc_function, equivalent
from k2compat.migrate.analysis.keras_tensors import keras_tensors
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.tables.native import NATIVE
from k2compat.tables.offered import BESIDE
from k2compat.tables.spellings import TWINS


class KOps(Rule):
    """In losses and metrics, functions of `Lambda` and `Activation` layers, `call` of layers, and what only these call,
    tensors have a value, and K functions become those of `keras.ops` (or TensorFlow, where these compute something
    else). So do those of tensors that Keras has made, as in the loss of a VAE: `keras.ops` takes symbolic tensors,
    too. Defaults that differ are written out. Elsewhere, and for what a `K.variable` or `K.gradients` goes into,
    they stay, and are listed with what to write instead:

    ```diff
     import keras
     from k2compat import backend as K
     def distance(a):
    -    return K.sqrt(K.sum(K.square(a[0] - a[1]), axis=1)) + K.cast(K.argmax(a[0]), "float32")
    +    return keras.ops.sqrt(keras.ops.sum(keras.ops.square(a[0] - a[1]), axis=1)) + keras.ops.cast(keras.ops.argmax(a[0], axis=-1), "float32")
     layer = keras.layers.Lambda(distance)
    ```
    """  # noqa: E501

    formerly = ("native.ops",)
    summary = "write K functions as those of keras.ops or TensorFlow in losses, metrics and layers"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        uses = list(k_uses(module))
        for node, name in uses:
            if is_setting_of_keras3(module, node, name):
                continue
            try:
                yield module.change(
                    node,
                    f"`{module.text(node)}` becomes native",
                    self._edits(module, eager_functions(module), node, name),
                )
            except NoEquivalent as problem:
                if name != "function":  # native.k-function reports these
                    advice = f"natively: {NATIVE.get(name) or BESIDE.get(name, 'write out what it does')}."
                    yield module.manual(node, f"`{module.text(node)}` stays: {problem}", advice)

    def _edits(self, module: Module, functions: EagerFunctions, node: cst.CSTNode, name: str) -> list[Edit]:
        call = module.parent(node)
        if name == "variable" and isinstance(call, cst.Call):
            return constant_of(module, functions, call)
        if name == "ctc_batch_cost" and not (isinstance(call, cst.Call) and call.func is node):
            return ctc_function(module, node)
        if name not in TWINS and name not in WRITTEN:
            raise NoEquivalent("it has no spelling of one call")
        if not isinstance(call, cst.Call) or call.func is not node:
            raise NoEquivalent("it is not called here")
        if not functions.around(node) and keras_tensors(module).takes(call, name):
            return equivalent(module, call, name)
        if not functions.around(node):
            raise NoEquivalent("it is not known whether its tensors have a value here, or are symbolic")
        doubt = functions.doubt(call)
        if doubt is not None:
            raise NoEquivalent(doubt)
        return equivalent(module, call, name)
