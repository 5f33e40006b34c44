"""``keras.utils.generic_utils``: functions as bytes, lists of one, arguments of functions."""

from __future__ import annotations

import binascii
import codecs
import collections
import inspect
import marshal
import types
from collections.abc import Callable, Mapping
from typing import Any

ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")


def func_dump(func: Any) -> tuple[str, Any, Any]:
    """Return the code, default arguments and closure of a function."""
    code = codecs.encode(marshal.dumps(func.__code__), "base64").decode("ascii")
    closure = tuple(cell.cell_contents for cell in func.__closure__) if func.__closure__ else None
    return code, func.__defaults__, closure


def func_load(code: Any, defaults: Any = None, closure: Any = None, globs: dict[str, Any] | None = None) -> Any:
    """Return the function that ``func_dump`` of the same Python has stored."""
    if isinstance(code, (tuple, list)):
        code, defaults, closure = code
        defaults = tuple(defaults) if isinstance(defaults, list) else defaults
    if closure is not None:
        closure = tuple(value if isinstance(value, types.CellType) else types.CellType(value) for value in closure)
    try:
        loaded = marshal.loads(codecs.decode(code.encode("ascii"), "base64"))
    except (UnicodeEncodeError, binascii.Error, ValueError):  # as it was written before 2.1.2
        loaded = marshal.loads(code.encode("raw_unicode_escape"))
    return types.FunctionType(loaded, globals() if globs is None else globs, loaded.co_name, defaults, closure)


def getargspec(fn: Callable[..., Any]) -> ArgSpec:
    """Return the arguments of a function as Python 2 gave them."""
    found = inspect.getfullargspec(fn)
    return ArgSpec(found.args, found.varargs, found.varkw, found.defaults)


def has_arg(fn: Callable[..., Any], name: str, accept_all: bool = False) -> bool:
    """Return whether a function takes a keyword argument of a name; or any, where ``accept_all`` is set."""
    parameters = inspect.signature(fn).parameters
    if name in parameters:
        return parameters[name].kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return accept_all and any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())


def to_list(x: Any, allow_tuple: bool = False) -> list[Any]:
    """Return a list as it is, and anything else as a list of one."""
    if isinstance(x, list):
        return x
    return list(x) if allow_tuple and isinstance(x, tuple) else [x]


def unpack_singleton(x: Any) -> Any:
    """Return what is in a list of one, and anything else as it is."""
    return x[0] if len(x) == 1 else x


def object_list_uid(object_list: Any) -> str:
    """Return the identities of objects as a string."""
    return ", ".join(str(abs(id(item))) for item in to_list(object_list))


def is_all_none(iterable_or_element: Any) -> bool:
    """Return whether there is None and nothing else."""
    return all(element is None for element in to_list(iterable_or_element, allow_tuple=True))


def slice_arrays(arrays: Any, start: Any = None, stop: Any = None) -> Any:
    """Return a slice of an array, or of each in a list; ``start`` may be indices instead."""
    if arrays is None:
        return [None]
    if isinstance(start, list) and stop is not None:
        raise ValueError("The stop argument has to be None if the value of start is a list.")
    if not isinstance(arrays, list):
        return cut(arrays, start, stop) if hasattr(start, "__len__") or hasattr(start, "__getitem__") else [None]
    return [cut(array, start, stop) for array in arrays]


def cut(array: Any, start: Any, stop: Any) -> Any:
    """Return a slice of an array, or its rows of some indices."""
    if array is None:
        return None
    if hasattr(start, "__len__"):
        return array[start.tolist() if hasattr(start, "shape") else start]
    return array[start:stop]


def transpose_shape(shape: Any, target_format: str, spatial_axes: Any) -> Any:
    """Return a shape with the channels behind as one of a data format."""
    if target_format == "channels_first":
        found = (*shape[: spatial_axes[0]], shape[-1], *(shape[axis] for axis in spatial_axes))
        return list(found) if isinstance(shape, list) else found
    if target_format == "channels_last":
        return shape
    raise ValueError(
        'The `data_format` argument must be one of "channels_first", "channels_last". Received: ' + str(target_format)
    )


def check_for_unexpected_keys(name: str, input_dict: Mapping[str, Any], expected_values: Any) -> None:
    """Refuse a dict with other keys than those expected.

    Raises:
        ValueError: there is one.
    """
    unknown = set(input_dict).difference(expected_values)
    if unknown:
        raise ValueError(
            f"Unknown entries in {name} dictionary: {list(unknown)}. Only expected following keys: {expected_values}"
        )
