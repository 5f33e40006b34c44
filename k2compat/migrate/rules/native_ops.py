"""Rules ``native.ops`` and ``native.settings``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

from k2compat.migrate.edits import Change, Edit, Left
from k2compat.migrate.module import Module
from k2compat.migrate.rule import Rule
from k2compat.migrate.spelling import Unlike, as_twin, k_name, k_uses, spelled
from k2compat.migrate.traced import Traced, traced
from k2compat.tables.native import NATIVE
from k2compat.tables.offered import BESIDE
from k2compat.tables.spellings import SETTINGS, TWINS

# Functions whose results are not negative, so that a root of them needs no care.
NOT_NEGATIVE = frozenset(["abs", "square", "exp", "sigmoid", "softmax", "relu", "softplus", "var", "std"])
# What keeps the sign of its first argument.
KEEPS_SIGN = frozenset(["sum", "mean", "max", "min", "prod", "cumsum", "reshape", "flatten", "expand_dims", "cast"])
_WEIGHTS = "learning_rate iterations kernel bias gamma beta moving_mean moving_variance embeddings recurrent_kernel"
WEIGHTS = frozenset(_WEIGHTS.split())
FITS = ("fit", "fit_generator", "train_on_batch")


class NativeSettings(Rule):
    """Writes the settings of Keras, and what asks a tensor for its shape, without the backend.

    They mean the same for every kind of tensor, so they are rewritten wherever they stand.

    Before::

        shape = (3, None, None) if K.image_data_format() == 'channels_first' else (None, None, 3)
        channels = K.int_shape(x)[-1]

    After::

        shape = (3, None, None) if keras.config.image_data_format() == 'channels_first' else (None, None, 3)
        channels = x.shape[-1]
    """

    name = "native.settings"
    level = "native"
    summary = "write K.epsilon(), K.floatx(), K.int_shape(x) and their kin without the backend"

    def check(self, module: Module) -> Iterator[Change | Left]:
        uses = list(k_uses(module))
        names = {name for _, name in uses}
        attributes = (
            {target.target.attr.value for assign in module.nodes(cst.Assign) for target in assign.targets
             if isinstance(target.target, cst.Attribute) and isinstance(assign.value, cst.Call)
             and k_name(module, assign.value.func) is not None}
        )  # fmt: skip
        for node, name in uses:
            call = module.parent(node)
            if not isinstance(call, cst.Call) or call.func is not node or _is_of_keras(module, node, name):
                continue
            try:
                edits = self._edits(module, call, name, names, attributes)
            except Unlike:
                continue  # native.ops tells about what is left
            if edits:
                yield module.change(node, f"write `{module.text(node)}` without the backend", edits)

    def _edits(
        self, module: Module, call: cst.Call, name: str, names: set[str], attributes: set[str]
    ) -> list[Edit] | None:
        if name == "clear_session" and names & {"set_learning_phase", "learning_phase"}:
            return None
        if name in SETTINGS:
            return as_twin(module, call, SETTINGS[name])
        if name == "set_learning_phase":
            return self._phase(module, call)
        if not call.args or call.args[0].star or call.args[0].keyword is not None:
            return None
        if name in ("get_value", "set_value"):
            variable = call.args[0].value
            weight = isinstance(variable, cst.Attribute) and variable.attr.value in WEIGHTS - attributes
            return _value(module, call, name) if weight else None
        write = SHAPES.get(name)
        return write(module, call) if write is not None and len(call.args) == 1 else None

    def _phase(self, module: Module, call: cst.Call) -> list[Edit] | None:
        """``K.set_learning_phase(0)`` says what is so anyway, unless something is trained."""
        statement = module.parent(call)
        is_zero = len(call.args) == 1 and module.text(call.args[0].value) in ("0", "False")
        trains = any(node.attr.value in FITS for node in module.nodes(cst.Attribute))
        if not is_zero or trains or not isinstance(statement, cst.Expr):
            return None
        return [module.drop_statement(statement)]


class NativeOps(Rule):
    """Writes K functions as those of ``keras.ops`` or TensorFlow, where tensors have a value.

    That is so in losses and metrics, in the functions of ``Lambda`` and ``Activation`` layers, in the ``call`` of
    layers, and in what only these call. Elsewhere K functions may be recording an expression, and stay; so does what a
    K function that stays goes into. The report names each with what to write instead.

    Before::

        def dice(y_true, y_pred):
            both = K.sum(K.flatten(y_true) * K.flatten(y_pred))
            return (2 * both + 1) / (K.sum(y_true) + K.sum(y_pred) + 1)

    After::

        def dice(y_true, y_pred):
            both = keras.ops.sum(keras.ops.reshape(y_true, (-1,)) * keras.ops.reshape(y_pred, (-1,)))
            return (2 * both + 1) / (keras.ops.sum(y_true) + keras.ops.sum(y_pred) + 1)
    """

    name = "native.ops"
    level = "native"
    summary = "write K functions as those of keras.ops or TensorFlow in losses, metrics and layers"

    def check(self, module: Module) -> Iterator[Change | Left]:
        uses = list(k_uses(module))
        for node, name in uses:
            if _is_of_keras(module, node, name):
                continue
            try:
                yield module.change(
                    node, f"`{module.text(node)}` becomes native", self._edits(module, traced(module), node, name)
                )
            except Unlike as problem:
                if name != "function":  # native.functions tells about these
                    advice = f"natively: {NATIVE.get(name) or BESIDE.get(name, 'write out what it does')}."
                    yield module.left(node, f"`{module.text(node)}` stays: {problem}", advice)

    def _edits(self, module: Module, functions: Traced, node: cst.CSTNode, name: str) -> list[Edit]:
        call = module.parent(node)
        if name not in TWINS and name not in WRITTEN:
            raise Unlike("it has no spelling of one call")
        if not isinstance(call, cst.Call) or call.func is not node:
            raise Unlike("it is not called here")
        if not functions.around(node):
            raise Unlike("it is not known whether its tensors have a value here, or are symbolic")
        doubt = functions.doubt(call)
        if doubt is not None:
            raise Unlike(doubt)
        if name in WRITTEN:
            return WRITTEN[name](module, call)
        _check_numbers(module, call, name)
        return as_twin(module, call, TWINS[name])


def _is_of_keras(module: Module, node: cst.CSTNode, name: str) -> bool:
    """Whether a name is one of today's ``keras.backend``."""
    return name in SETTINGS and (module.refers_to(node) or "").startswith("keras.")


