"""Python syntax for what recorded calls are made of: functions by their public names, arrays, dtypes, indices."""

from __future__ import annotations

import ast
import functools
import inspect
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.adapters.registry import adapter

LONGEST_LITERAL = 16  # elements of an array that is written out; longer ones become parameters

BINARY: dict[Any, type[ast.operator]] = {
    operator.add: ast.Add,
    operator.sub: ast.Sub,
    operator.mul: ast.Mult,
    operator.truediv: ast.Div,
    operator.floordiv: ast.FloorDiv,
    operator.mod: ast.Mod,
    operator.pow: ast.Pow,
    operator.matmul: ast.MatMult,
    operator.and_: ast.BitAnd,
    operator.or_: ast.BitOr,
    operator.xor: ast.BitXor,
}
COMPARISONS: dict[Any, type[ast.cmpop]] = {
    operator.lt: ast.Lt,
    operator.le: ast.LtE,
    operator.gt: ast.Gt,
    operator.ge: ast.GtE,
}
UNARY: dict[Any, type[ast.unaryop]] = {operator.neg: ast.USub, operator.invert: ast.Invert}
INDEXING = (operator.getitem, tf.__operators__.getitem)
# Operators of Keras 3 -> Python's.
OF_KERAS = {
    "Add": operator.add,
    "Subtract": operator.sub,
    "Multiply": operator.mul,
    "Divide": operator.truediv,
    "TrueDivide": operator.truediv,
    "FloorDivide": operator.floordiv,
    "Mod": operator.mod,
    "Power": operator.pow,
    "Matmul": operator.matmul,
    "Negative": operator.neg,
    "Less": operator.lt,
    "LessEqual": operator.le,
    "Greater": operator.gt,
    "GreaterEqual": operator.ge,
    "GetItem": operator.getitem,
}
# Where public functions are looked for, the preferred spelling first.
TENSORFLOW = [
    "",
    "math",
    "nn",
    "linalg",
    "image",
    "random",
    "signal",
    "sparse",
    "strings",
    "sets",
    "ragged",
    "bitwise",
    "quantization",
    "debugging",
    "compat.v1.nn",
    "compat.v1.image",
    "compat.v1",
    "raw_ops",
]
# What TensorFlow 2 made of functions of TensorFlow 1, which do the work -> the arguments that are gone.
OF_TENSORFLOW_1 = {"shape": "out_type", "cond": "strict", "squeeze": ""}
PREFERRED = {f"tf.compat.v1.{name}": f"tf.{name}" for name in OF_TENSORFLOW_1}
BY_POSITION = {"x", "y"}  # though they have a default: of tf.where
KERAS = ["ops", "losses", "activations", "metrics", "random", "utils"]


def parse(text: str) -> Any:
    """Return the syntax of an expression."""
    return ast.parse(text, mode="eval").body


def called(function: str, *args: ast.expr, **kwargs: ast.expr) -> ast.Call:
    """Return the syntax of a call of a function by its dotted name."""
    return ast.Call(parse(function), list(args), [ast.keyword(name, value) for name, value in kwargs.items()])


def identifier(text: str, otherwise: str = "x") -> str:
    """Return a variable name made from any name."""
    name = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", text)).strip("_").lower()
    return f"{otherwise}_{name}" if name[:1].isdigit() else name or otherwise


@functools.cache
def public_names(kind: str) -> dict[int, str]:
    """Identity of a public function, and of what it is wrapped around, -> its dotted name."""
    found: dict[int, str] = {}
    modules = [("tf", tf, TENSORFLOW), ("keras", adapter().package, KERAS)]
    for prefix, package, parts in modules:
        for part in parts:
            module = functools.reduce(
                lambda inside, name: getattr(inside, name, None), filter(None, part.split(".")), package
            )
            for name in dir(module) if module is not None else ():
                if name[0] != "_" and name not in ("keras", "estimator"):
                    for layer in layers_of(getattr(module, name, None)):
                        found.setdefault(id(layer), ".".join(filter(None, (prefix, part, name))))
    return {identity: PREFERRED.get(name, name) for identity, name in found.items()}


def layers_of(function: Any) -> Iterator[Any]:
    """Yield a function and the ones it is wrapped around."""
    while inspect.isroutine(function):
        yield function
        function = getattr(function, "__wrapped__", None)


def public_name(function: Callable[..., Any]) -> str | None:
    """Return the dotted name of a public function of TensorFlow or Keras; None for any other."""
    return public_names(adapter().kind).get(id(function))


