"""Rule ``native.settings``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.eager_functions import eager_functions
from k2compat.migrate.analysis.k_calls import (
    NoEquivalent,
    as_equivalent,
    first_argument,
    is_setting_of_keras3,
    k_name,
    k_uses,
    spelled,
)
from k2compat.migrate.analysis.k_equivalents import equivalent
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.tables.spellings import SETTINGS

_WEIGHTS = "learning_rate iterations kernel bias gamma beta moving_mean moving_variance embeddings recurrent_kernel"
WEIGHTS = frozenset(_WEIGHTS.split())
SHAPES = ("get_variable_shape", "int_shape", "ndim")
FITS = ("fit", "fit_generator", "train_on_batch")


class Settings(Rule):
    """Settings, static shapes, and the values of a layer's weights or an optimizer's learning rate need no backend:

    ```diff
     import keras
     from k2compat import backend as K
    -channels = K.int_shape(x)[1 if K.image_data_format() == "channels_first" else -1]
    +channels = x.shape[1 if keras.config.image_data_format() == "channels_first" else -1]
    -K.set_value(model.optimizer.learning_rate, 0.1)
    +model.optimizer.learning_rate.assign(0.1)
    ```
    """

    summary = "write K.epsilon(), K.floatx(), K.int_shape(x) and similar calls without the backend"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        uses = list(k_uses(module))
        names = {name for _, name in uses}
        attributes = (
            {target.target.attr.value for assign in module.nodes(cst.Assign) for target in assign.targets
             if isinstance(target.target, cst.Attribute) and isinstance(assign.value, cst.Call)
             and k_name(module, assign.value.func) is not None}
        )  # fmt: skip
        for node, name in uses:
            call = module.parent(node)
            if not isinstance(call, cst.Call) or call.func is not node or is_setting_of_keras3(module, node, name):
                continue
            try:
                edits = self._edits(module, call, name, names, attributes)
            except NoEquivalent:
                continue  # native.k-ops reports it
            if edits:
                yield module.change(node, f"write `{module.text(node)}` without the backend", edits)

    def _edits(
        self, module: Module, call: cst.Call, name: str, names: set[str], attributes: set[str]
    ) -> list[Edit] | None:
        if name == "clear_session" and names & {"set_learning_phase", "learning_phase"}:
            return None
        if name in SETTINGS:
            return as_equivalent(module, call, SETTINGS[name])
        if name == "set_learning_phase":
            return self._phase(module, call)
        if not call.args or call.args[0].star or call.args[0].keyword is not None:
            return None
        if name in ("eval", "get_value", "set_value"):
            variable = call.args[0].value
            weight = isinstance(variable, cst.Attribute) and variable.attr.value in WEIGHTS - attributes
            return _value(module, call, name) if weight or _is_one_of_weights(module, variable) else None
        if len(call.args) != 1:
            return None
        if name == "count_params":
            return _count(module, call)
        return equivalent(module, call, name) if name in SHAPES else None

    def _phase(self, module: Module, call: cst.Call) -> list[Edit] | None:
        """``K.set_learning_phase(0)`` says what is so anyway, unless something is trained."""
        statement = module.parent(call)
        is_zero = len(call.args) == 1 and module.text(call.args[0].value) in ("0", "False")
        trains = any(node.attr.value in FITS for node in module.nodes(cst.Attribute))
        if not is_zero or trains or not isinstance(statement, cst.Expr):
            return None
        return [module.drop_statement(statement)]


def _is_one_of_weights(module: Module, node: cst.BaseExpression) -> bool:
    """Return whether a name is that of a loop over the weights of a model or layer."""
    bindings = eager_functions(module).bindings(node)
    loops = [module.parent(binding.node) for binding in bindings]
    overs = [loop.iter for loop in loops if isinstance(loop, cst.For | cst.CompFor)]
    lists = [over for over in overs if isinstance(over, cst.Attribute) and over.attr.value.endswith("weights")]
    return bool(lists) and len(lists) == len(bindings)


def _count(module: Module, call: cst.Call) -> list[Edit]:
    name, imports = spelled(module, "np.prod", call)
    return [module.replace(call, f"int({name}({first_argument(module, call)}.shape))"), *imports]


def _value(module: Module, call: cst.Call, name: str) -> list[Edit] | None:
    """``K.get_value`` and ``K.set_value`` of a layer's weight or an optimizer's state."""
    variable = module.text(call.args[0].value)
    if name in ("eval", "get_value"):
        return [module.replace(call, f"{variable}.numpy()")] if len(call.args) == 1 else None
    if len(call.args) != 2 or call.args[1].star:
        return None
    return [module.replace(call, f"{variable}.assign({module.text(call.args[1].value)})")]
