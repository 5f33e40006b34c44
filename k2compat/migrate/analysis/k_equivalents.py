"""The native equivalents of calls of K functions: of one name, and those that are written out.

Their edits touch what is around the arguments only, so that calls within each other can be rewritten at once.
"""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from k2compat.migrate.analysis.eager_functions import EagerFunctions
from k2compat.migrate.analysis.k_calls import NoEquivalent, as_equivalent, k_name, spelled
from k2compat.migrate.analysis.keras_objects import created_by
from k2compat.migrate.syntax.edits import Edit
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.statements import defined_above
from k2compat.tables.spellings import SETTINGS, TENSORFLOW, TWINS

# Functions whose results are not negative, so that a root of them needs no care.
NOT_NEGATIVE = frozenset(["abs", "square", "exp", "sigmoid", "softmax", "relu", "softplus", "var", "std"])
NUMBER = "0"
ELEMENTWISE = frozenset("abs square sqrt exp log sign round sigmoid tanh zeros_like ones_like stop_gradient".split())  # noqa: SIM905
COMPARISONS = frozenset(["equal", "not_equal", "greater", "greater_equal", "less", "less_equal"])
ATOMS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)  # which need no parentheses before a dot
# What keeps the sign of its first argument.
KEEPS_SIGN = frozenset(["sum", "mean", "max", "min", "prod", "cumsum", "reshape", "flatten", "expand_dims", "cast"])


def equivalent(module: Module, call: cst.Call, name: str, *, with_values: bool = False) -> list[Edit]:
    """Return the edits that make the call of a K function native.

    Args:
        module: where the call is.
        call: of the K function.
        name: its name.
        with_values: whether its tensors surely have a value; functions of TensorFlow are taken then.

    Raises:
        NoEquivalent: it has no equivalent that gives the same numbers.
    """
    if name in SETTINGS:
        return as_equivalent(module, call, SETTINGS[name])
    if with_values and name in TENSORFLOW:
        try:
            _check_types(module, call, name)
            return as_equivalent(module, call, TENSORFLOW[name])
        except NoEquivalent:
            pass  # keras.ops may take these arguments
    if name in WRITTEN:
        return WRITTEN[name](module, call, with_values)
    if name not in TWINS:
        raise NoEquivalent("it has no spelling of one call")
    _check_numbers(module, call, name)
    return as_equivalent(module, call, TWINS[name])


def _check_types(module: Module, call: cst.Call, name: str) -> None:
    """Make sure that TensorFlow takes what is known of the arguments."""
    first = call.args[0].value if call.args else None
    reduces = name in ("mean", "sum", "max", "min", "prod", "std", "var")
    if reduces and isinstance(first, cst.Call) and _op(module, first) in COMPARISONS:
        raise NoEquivalent("TensorFlow reduces no truth values")
    _check_numbers(module, call, "" if name == "mean" else name)


def _check_numbers(module: Module, call: cst.Call, name: str) -> None:
    """Make sure that the equivalent gives the same numbers for what is known of the arguments."""
    values = [argument.value for argument in call.args]
    texts = [module.text(value) for value in values]
    if name == "clip" and ("None" in texts or _is_empty_interval(texts)):
        raise NoEquivalent("keras.ops.clip wants two bounds, the lower one first")
    if name == "stop_gradient" and isinstance(values[0], cst.List | cst.Tuple):
        raise NoEquivalent("keras.ops.stop_gradient takes one tensor")
    if name == "mean" and isinstance(values[0], cst.Call) and _is_integer(module, values[0]):
        raise NoEquivalent("of integers, K.mean gives an integer, and keras.ops.mean does not")
    if name == "cast" and "int" in texts[1:]:
        raise NoEquivalent("as an integer type, TensorFlow and keras.ops take `int` for different ones")
    if name.startswith("conv") and any("causal" in text for text in texts):
        raise NoEquivalent("keras.ops.conv has no causal padding")
    if name.startswith(("random", "truncated")) and "set_floatx" in module.source:
        raise NoEquivalent("the float type is set in this file, and TensorFlow does not know of it")