def _check_numbers(module: Module, call: cst.Call, name: str) -> None:
    """Makes sure that the twin gives the same numbers for what is known of the arguments."""
    values = [argument.value for argument in call.args]
    texts = [module.text(value) for value in values]
    if name == "clip" and ("None" in texts or _is_empty_interval(texts)):
        raise Unlike("keras.ops.clip wants two bounds, the lower one first")
    if name == "stop_gradient" and isinstance(values[0], cst.List | cst.Tuple):
        raise Unlike("keras.ops.stop_gradient takes one tensor")
    if name == "mean" and isinstance(values[0], cst.Call) and _is_integer(module, values[0]):
        raise Unlike("of integers, K.mean gives an integer, and keras.ops.mean does not")
    if name == "cast" and "int" in texts[1:]:
        raise Unlike("as an integer type, TensorFlow and keras.ops take `int` for different ones")
    if name.startswith("conv") and any("causal" in text for text in texts):
        raise Unlike("keras.ops.conv has no causal padding")
    if name.startswith(("random", "truncated")) and "set_floatx" in module.source:
        raise Unlike("the float type is set in this file, and TensorFlow does not know of it")


def _is_empty_interval(texts: list[str]) -> bool:
    try:
        return float(texts[2]) < float(texts[1])
    except (ValueError, IndexError):
        return False


def _is_integer(module: Module, call: cst.Call) -> bool:
    name = _op(module, call)
    return name in ("argmax", "argmin", "shape") or (name == "cast" and "int" in module.text(call.args[-1]))


def _op(module: Module, call: cst.Call) -> str:
    """The name of a K function or of one of ``keras.ops`` that is called."""
    return k_name(module, call.func) or (module.refers_to(call.func) or "").removeprefix("keras.ops.")


# Those that become more than another name.


def _first(module: Module, call: cst.Call, factor: bool = False) -> str:
    """The first argument; in parentheses where that is needed before ``.`` or, with ``factor``, before ``*``."""
    value = call.args[0].value
    text = module.text(value)
    bare = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)
    return text if isinstance(value, bare) else f"({text})"


def _sqrt(module: Module, call: cst.Call) -> list[Edit]:
    if len(call.args) != 1:
        raise Unlike("it has other arguments")
    name, imports = spelled(module, "keras.ops.sqrt", call)
    edits = [module.replace(call.func, name), *imports]
    value = call.args[0].value
    if _not_negative(module, value):
        return edits
    maximum, _ = spelled(module, "keras.ops.maximum", call)
    start, end = module.whole(value)
    return [*edits, Edit(start, start, f"{maximum}("), Edit(end, end, ", 0.0)")]


