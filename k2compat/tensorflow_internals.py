"""The private names of TensorFlow that the package uses, and what stands in for one that has moved."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import execute as eager_execution
from tensorflow.python.eager.context import eager_mode
from tensorflow.python.framework import ops

# Semi-public: other packages of TensorFlow's own use them by these names.
EagerTensor: Any = tf.__internal__.EagerTensor
TensorType: Any = tf.__internal__.types.Tensor
FuncGraph: Any = tf.__internal__.FuncGraph
GlobalOpDispatcher: Any = tf.__internal__.dispatch.GlobalOpDispatcher
autograph: Any = tf.__internal__.autograph

# The gradient that TensorFlow's registry has for an operation; a ``LookupError`` where it has none.
registered_gradient = ops.get_gradient_function
# What completes each operation of a graph: a method that repairs wrap.
COMPLETES_OPERATION = "_create_op_helper"
# The modules between a call of ``tf.Variable`` and what makes it; others of TensorFlow make variables of their own.
CONSTRUCTING = ("tensorflow.python.ops.variable", "tensorflow.python.util.")

try:  # the shortest way to a compiled function
    from tensorflow.python.eager.context import context as eager_context
    from tensorflow.python.eager.execute import quick_execute
except ImportError:  # moved: functions are called the public way
    eager_context = quick_execute = None

try:  # whether oneDNN computes: of the processor, the build and ``TF_ENABLE_ONEDNN_OPTS``
    from tensorflow.python.util._pywrap_util_port import IsMklEnabled as uses_onednn
except ImportError:  # moved

    def uses_onednn() -> bool:
        """Return whether oneDNN computes; unknown without TensorFlow's own answer, so True."""
        return True


try:  # tapes
    from tensorflow.python.eager.record import could_possibly_record as taped
    from tensorflow.python.eager.record import record_operation
except ImportError:  # moved
    record_operation = None

    def taped() -> bool:
        """Return whether a ``tf.GradientTape`` is recording; unknown without TensorFlow's own answer, so False."""
        return False


def is_initialized() -> bool:
    """Return whether TensorFlow has started the threads it computes with; where it does not tell, True."""
    return eager_context is None or bool(getattr(eager_context(), "_initialized", True))


def set_attribute(operation: Any, name: str, value: Any) -> None:
    """Write an attribute on an operation of a graph that has been made already."""
    operation._set_attr(name, value)


@contextlib.contextmanager
def converting() -> Iterator[Callable[[Any], Any]]:
    """While it is open, layers let AutoGraph convert what a program wrote; gives what converts a function."""
    now = autograph.control_status_ctx()
    enabled = type(now)(type(now.status).ENABLED) if not tf.executing_eagerly() else now
    with enabled:
        yield lambda function: autograph.tf_convert(function, enabled)


@contextlib.contextmanager
def outside_functions() -> Iterator[None]:
    """While it is open, variables are made eagerly, also where a function is traced that must not make any.

    In the scope of a distribution strategy they are made as the strategy makes them.
    """
    if tf.distribute.has_strategy():
        yield
        return
    graph: Any = tf.compat.v1.get_default_graph()
    creators = graph._variable_creator_stack
    graph._variable_creator_stack = []
    try:
        with tf.init_scope():
            yield
    finally:
        graph._variable_creator_stack = creators


def in_function() -> bool:
    """Return whether a function of an eager program is traced, also where its graph has been left for a while."""
    return isinstance(tf.compat.v1.get_default_graph(), FuncGraph)


@contextlib.contextmanager
def eagerly() -> Iterator[None]:
    """While it is open, execution is eager, also where a graph of the program's own is the default one."""
    with eager_mode():
        yield


def in_own_graph() -> bool:
    """Return whether a graph that a program made is the default one, and no function is traced."""
    return not tf.executing_eagerly() and not in_function()


def attributes_of_calls(options: Any) -> dict[str, Any]:
    """Return the attributes of a call of a compiled function, where TensorFlow is to keep NaN through ``relu``.

    Args:
        options: ``function_call_options`` of the eager context.
    """
    attributes: dict[str, Any] = options.as_attrs()
    return {**attributes, "config_proto": unfused(attributes["config_proto"])}


@contextlib.contextmanager
def keeping_nan() -> Iterator[None]:
    """While it is open, this thread calls compiled functions so that NaN is kept through ``relu``."""
    if eager_context is None:
        yield
        return
    context = eager_context()
    options = context.function_call_options
    config = unfused(options.as_attrs()["config_proto"])
    context.function_call_options = type(options)(options.executor_type, tf.compat.v1.ConfigProto.FromString(config))
    try:
        yield
    finally:
        context.function_call_options = options


@functools.lru_cache(maxsize=16)
def unfused(config: bytes) -> bytes:
    """Return a configuration in which the graph optimizer puts no two operations into one kernel, where that loses NaN.

    What oneDNN has for a convolution or product with ``relu`` behind it gives 0 for NaN. Without oneDNN, with a GPU, or
    where the program has turned ``remapping`` on, all stays as it is.
    """
    proto = tf.compat.v1.ConfigProto.FromString(config)
    rewriting = proto.graph_options.rewrite_options
    if rewriting.remapping == rewriting.DEFAULT and uses_onednn() and not tf.config.list_physical_devices("GPU"):
        rewriting.remapping = rewriting.OFF
    return proto.SerializeToString(deterministic=True)


def name_of_function(concrete: Any) -> bytes | None:
    """Return the name by which the runtime knows a concrete function, None where it does not tell."""
    return getattr(getattr(concrete, "_inference_function", None), "name", None)


__all__ = [
    "COMPLETES_OPERATION",
    "CONSTRUCTING",
    "EagerTensor",
    "FuncGraph",
    "GlobalOpDispatcher",
    "TensorType",
    "attributes_of_calls",
    "autograph",
    "converting",
    "eager_context",
    "eagerly",
    "eager_execution",
    "in_function",
    "in_own_graph",
    "is_initialized",
    "keeping_nan",
    "name_of_function",
    "outside_functions",
    "quick_execute",
    "record_operation",
    "registered_gradient",
    "set_attribute",
    "taped",
    "unfused",
    "uses_onednn",
]


def gradient_operations() -> list[tuple[Any, str]]:
    """Return the functions of TensorFlow's own modules that make gradient operations: pairs (module, name)."""
    try:
        from tensorflow.python.ops import gen_math_ops, gen_nn_ops
    except ImportError:  # moved
        return []
    places = [(module, name) for module in (gen_nn_ops, gen_math_ops) for name in vars(module)]
    return [(module, name) for module, name in places if name.endswith("_grad") and not name.startswith("_")]