def _is_empty_interval(texts: list[str]) -> bool:
    try:
        return float(texts[2]) < float(texts[1])
    except (ValueError, IndexError):
        return False


def _is_integer(module: Module, call: cst.Call) -> bool:
    name = _op(module, call)
    return name in ("argmax", "argmin", "shape") or (name == "cast" and "int" in module.text(call.args[-1]))


def _op(module: Module, call: cst.Call) -> str:
    """Return the name of a K function or of one of ``keras.ops`` that is called."""
    return k_name(module, call.func) or (module.refers_to(call.func) or "").removeprefix("keras.ops.")


# Those that become more than another name.


def _sqrt(module: Module, call: cst.Call, with_values: bool) -> list[Edit]:
    if len(call.args) != 1:
        raise NoEquivalent("it has other arguments")
    package = "tf" if with_values else "keras.ops"
    name, imports = spelled(module, f"{package}.sqrt", call)
    edits = [module.replace(call.func, name), *imports]
    value = call.args[0].value
    if _not_negative(module, value):
        return edits
    maximum, _ = spelled(module, f"{package}.maximum", call)
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


def _hard_sigmoid(module: Module, call: cst.Call, with_values: bool) -> list[Edit]:
    name, imports = spelled(module, "keras.ops.clip", call)
    argument = _only(call)
    atom = isinstance(argument, ATOMS) or bool(getattr(argument, "lpar", ()))
    return _around(module, call, f"{name}(0.2 * " + "(" * (not atom), ")" * (not atom) + " + 0.5, 0.0, 1.0)") + imports


def _repeat(module: Module, call: cst.Call, with_values: bool) -> list[Edit]:
    if len(call.args) != 2 or call.args[0].keyword or call.args[1].keyword not in (None,):
        raise NoEquivalent("its arguments are given by name")
    repeat, imports = spelled(module, "keras.ops.repeat", call)
    expand, _ = spelled(module, "keras.ops.expand_dims", call)
    after, end = module.whole(call.args[0].value)[1], module.whole(call.args[1].value)[1]
    written = [Edit(after, after, ", 1)"), Edit(end, end, ", axis=1")]
    return [module.replace(call.func, f"{repeat}({expand}"), *written, *imports]


def _batch_flatten(module: Module, call: cst.Call, with_values: bool) -> list[Edit]:
    argument = _only(call)
    package = "tf" if with_values else "keras.ops"
    reshape, imports = spelled(module, f"{package}.reshape", call)
    if isinstance(argument, cst.Name | cst.Attribute):
        shape, _ = spelled(module, f"{package}.shape", call)
        return _around(module, call, f"{reshape}(", f", ({shape}({module.text(argument)})[0], -1))") + imports
    flatten, imports = spelled(module, "keras.layers.Flatten", call)
    return _around(module, call, f"{flatten}()(", ")") + imports


def _dot(module: Module, call: cst.Call, with_values: bool) -> list[Edit]:
    if with_values and len(call.args) == 2 and all(_is_matrix(module, argument.value) for argument in call.args):
        return as_equivalent(module, call, "tf.matmul x>a y>b")
    return as_equivalent(module, call, TWINS["dot"])


def _is_matrix(module: Module, node: cst.BaseExpression, deep: int = 4) -> bool:
    if isinstance(node, cst.Call):
        name = _op(module, node)
        return name == "batch_flatten" or (name == "transpose" and _is_matrix(module, node.args[0].value, deep))
    values = created_by(module, node) if isinstance(node, cst.Name) and deep else None
    return bool(values) and all(_is_matrix(module, value, deep - 1) for value in values or ())


def _shape_of(module: Module, call: cst.Call, with_values: bool) -> list[Edit]:
    above = module.parent(call)
    is_item = isinstance(above, cst.Subscript) and above.value is call
    if is_item and isinstance(above.slice[0].slice, cst.Index):  # type: ignore[union-attr]
        return _around(module, call, *_before_a_dot(module, call, ".shape"))
    return _around(module, call, *_before_a_dot(module, call, ".shape)", "tuple("))


