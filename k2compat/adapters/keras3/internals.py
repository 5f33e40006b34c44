"""The private names of Keras 3 that the package relies on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from k2compat import attributes


def tf_variable(variable: keras.Variable) -> tf.Variable:
    """Return the TensorFlow variable in a Keras one, whatever scope is active."""
    return variable._value


def single(tensors: Any) -> Any:
    """Return the tensor of a list of one."""
    return tensors[0] if isinstance(tensors, (list, tuple)) and len(tensors) == 1 else tensors


def unhook(tensor: keras.KerasTensor) -> None:
    """Take a tensor's node off the operations it uses: else everything built on a model would live as long as the
    model.
    """
    history = tensor._keras_history
    node = history.operation._inbound_nodes[history.node_index]
    for parent in node.arguments.keras_tensors:
        operation = parent._keras_history.operation
        if operation is not None and operation._outbound_nodes and operation._outbound_nodes[-1] is node:
            operation._outbound_nodes.pop()


def is_plain(layer: keras.Layer) -> bool:
    """Return whether a layer is Keras's own, so that gradients pass between its float inputs and outputs."""
    return type(layer).__module__.startswith("keras.") and not isinstance(layer, keras.layers.Lambda)


def takes_training(operation: Any) -> bool:
    """Return whether a layer's ``call`` has a ``training`` argument."""
    return bool(getattr(operation, "_call_has_training_arg", False))


@contextlib.contextmanager
def outside_stateless_scope() -> Iterator[None]:
    """While it is open, variables can be made where Keras infers shapes or runs with given values of weights."""
    state = keras.src.backend.common.global_state
    scope = state.get_global_attribute("stateless_scope")
    state.set_global_attribute("stateless_scope", None)
    try:
        yield
    finally:
        state.set_global_attribute("stateless_scope", scope)


def weight_around(variable: tf.Variable, name: str) -> Any:
    """Return a weight that keeps its value in a variable that there is; of strings there are none, so the variable."""
    if variable.dtype == tf.string:
        return variable
    with outside_stateless_scope():
        last = name.rpartition("/")[2].partition(":")[0]
        made = keras.Variable(variable, dtype=variable.dtype.name, trainable=variable.trainable, name=last)
    made._value = variable
    setattr(made, attributes.NAME, name)
    return made


def writes_legacy_file() -> bool:
    """Return whether a configuration is asked for by what writes an ``.h5`` file."""
    return bool(keras.src.backend.common.global_state.get_global_attribute("use_legacy_config", False))


def scoped_objects() -> dict[str, Any]:
    """Return the objects of a program that are known by names in the scope that is open."""
    state = keras.src.backend.common.global_state
    return dict(state.get_global_attribute("custom_objects_scope_dict", {}))


def call_context() -> Any:
    """Keras's record of the call going on in this thread, None outside of one."""
    return keras.src.backend.common.global_state.get_global_attribute("current_call_ctx")


def being_called() -> bool:
    """Return whether a layer or model is being called in this thread."""
    return call_context() is not None


def calling_phase() -> int | None:
    """Return the ``training`` value of the Keras call going on in this thread, None outside of one."""
    context = call_context()
    return None if context is None else int(bool(getattr(context, "training", None)))
