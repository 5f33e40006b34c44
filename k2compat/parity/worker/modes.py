"""The three kinds of side: graph mode, k2compat, and an interpreter with the real Keras 2."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from k2compat.parity.worker.recorder import Recorder
from k2compat.parity.worker.update_order import compute_before_updating

# What put TensorFlow 2 into graph mode.
SWITCHES = ("disable_eager_execution", "disable_v2_behavior", "disable_resource_variables", "disable_tensor_equality")


def graph(recorder: Recorder, keras: str) -> Any:
    """Graph mode of this TensorFlow, with Keras 2 as it was.

    Returns:
        The Keras.
    """
    import tensorflow as tf

    tf.compat.v1.disable_eager_execution()
    # Else a loop's gradient cannot be built any more once its graph has been run.
    tf.compat.v1.experimental.output_all_intermediates(True)
    package = importlib.import_module(keras)
    from k2compat.imports import served
    from k2compat.parity.worker import keras2_defaults

    served.serve_old_modules(keras)
    served.serve(keras)
    keras2_defaults.as_it_was(package)
    order_updates(package, tf)
    lend_names(tf, lambda name: None)
    return package


def order_updates(keras: Any, tf: Any) -> None:
    """Take chance out of the functions of graph mode."""
    backend = keras.backend
    compute_before_updating(type(backend.function([], [backend.constant(0.0)])), tf)


def k2compat(recorder: Recorder, keras: str) -> Any:
    """This package, on the Keras of that name."""
    import tensorflow as tf

    package = importlib.import_module(keras)
    backend = importlib.import_module("k2compat.backend")
    from k2compat.imports import served

    served.serve(keras)
    served.serve_backend(backend)

    def tell(name: str) -> None:
        recorder.note(f"tf.{name} is taken from tf.compat.v1: TensorFlow 2 has no such name")

    lend_names(tf, tell)
    for owner in (tf.compat.v1, importlib.import_module("tensorflow.compat.v1")):
        for name in SWITCHES:
            setattr(owner, name, lambda name=name: recorder.note(f"{name}() left out: k2compat runs eagerly"))
    return package


def legacy(recorder: Recorder, keras: str) -> Any:
    """Return the real Keras 2: everything stays, and ``k2compat.backend`` is its backend."""
    package = importlib.import_module(keras)
    of_tensorflow = importlib.import_module(keras + ".backend.tensorflow_backend")
    sys.modules["k2compat"].backend = package.backend  # type: ignore[attr-defined]
    sys.modules["k2compat.backend"] = package.backend
    sys.modules["k2compat.backend.tensorflow_backend"] = of_tensorflow
    order_updates(package, sys.modules["tensorflow"])
    return package


def lend_names(tf: Any, tell: Any) -> None:
    """Give TensorFlow 2 the names that only TensorFlow 1 had: ``tf.Session``, ``tf.placeholder``, ``tf.log``.

    Args:
        tf: TensorFlow.
        tell: called with each name when it is used for the first time.
    """
    told = set()

    def __getattr__(name: str) -> Any:
        if name.startswith("__") or not hasattr(tf.compat.v1, name):
            raise AttributeError(f"module 'tensorflow' has no attribute {name!r}")
        if name not in told:
            told.add(name)
            tell(name)
        return getattr(tf.compat.v1, name)

    tf.__getattr__ = __getattr__


KINDS = {"graph": graph, "k2compat": k2compat, "legacy": legacy}