def _ndim(module: Module, call: cst.Call, with_values: bool) -> list[Edit]:
    return _around(module, call, *_before_a_dot(module, call, ".shape)", "len("))


def _before_a_dot(module: Module, call: cst.Call, behind: str, before: str = "") -> tuple[str, str]:
    atom = isinstance(_only(call), ATOMS)
    return before + "(" * (not atom), ")" * (not atom) + behind


def _only(call: cst.Call) -> cst.BaseExpression:
    if len(call.args) != 1 or call.args[0].star or call.args[0].keyword is not None:
        raise NoEquivalent("it has other arguments")
    return call.args[0].value


def _around(module: Module, call: cst.Call, before: str, behind: str) -> list[Edit]:
    """Write something in the place of what is around the only argument of a call."""
    start, end = module.span(call)
    first, last = module.whole(_only(call))
    return [Edit(start, first, before), Edit(last, end, behind)]


def _constant(module: Module, call: cst.Call, with_values: bool) -> list[Edit]:
    """``K.constant`` has the default float type, whatever it is given."""
    names = [argument.keyword.value for argument in call.args if argument.keyword is not None]
    if len(call.args) - len(names) != 1 or set(names) - {"dtype", "shape"}:
        raise NoEquivalent("it has other arguments")
    edits = as_equivalent(module, call, "tf.constant value dtype shape")
    if "dtype" not in names:
        is_float32 = with_values and "set_floatx" not in module.source
        name, imports = spelled(module, "tf.float32" if is_float32 else "keras.config.floatx", call)
        end = module.span(call.args[-1])[1]
        edits += [Edit(end, end, f", dtype={name}{'' if is_float32 else '()'}"), *imports]
    return edits


def _dtype(module: Module, call: cst.Call, with_values: bool) -> list[Edit]:
    above = module.parent(call)
    whole = module.parent(above) if isinstance(above, cst.Arg) else None
    if not isinstance(whole, cst.Call) or _op(module, whole) not in ("cast", "zeros_like", "ones_like"):
        raise NoEquivalent("it gives a text, and `.dtype` does not")
    return _around(module, call, *_before_a_dot(module, call, ".dtype"))


def constant_of(module: Module, functions: EagerFunctions, call: cst.Call) -> list[Edit]:
    """Return the edits that make a variable a constant, if it is only read, where tensors have a value.

    Raises:
        NoEquivalent: it may be changed, or something else is done with it.
    """
    assign = module.parent(call)
    target = assign.targets[0].target if isinstance(assign, cst.Assign) and len(assign.targets) == 1 else None
    if not isinstance(target, cst.Name) or len(call.args) != 1:
        raise NoEquivalent("it has no spelling of one call")
    reads = [read for read in functions.reads(target) if any(b.node is target for b in functions.reaching(read))]
    inside = [read for read in reads if functions.around(read)]
    changed = [read for read in reads if isinstance(module.parent(read), cst.Attribute | cst.Arg)]
    if not inside or len(inside) != len(reads) or changed:
        raise NoEquivalent("it has no spelling of one call")
    constant, imports = spelled(module, "tf.constant", call)
    floatx, more = spelled(module, "keras.config.floatx", call)
    end = module.whole(call.args[0].value)[1]
    return [module.replace(call.func, constant), Edit(end, end, f", dtype={floatx}()"), *imports, *more]


CTC = ("y_true", "y_pred", "input_length", "label_length")


def ctc_function(module: Module, node: cst.CSTNode) -> list[Edit]:
    """Return the edits that define the cost of CTC as a function of the module, and name that."""
    if "def ctc_batch_cost(" in module.source:
        raise NoEquivalent("a function of this name is there")
    unit = module.tree.default_indent
    lines, imports = _ctc_lines(module, node, *CTC)
    body = [f"def ctc_batch_cost({', '.join(CTC)}):", f"{unit}return {lines[0]}", *(unit + line for line in lines[1:])]
    return [module.replace(node, "ctc_batch_cost"), defined_above(module, node, "\n".join(body)), *imports]


