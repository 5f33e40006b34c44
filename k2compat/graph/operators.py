"""Python's operators on our own symbolic tensors: each is a recorded call of the operator itself."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from k2compat.graph.dispatch import apply
from k2compat.graph.nested import plain_index, rebuild
from k2compat.graph.symbols import Lazy

BINARY = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "truediv": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "pow": operator.pow,
    "matmul": operator.matmul,
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
}
ONE_SIDED = {"lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}
UNARY: dict[str, Callable[..., Any]] = {"neg": operator.neg, "abs": operator.abs, "invert": operator.invert}


def forward(fn: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: apply(fn, (self, other), {})


def reflected(fn: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: apply(fn, (other, self), {})


def unary(fn: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda self: apply(fn, (self,), {})


def indexed(self: Any, key: Any) -> Any:
    return apply(operator.getitem, (self, rebuild(key, plain_index)), {})


def install() -> None:
    """Give ``Lazy`` its operators. ``==`` stays identity, as it was for tensors of TensorFlow 1."""
    for name, fn in BINARY.items():
        setattr(Lazy, f"__{name}__", forward(fn))
        setattr(Lazy, f"__r{name}__", reflected(fn))
    for name, fn in ONE_SIDED.items():
        setattr(Lazy, f"__{name}__", forward(fn))
    for name, negate in UNARY.items():
        setattr(Lazy, f"__{name}__", unary(negate))
    setattr(Lazy, "__getitem__", indexed)  # noqa: B010


install()
