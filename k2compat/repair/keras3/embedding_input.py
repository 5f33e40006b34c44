"""The repair by which a ``Sequential`` that begins with ``Embedding`` is built as its layers are added."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from k2compat import attributes
from k2compat.repair.table import Repair

Embedding, InputLayer, Sequential = keras.layers.Embedding, keras.layers.InputLayer, keras.Sequential


def repairs() -> list[Repair]:
    """Return the repair."""
    return [
        Repair(
            "embedding_input",
            "A Sequential whose first layer is Embedding is built at once: its input has input_length steps, or any "
            "number of them. Keras 3 waits for data, and get_weights, output and summary have nothing to give.",
            [
                (Embedding, "__new__", staticmethod(new_embedding)),
                (Sequential, "_maybe_rebuild", with_input(Sequential._maybe_rebuild)),
                (Sequential, "__call__", called_on_any_rank),
            ],
        )
    ]


def new_embedding(cls: Any, *args: Any, **kwargs: Any) -> Any:
    """``Embedding.__new__`` that keeps the length of the input."""
    made = super(Embedding, cls).__new__(cls, *args, **kwargs)
    vars(made)[attributes.INPUT_LENGTH] = kwargs.get("input_length")
    return made


def with_input(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Sequential._maybe_rebuild`` that puts an input layer before an ``Embedding`` without one.

    A model that cannot be built so (a ``Dense`` behind a ``Flatten`` of any number of steps) waits for its data.
    """

    @functools.wraps(original)
    def _maybe_rebuild(self: Any) -> None:
        first = self._layers[0]
        if isinstance(first, Embedding):
            length = vars(first).get(attributes.INPUT_LENGTH)
            steps = tuple(length) if isinstance(length, (list, tuple)) else (length or None,)
            made = InputLayer(batch_shape=(None, *steps), name=f"{first.name}_input")
            vars(made)[attributes.IMPLIED] = True
            self._layers = [made, *self._layers]
        try:
            original(self)
        except Exception:
            if not is_implied(self):
                raise
            without_input(self)

    return _maybe_rebuild


def is_implied(model: Any) -> bool:
    """Return whether the input layer of a model was put there by the repair."""
    return bool(model._layers) and attributes.IMPLIED in vars(model._layers[0])


def without_input(model: Any) -> None:
    """Let a model wait for its data."""
    model._layers = model._layers[1:]
    model._functional, model.built = None, False


def called_on_any_rank(self: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
    """``Sequential.__call__`` that builds the model for data of another rank than a sequence of numbers."""
    if is_implied(self):
        rank = getattr(getattr(inputs, "shape", None), "rank", None) or len(getattr(inputs, "shape", ()))
        if rank and rank != len(self._layers[0].batch_shape):
            without_input(self)
    return super(Sequential, self).__call__(inputs, *args, **kwargs)
