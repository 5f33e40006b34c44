"""Labels of models as Keras 2 fed them: to a placeholder of the default float type, with at least two axes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.repair.table import Around, definer

REASON = (
    "Labels were fed to a float placeholder: arrays of integers and booleans become floats, and those of one axis a "
    "column, so that metric functions written with K work and do not broadcast (n, 1) with (n,)."
)


def as_label(y: Any, floatx: str) -> Any:
    """Return labels as floats, and as a column if they have one axis; what is no tensor or array as it is."""
    if isinstance(y, tf.Tensor):
        y = tf.cast(y, floatx) if y.dtype.is_integer or y.dtype.is_bool else y
        return tf.expand_dims(y, -1) if y.shape.rank == 1 else y
    if tf.is_tensor(y) or not (hasattr(y, "dtype") and hasattr(y, "ndim")):
        return y
    y = np.asarray(y)
    y = y.astype(floatx) if y.dtype.kind in "iub" else y
    return y[:, None] if y.ndim == 1 else y


def labelled(dataset: Any, keras: Any) -> Any:
    """Return a dataset of batches with its labels as Keras 2 fed them."""
    floatx = keras.backend.floatx()

    def item(x: Any, *rest: Any) -> Any:
        return (x, tf.nest.map_structure(lambda y: as_label(y, floatx), rest[0]), *rest[1:]) if rest else x

    spec = dataset.element_spec
    return dataset.map(item) if isinstance(spec, tuple) and len(spec) > 1 else dataset


def of_one_batch(keras: Any) -> list[tuple[Any, str, Any]]:
    """Return the patches of ``train_on_batch`` and ``test_on_batch``."""
    names = ("train_on_batch", "test_on_batch")
    around = Around(lambda original: with_labels(original, keras))
    return [(definer(keras.Model, name), name, around) for name in names]


def with_labels(original: Callable[..., Any], keras: Any) -> Callable[..., Any]:
    """Wrap a method of a model that takes a batch."""

    @functools.wraps(original)
    def on_batch(self: Any, x: Any, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        if y is not None:
            y = tf.nest.map_structure(lambda one: as_label(one, keras.backend.floatx()), y)
        return original(self, x, y, *args, **kwargs)

    return on_batch
