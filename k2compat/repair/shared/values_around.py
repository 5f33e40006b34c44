"""What functions of layers read from around them: the values of the time when the layer is called."""

from __future__ import annotations

import dis
import functools
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from k2compat import attributes
from k2compat.errors import K2ValueError, three_parts
from k2compat.graph.context import evaluating
from k2compat.graph.nested import leaves
from k2compat.graph.symbols import Lazy
from k2compat.naming.callers import LIBRARIES
from k2compat.repair.table import Around, Repair

# Attributes of layers that hold a function of the program.
HOLDERS = ("function", "activation")
NOT_PROGRAMS = {*LIBRARIES, "numpy", "scipy"}
# What is read as it is when the function runs.
STABLE = (ModuleType, FunctionType, BuiltinFunctionType, type)
WRITES = {"STORE_GLOBAL", "DELETE_GLOBAL", "STORE_DEREF", "DELETE_DEREF"}


class Namespace(dict[str, Any]):
    """The global names that a function reads: some as they were, the others as they are."""

    def __init__(self, live: dict[str, Any], kept: dict[str, Any]):
        super().__init__(kept)
        self.live = live

    def __missing__(self, name: str) -> Any:
        return self.live[name]


def closure_repair(package: Any, symbolic_type: type, being_called: Callable[[], bool]) -> Repair:
    """Return the repair of the functions that layers are given.

    Args:
        package: the Keras of the layers.
        symbolic_type: that of its symbolic tensors.
        being_called: whether a layer or model of it is being called in this thread.
    """

    def around(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
            is_outer = not evaluating() and not being_called() and not isinstance(self, package.Model)
            if is_outer and any(isinstance(leaf, (symbolic_type, Lazy)) for leaf in leaves(args, kwargs)):
                for layer in self._flatten_layers():
                    bind(layer)
            return original(self, *args, **kwargs)

        return __call__

    return Repair(
        "layer_closures",
        "The function of a Lambda or an activation ran once, when its layer was called: in a loop over i, "
        "Lambda(lambda x: x[:, i])(x) took column after column. Keras runs it again when the model runs, and each of "
        "them takes the last i.",
        [(package.layers.Layer, "__call__", Around(around))],
    )


def bind(layer: Any) -> None:
    """Make the functions of a layer read the values around them as they are now, at its first call.

    Raises:
        ValueError: the layer was called before, and a value that a function reads has changed since.
    """
    for name in HOLDERS:
        function = vars(layer).get(name)
        if type(function) is FunctionType and root_of(function) not in NOT_PROGRAMS:
            kept = vars(layer).setdefault(attributes.CLOSURES, {})
            written, made = kept.get(name, (None, None))
            if function is not made:
                made = bound(function, {})
                kept[name], vars(layer)[name] = (function, made), made
            elif made is not written:
                check_same(layer, name, written, made)


def check_same(layer: Any, holder: str, written: FunctionType, made: FunctionType) -> None:
    """Raise if a value around a function of a layer has changed since the layer was first called."""
    before, now = dict(values_around(made)), dict(values_around(written))
    for name in before.keys() & now.keys():
        if differs(before[name], now[name]):
            raise K2ValueError(
                three_parts(
                    f"layer '{layer.name}' called again after a change of '{name}', which its {holder} reads",
                    f"the '{name}' of its first call.",
                    "Make a layer for each value.",
                )
            )


def differs(before: Any, now: Any) -> bool:
    """Return whether a value is another one; functions and modules do not count."""
    if before is now or isinstance(before, STABLE) or isinstance(now, STABLE):
        return False
    plain = (int, float, str, bytes, tuple, list, dict, np.ndarray, np.generic)
    return not (isinstance(before, plain) and isinstance(now, plain) and bool(np.all(before == now)))


def bound(function: FunctionType, made: dict[int, FunctionType]) -> FunctionType:
    """Return a function that reads the values around it as they are now; itself if they cannot change.

    Args:
        function: of the program.
        made: id of a function that led here -> what is made of it.
    """
    if id(function) in made or any(instruction.opname in WRITES for instruction in outer_instructions(function)):
        return made.get(id(function), function)
    free, values = function.__code__.co_freevars, dict(values_around(function))
    kept = {name: value for name, value in values.items() if name not in free and not isinstance(value, STABLE)}
    if not kept and all(isinstance(values.get(name), (ModuleType, BuiltinFunctionType, type)) for name in free):
        return function
    cells = tuple(CellType() for _ in free)
    around = Namespace(function.__globals__, kept)
    copy = made[id(function)] = FunctionType(function.__code__, around, None, function.__defaults__, cells)
    functools.update_wrapper(copy, function)
    del copy.__wrapped__  # type: ignore[attr-defined]
    copy.__kwdefaults__ = function.__kwdefaults__
    for name, cell in zip(free, cells, strict=True):
        if name in values:
            value = values[name]
            own = type(value) is FunctionType and value.__globals__ is function.__globals__
            cell.cell_contents = bound(value, made) if own else value
    return copy


def values_around(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield names that a function reads from around it, with their values; those without a value are left out."""
    for instruction in instructions(function.__code__):
        if instruction.opname == "LOAD_GLOBAL" and instruction.argval in function.__globals__:
            yield instruction.argval, function.__globals__[instruction.argval]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # nothing is bound to it yet
            continue


def outer_instructions(function: FunctionType) -> Iterator[dis.Instruction]:
    """Yield the instructions of a function, and of those in it, that concern names from around it."""
    free = function.__code__.co_freevars
    for instruction in instructions(function.__code__):
        if not instruction.opname.endswith("_DEREF") or instruction.argval in free:
            yield instruction


def instructions(code: CodeType) -> Iterator[dis.Instruction]:
    """Yield the instructions of a function and of the functions in it."""
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from instructions(constant)


def root_of(function: FunctionType) -> str:
    """Return the package that a function comes from."""
    return str(function.__globals__.get("__name__", "")).partition(".")[0]
