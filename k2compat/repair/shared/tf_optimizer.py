"""The repair that lets either Keras train with an optimizer of TensorFlow 1."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from k2compat.legacy.removed_layers import made
from k2compat.legacy.tf_optimizer import OLD, TFOptimizer
from k2compat.repair.table import Repair


def tf_optimizer(keras: Any) -> Any:
    """Return the class ``TFOptimizer`` for a Keras."""
    return made("TFOptimizer", keras, TFOptimizer, keras.optimizers.Optimizer, {}, place="optimizers")


def tf_optimizer_repair(wrapper: Any, places: list[Any], files: Any) -> Repair:
    """Return the repair.

    Args:
        wrapper: the class that makes an optimizer of Keras of one of TensorFlow 1.
        places: the modules with the function ``get``; Keras itself finds it in the first.
        files: the module that writes models to HDF5 files.
    """
    get, save = getting(places[0].get, wrapper), "save_model_to_hdf5"
    return Repair(
        "tf_optimizers",
        "compile(optimizer=tf.train.AdamOptimizer(0.001)) trained with the steps of TensorFlow's optimizer, as did "
        "keras.optimizers.TFOptimizer around it; now neither is known, or the optimizer is not that of Keras 2.",
        [
            *((place, "TFOptimizer", wrapper) for place in places),
            *((place, "get", get) for place in places),
            (files, save, without_optimizer(getattr(files, save))),
        ],
    )


def getting(original: Callable[..., Any], wrapper: Any) -> Callable[..., Any]:
    """``keras.optimizers.get`` that knows optimizers of TensorFlow 1."""

    @functools.wraps(original)
    def get(identifier: Any, *args: Any, **kwargs: Any) -> Any:
        return wrapper(identifier) if isinstance(identifier, OLD) else original(identifier, *args, **kwargs)

    return get


def without_optimizer(original: Callable[..., Any]) -> Callable[..., Any]:
    """``save_model_to_hdf5`` that leaves an optimizer of TensorFlow 1 out, with the warning of Keras 2."""

    @functools.wraps(original)
    def save_model_to_hdf5(model: Any, filepath: Any, overwrite: bool = True, include_optimizer: bool = True) -> Any:
        if include_optimizer and isinstance(getattr(model, "optimizer", None), TFOptimizer):
            warnings.warn(
                "TensorFlow optimizers do not make it possible to access optimizer attributes or optimizer state after "
                "instantiation. As a result, we cannot save the optimizer as part of the model save file. You will "
                "have to compile your model again after loading it.",
                stacklevel=3,
            )
            include_optimizer = False
        return original(model, filepath, overwrite, include_optimizer)

    return save_model_to_hdf5
