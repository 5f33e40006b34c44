"""Configuration: float type, epsilon, data format, names. All of it is the running Keras's own, so the two stay in
step.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.adapters.registry import adapter
from k2compat.errors import K2ValueError, three_parts
from k2compat.graph.dispatch import apply
from k2compat.graph.symbols import is_symbol, is_variable
from k2compat.naming import numbers, scopes
from k2compat.ops.registry import plain

_uid_lock = threading.Lock()
ORDERINGS = {"tf": "channels_last", "th": "channels_first"}


@plain
def backend() -> str:
    """Name of the backend: always ``"tensorflow"``."""
    return "tensorflow"


@plain
def floatx() -> str:
    """Default float type, as a string such as ``"float32"``."""
    return adapter().config().floatx()


@plain
def set_floatx(floatx: str) -> None:
    """Sets the default float type: ``"float16"``, ``"float32"`` or ``"float64"``.

    Raises:
        ValueError: another type.
    """
    if floatx not in {"float16", "float32", "float64"}:
        raise K2ValueError(
            three_parts(f"K.set_floatx({floatx!r})", "'float16', 'float32' or 'float64'.", "name one of them.")
        )
    adapter().set_floatx(floatx)


@plain
def epsilon() -> float:
    """The fuzz factor, 1e-7 by default."""
    return adapter().config().epsilon()


@plain
def set_epsilon(e: float) -> None:
    """Sets the fuzz factor."""
    adapter().config().set_epsilon(float(e))


@plain
def cast_to_floatx(x: Any) -> Any:
    """An array (or tensor) cast to the default float type."""
    if tf.is_tensor(x) or is_symbol(x) or is_variable(x):
        return apply(tf.cast, (x, floatx()), {})
    return np.asarray(x, dtype=floatx())


@plain
def image_data_format() -> str:
    """``"channels_last"`` or ``"channels_first"``."""
    return adapter().config().image_data_format()


@plain
def set_image_data_format(data_format: str) -> None:
    """Sets the default data format.

    Raises:
        ValueError: neither ``"channels_last"`` nor ``"channels_first"``.
    """
    adapter().config().set_image_data_format(normalize_data_format(data_format))


@plain
def normalize_data_format(value: str | None) -> str:
    """A data format in lower case; None gives the default one.

    Raises:
        ValueError: neither ``"channels_last"`` nor ``"channels_first"``.
    """
    data_format = (image_data_format() if value is None else str(value)).lower()
    if data_format not in {"channels_first", "channels_last"}:
        raise K2ValueError(
            three_parts(f"data_format={value!r}", "'channels_first' or 'channels_last'.", "name one of them.")
        )
    return data_format


@plain
def image_dim_ordering() -> str:
    """Keras 1's name of the data format: ``"tf"`` for channels last, ``"th"`` for channels first."""
    return "th" if image_data_format() == "channels_first" else "tf"


@plain
def set_image_dim_ordering(dim_ordering: str) -> None:
    """Sets the data format by its Keras 1 name, ``"tf"`` or ``"th"``.

    Raises:
        ValueError: another name.
    """
    if dim_ordering not in ORDERINGS:
        raise K2ValueError(
            three_parts(f"K.set_image_dim_ordering({dim_ordering!r})", "'tf' or 'th'.", "name one of them.")
        )
    set_image_data_format(ORDERINGS[dim_ordering])


@plain
def get_uid(prefix: str = "") -> int:
    """The next number for a prefix, from 1; layers without a name count their class (``"Dense"``) by it, too."""
    with _uid_lock:
        return adapter().get_uid(prefix)


@plain
def reset_uids() -> None:
    """Numbers start at 1 again, those in the names of layers, too."""
    with _uid_lock:
        adapter().reset_uids()
        numbers.given.clear()


@plain
def name_scope(name: str) -> Any:
    """A context manager that puts a name before those of the operations made in it."""
    return named_scope(name)


@contextmanager
def named_scope(name: str) -> Iterator[str]:
    with scopes.scope(name) as full, tf.name_scope(name):
        yield f"{full}/"


@plain
def manual_variable_initialization(value: bool) -> None:
    """Accepted and without effect: variables have their values from the start.

    Differs from Keras 2: there the user could defer the initialisation to a session.
    """