def _ctc_batch_cost(module: Module, call: cst.Call, with_values: bool) -> list[Edit]:
    given = [module.argument(call, name, number) for number, name in enumerate(CTC)]
    values = [argument.value for argument in given if argument is not None]
    if len(values) != len(CTC) or not all(isinstance(value, cst.Name) for value in values):
        raise NoEquivalent("its arguments are no names")
    lines, imports = _ctc_lines(module, call, *map(module.text, values))
    text = (module.newline + module.indentation(call)).join(lines)
    return [module.replace(call, text), *imports]


def _ctc_lines(
    module: Module, at: cst.CSTNode, labels: str, output: str, output_length: str, label_length: str
) -> tuple[list[str], list[Edit]]:
    ops, imports = spelled(module, "keras.ops", at)
    epsilon, _ = spelled(module, "keras.config.epsilon", at)
    lines = [
        f"{ops}.expand_dims(",
        f"    {ops}.ctc_loss(",
        f'        {ops}.cast({labels}, "int32"),',
        f"        {ops}.log({output} + {epsilon}()),",
        f'        {ops}.cast({ops}.squeeze({label_length}, axis=-1), "int32"),',
        f'        {ops}.cast({ops}.squeeze({output_length}, axis=-1), "int32"),',
        f"        mask_index={output}.shape[-1] - 1,",
        "    ),",
        "    axis=-1,",
        ")",
    ]
    return lines, imports


def _elements_of(module: Module, node: cst.BaseExpression, deep: int = 6) -> str:
    """Return the name of the tensor that an expression is computed from, element by element; "" for any other."""
    if isinstance(node, cst.Float | cst.Integer) or not deep:
        return NUMBER if deep else ""
    if isinstance(node, cst.Name):
        values = created_by(module, node) or []
        inner = _elements_of(module, values[0], deep - 1) if len(values) == 1 and values[0] is not node else ""
        return inner or node.value
    parts: list[cst.BaseExpression] = []
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
        parts = [node.left, node.comparisons[0].comparator]
    elif isinstance(node, cst.BinaryOperation):
        parts = [node.left, node.right]
    elif isinstance(node, cst.UnaryOperation):
        parts = [node.expression]
    elif isinstance(node, cst.Call) and _op(module, node) in ELEMENTWISE and len(node.args) == 1:
        parts = [node.args[0].value]
    found = {_elements_of(module, part, deep - 1) for part in parts} - {NUMBER}
    scalars = {name for name in found if name in _numbers_of(module, node)}
    found -= scalars
    return found.pop() if len(found) == 1 else ""


def _numbers_of(module: Module, node: cst.CSTNode) -> set[str]:
    """Return the parameters around a node whose default is a number."""
    functions = [part for part in module.above(node) if isinstance(part, cst.FunctionDef)]
    params = [param for function in functions for param in function.params.params]
    return {param.name.value for param in params if isinstance(param.default, cst.Float | cst.Integer)}


def _switch(module: Module, call: cst.Call, with_values: bool) -> list[Edit]:
    """``K.switch(x > 0, x, y)`` chooses by element."""
    values = [argument.value for argument in call.args if argument.keyword is None and not argument.star]
    tensors = [_elements_of(module, value) for value in values]
    if len(values) != len(call.args) or len(values) != 3 or not tensors[0] or tensors[0] not in tensors[1:]:
        raise NoEquivalent("whether it chooses by element is not known")
    where, imports = spelled(module, "tf.where" if with_values else "keras.ops.where", call)
    return [module.replace(call.func, where), *imports]


WRITTEN: dict[str, Callable[[Module, cst.Call, bool], list[Edit]]] = {
    "batch_flatten": _batch_flatten,
    "constant": _constant,
    "ctc_batch_cost": _ctc_batch_cost,
    "dot": _dot,
    "dtype": _dtype,
    "get_variable_shape": _shape_of,
    "hard_sigmoid": _hard_sigmoid,
    "int_shape": _shape_of,
    "ndim": _ndim,
    "repeat": _repeat,
    "sqrt": _sqrt,
    "switch": _switch,
}
