"""Repairs of the arguments that layers of Keras 3 are made with."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import keras

from k2compat.repair.shared.arguments import NUMPY_INTEGERS, with_python_numbers
from k2compat.repair.table import Repair


def repairs() -> list[Repair]:
    """The repairs of what is given to the layers themselves."""
    return [
        Repair(
            "numpy_integers",
            NUMPY_INTEGERS + "Keras 3 refuses units and filters that are no int, and cannot save others.",
            [(kind, "__init__", with_python_numbers(kind.__init__)) for kind in own_layers()],
        ),
        Repair(
            "lambda_output_shape",
            "Lambda(f, output_shape=[3]) takes a list for a shape; Keras 3 fails on it.",
            [(keras.layers.Lambda, "compute_output_shape", with_tuple(keras.layers.Lambda.compute_output_shape))],
        ),
    ]


def own_layers() -> Iterator[Any]:
    """Keras's own classes of layers that have an ``__init__`` themselves."""
    kinds = {value for value in vars(keras.layers).values() if isinstance(value, type)}
    layers = (kind for kind in kinds if issubclass(kind, keras.Layer) and kind is not keras.Layer)
    with_bases = {base for kind in layers for base in kind.__mro__ if issubclass(base, keras.Layer)}
    yield from sorted(
        (kind for kind in with_bases - {keras.Layer} if "__init__" in vars(kind)), key=lambda it: it.__name__
    )


def with_tuple(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Lambda.compute_output_shape`` where the shape was given as a list."""

    @functools.wraps(original)
    def compute_output_shape(self: Any, input_shape: Any) -> Any:
        given = self._output_shape
        if isinstance(given, list) and all(size is None or isinstance(size, int) for size in given):
            return (keras.tree.flatten(input_shape)[0], *given)
        return original(self, input_shape)

    return compute_output_shape