def is_operator(function: Any) -> bool:
    """Return whether Python has a sign for a function."""
    return any(function is known for known in (*BINARY, *COMPARISONS, *UNARY, *INDEXING, operator.abs))


def operation(function: Any, operands: list[ast.expr]) -> ast.expr:
    """Return the syntax of an operator."""
    if function in BINARY:
        return ast.BinOp(operands[0], BINARY[function](), operands[1])
    if function in COMPARISONS:
        return ast.Compare(operands[0], [COMPARISONS[function]()], [operands[1]])
    if function in UNARY:
        return ast.UnaryOp(UNARY[function](), operands[0])
    if function in INDEXING:
        return ast.Subscript(operands[0], operands[1])
    return ast.Call(ast.Name("abs"), operands, [])


def plain_call(
    name: str, function: Callable[..., Any], args: Any, kwargs: Any, write: Callable[[Any], ast.expr]
) -> ast.expr:
    """Return the syntax of a call without the arguments that are the default ones.

    Parameters without a default are given by position, axes and the rest by name.
    """
    try:
        signature = inspect.signature(function)
        bound = signature.bind(*args, **kwargs).arguments
        kinds = {parameter.kind for parameter in signature.parameters.values()}
    except (TypeError, ValueError):
        signature, kinds = None, {inspect.Parameter.VAR_POSITIONAL}
    if signature is None or inspect.Parameter.VAR_POSITIONAL in kinds:
        return called(name, *map(write, args), **{key: write(value) for key, value in kwargs.items()})
    if isinstance(bound.get("dtype"), str):
        bound["dtype"] = tf.as_dtype(bound["dtype"])
    by_position, by_name = [], {}
    for key, value in bound.items():
        parameter = signature.parameters[key]
        if parameter.kind is parameter.VAR_KEYWORD:
            by_name.update({inner: write(given) for inner, given in value.items()})
        elif (
            (parameter.default is parameter.empty or key in BY_POSITION)
            and not by_name
            and key != "axis"
            and "raw_ops" not in name
        ):
            by_position.append(write(value))
        elif (
            key != "name"
            and key != OF_TENSORFLOW_1.get(name.removeprefix("tf."))
            and not is_default(value, parameter.default)
        ):
            by_name[key] = write(value)
    return called(name, *by_position, **by_name)


def is_default(value: Any, default: Any) -> bool:
    """Return whether an argument is the default one."""
    plain = (bool, int, float, str, type(None), tf.DType)
    return value is default or (isinstance(value, plain) and isinstance(default, plain) and bool(value == default))


def index(key: Any, write: Callable[[Any], ast.expr]) -> ast.expr:
    """Return the syntax of an index."""
    if isinstance(key, (tuple, list)):
        return ast.Tuple([index(part, write) for part in key], ast.Load())
    if isinstance(key, slice):
        parts = (None if part is None else write(part) for part in (key.start, key.stop, key.step))
        return ast.Slice(*parts)
    return parse("tf.newaxis") if key is None else write(key)


def dtype_node(dtype: Any) -> ast.expr:
    return parse(f"tf.{tf.as_dtype(dtype).name}")


def number(value: Any) -> ast.expr:
    """Return the syntax of a number or text, in as few digits as its type needs."""
    if isinstance(value, (np.floating, float)):
        value = float(str(value)) if isinstance(value, np.floating) else value
        if not np.isfinite(value):
            return parse(f'float("{value}")')
    elif isinstance(value, np.generic):
        value = value.item()
    negative = isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if negative else ast.Constant(value)


def array_node(array: np.ndarray, beside: set[tf.DType]) -> ast.expr:
    """Return the syntax of a small array; a bare number or list where its dtype follows from the tensors beside it."""
    dtype = tf.as_dtype(array.dtype)
    content = nested(array)
    follows = beside == {dtype} or (not beside and dtype in (tf.float32, tf.bool, tf.string))
    follows |= array.dtype.kind in "iu" and len(beside) == 1  # a number of Python takes the dtype beside it
    if dtype == tf.int32 or (array.ndim == 0 and follows):
        return content
    return called("tf.constant", content) if dtype == tf.float32 else called("tf.constant", content, dtype_node(dtype))


def nested(array: Any) -> ast.expr:
    if np.ndim(array):
        return ast.List([nested(part) for part in array], ast.Load())
    return number(array[()])