def _not_negative(module: Module, node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Float | cst.Integer):
        return True
    if isinstance(node, cst.BinaryOperation):
        if isinstance(node.operator, cst.Power):
            return module.text(node.right) in ("2", "2.", "2.0")
        both = isinstance(node.operator, cst.Add | cst.Multiply | cst.Divide)
        return both and _not_negative(module, node.left) and _not_negative(module, node.right)
    if not isinstance(node, cst.Call):
        return False
    name = _op(module, node)
    if name == "maximum":
        return any(_not_negative(module, argument.value) for argument in node.args)
    keeps = name in KEEPS_SIGN and bool(node.args) and _not_negative(module, node.args[0].value)
    return name in NOT_NEGATIVE or name in ("epsilon", "keras.config.epsilon") or keeps


def _hard_sigmoid(module: Module, call: cst.Call) -> list[Edit]:
    name, imports = spelled(module, "keras.ops.clip", call)
    return [module.replace(call, f"{name}(0.2 * {_first(module, call)} + 0.5, 0.0, 1.0)"), *imports]


def _repeat(module: Module, call: cst.Call) -> list[Edit]:
    if len(call.args) != 2 or call.args[0].keyword or call.args[1].keyword not in (None,):
        raise Unlike("its arguments are given by name")
    repeat, imports = spelled(module, "keras.ops.repeat", call)
    expand, _ = spelled(module, "keras.ops.expand_dims", call)
    x, n = (module.text(argument.value) for argument in call.args)
    return [module.replace(call, f"{repeat}({expand}({x}, 1), {n}, axis=1)"), *imports]


def _constant(module: Module, call: cst.Call) -> list[Edit]:
    """``K.constant`` has the default float type, whatever it is given."""
    names = [argument.keyword.value for argument in call.args if argument.keyword is not None]
    if len(call.args) - len(names) != 1 or set(names) - {"dtype", "shape"}:
        raise Unlike("it has other arguments")
    edits = as_twin(module, call, "tf.constant value dtype shape")
    if "dtype" not in names:
        floatx, imports = spelled(module, "keras.config.floatx", call)
        end = module.span(call.args[-1])[1]
        edits += [Edit(end, end, f", dtype={floatx}()"), *imports]
    return edits


def _dtype(module: Module, call: cst.Call) -> list[Edit]:
    above = module.parent(call)
    whole = module.parent(above) if isinstance(above, cst.Arg) else None
    if not isinstance(whole, cst.Call) or _op(module, whole) not in ("cast", "zeros_like", "ones_like"):
        raise Unlike("it gives a text, and `.dtype` does not")
    return [module.replace(call, f"{_first(module, call)}.dtype")]


WRITTEN: dict[str, Callable[[Module, cst.Call], list[Edit]]] = {
    "constant": _constant,
    "dtype": _dtype,
    "hard_sigmoid": _hard_sigmoid,
    "repeat": _repeat,
    "sqrt": _sqrt,
}


def _int_shape(module: Module, call: cst.Call) -> list[Edit]:
    above = module.parent(call)
    shape = f"{_first(module, call)}.shape"
    if isinstance(above, cst.Subscript) and above.value is call and isinstance(above.slice[0].slice, cst.Index):
        return [module.replace(call, shape)]
    return [module.replace(call, f"tuple({shape})")]


def _ndim(module: Module, call: cst.Call) -> list[Edit]:
    return [module.replace(call, f"len({_first(module, call)}.shape)")]


def _count(module: Module, call: cst.Call) -> list[Edit]:
    name, imports = spelled(module, "np.prod", call)
    return [module.replace(call, f"int({name}({_first(module, call)}.shape))"), *imports]


SHAPES: dict[str, Callable[[Module, cst.Call], list[Edit]]] = {
    "count_params": _count,
    "get_variable_shape": _int_shape,
    "int_shape": _int_shape,
    "ndim": _ndim,
}


def _value(module: Module, call: cst.Call, name: str) -> list[Edit] | None:
    """``K.get_value`` and ``K.set_value`` of a layer's weight or an optimizer's state."""
    variable = module.text(call.args[0].value)
    if name == "get_value":
        return [module.replace(call, f"{variable}.numpy()")] if len(call.args) == 1 else None
    if len(call.args) != 2 or call.args[1].star:
        return None
    return [module.replace(call, f"{variable}.assign({module.text(call.args[1].value)})")]
