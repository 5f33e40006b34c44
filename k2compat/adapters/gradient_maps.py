"""Which gradients operations get: those that ``gradient_override_map`` named while the operations were made.

A recorded call and a layer's node remember the map under which they were made, and run under it later. What a layer
does when it runs was made with its node: the layers of a nested model get the map of the nested model's call.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from types import MappingProxyType
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.gradient_types import Block, Named, gradient_of, see
from k2compat.errors import EagerMapError, K2TypeError, sentence_parts, three_parts
from k2compat.tensorflow_internals import (
    COMPLETES_OPERATION,
    eager_execution,
    record_operation,
    registered_gradient,
    set_attribute,
    taped,
)

# Type of an operation -> the inputs with respect to which TensorFlow's gradient is zero everywhere. It makes tensors of
# zeros, and carries them through all layers below.
ZERO_GRADIENTS = {
    "ReluGrad": (1,),
    "Relu6Grad": (1,),
    "LeakyReluGrad": (1,),
    "MaxPoolGrad": (0, 1),
    "MaxPoolGradV2": (0, 1),
    "Sign": (0,),
}
# Type of an operation -> name of its gradient in TensorFlow's registry.
Map = Mapping[str, str]
NO_MAP: Map = MappingProxyType({})
Graph = tf.Graph
_tf_record = eager_execution.record_gradient
_tf_complete = getattr(Graph, COMPLETES_OPERATION)
_tf_override = Graph.gradient_override_map


class _Local(threading.local):
    """The state of a thread.

    Attributes:
        map: the map of the operations that are made now.
        inside: whether a recorded call or a node is running; what is called in it shares its map.
        deciding: whether the functional model that runs is called by nobody else, so that its nodes' maps count.
        called: whether a loss is running: the models it calls have its map.
        found: where the types of operations that get registered gradients are listed, if somebody asks.
        without_zeros: whether gradients that are zero everywhere are left out of those of the operations made now.
    """

    map: Map = NO_MAP
    inside = False
    deciding = False
    called = False
    found: list[str] | None = None
    without_zeros = False


_local = _Local()


def present_map() -> Map:
    """Return the map that operations made now in this thread get."""
    return _local.map


@contextmanager
def state(mapping: Map, inside: bool, deciding: bool = False, called: bool = False) -> Iterator[None]:
    """Set the state of this thread for a while; what was before is restored whatever happens."""
    before = _local.map, _local.inside, _local.deciding, _local.called
    _local.map, _local.inside, _local.deciding, _local.called = mapping, inside, deciding, called
    try:
        yield
    finally:
        _local.map, _local.inside, _local.deciding, _local.called = before


def running(mapping: Map) -> Any:
    """While it is open, a recorded call runs that was made under a map; as part of another one it has that one's."""
    if _local.inside:
        return nullcontext()
    refuse_eager_tape(mapping)
    return state(mapping, inside=True)


def outside() -> Any:
    """While it is open, calls run under their own maps."""
    return state(NO_MAP, inside=False)


def inside_of_call() -> Any:
    """While it is open, recorded calls run as part of the node that is running, if one is."""
    return state(_local.map, _local.inside)


@contextmanager
def overridden() -> Iterator[list[str]]:
    """List the types of the operations that get registered gradients while it is open."""
    before, _local.found = _local.found, []
    try:
        yield _local.found
    finally:
        _local.found = before


@contextmanager
def without_zeros() -> Iterator[None]:
    """Leave out gradients that are zero everywhere from those of the operations that this thread makes meanwhile."""
    before, _local.without_zeros = _local.without_zeros, True
    try:
        yield
    finally:
        _local.without_zeros = before


def note(keeper: Any, mapping: Map) -> None:
    """Note a map on what is kept of a call."""
    if mapping:
        setattr(keeper, attributes.GRADIENT_MAP, mapping)


def map_of(keeper: Any) -> Map:
    """Return the map noted on what is kept of a call."""
    return getattr(keeper, attributes.GRADIENT_MAP, NO_MAP)


def follow(keeper: Any) -> None:
    """Tell that a functional model runs one of its nodes next; its own nodes' maps count where the model is outermost.

    Args:
        keeper: has the map noted on it.
    """
    if _local.deciding:
        _local.map = map_of(keeper)
        refuse_eager_tape(_local.map)


def deciding(
    original: Callable[..., Any], is_symbolic: Callable[[Any], bool], caller: Callable[[Any], Any]
) -> Callable[..., Any]:
    """Return the method of a functional model that runs its nodes, which calls ``follow`` before each of them.

    Args:
        original: the method.
        is_symbolic: whether an input is symbolic: layers are then called again, under the present map.
        caller: whether a model is called by another one, or by a layer, that is running: it has that one's map.
    """

    @functools.wraps(original)
    def run(self: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        symbolic = any(map(is_symbolic, tf.nest.flatten(inputs)))
        outermost = not symbolic and not _local.inside and not _local.called and not caller(self)
        with state(_local.map, inside=_local.inside or outermost, deciding=outermost):
            return original(self, inputs, *args, **kwargs)

    return run


def noting(
    original: Callable[..., None],
    keeper: Callable[[Any], Any],
    trace: Callable[[Any], None] | None = None,
    check: Callable[[], None] = lambda: None,
) -> Callable[..., None]:
    """Return the constructor of a node, that notes the present map on a part of the node.

    Args:
        original: the constructor.
        keeper: the part of the node.
        trace: makes the operations of a node, where Keras may not have made them to know the shape of its output.
        check: called first.
    """

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        check()
        original(self, *args, **kwargs)
        note(keeper(self), _local.map)
        if _local.map and trace is not None:
            with state(_local.map, inside=True):
                trace(self)

    return __init__


def note_losses(model: Any) -> None:
    """Note the present map on what runs the losses of a model, which ``compile`` makes if the outputs are known."""
    keeper = losses_of(model)
    if keeper is not None and (getattr(model, "output_names", None) or getattr(model, "_functional", None)):
        blocks = getattr(_local.map, "blocks", ())
        # Past Keras's attribute tracking.
        vars(keeper).update(**{attributes.GRADIENT_MAP: _local.map or Named()}, **{attributes.LATE: blocks})
        for block in blocks:
            block.late += 1


def losses_of(model: Any) -> Any:
    """Return what runs the losses of a compiled model, in either Keras."""
    return getattr(model, "_compile_loss", None) or getattr(model, "compiled_loss", None)


def made_by_compile(model: Any) -> Any:
    """While it is open, calls are recorded as if ``compile`` recorded them."""
    mapping = getattr(losses_of(model), attributes.GRADIENT_MAP, None)
    return nullcontext() if mapping is None else state(mapping, _local.inside)


def running_loss(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method that runs the losses of a model: under the map of ``compile``, which is that of all they
    call.
    """

    @functools.wraps(original)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        mapping = vars(self).get(attributes.GRADIENT_MAP)
        if mapping is None:
            return original(self, *args, **kwargs)
        refuse_eager_tape(mapping)
        with state(mapping, inside=False, called=True):
            result = original(self, *args, **kwargs)
        for block in vars(self).pop(attributes.LATE, ()):
            block.late -= 1
            if not block.late:
                block.tell(stacklevel=3)
        return result

    return call


def cloning(module: Any, maker: str, keeper: Callable[[Any], Any]) -> Callable[..., Any]:
    """``clone_graph_nodes`` whose nodes keep the maps of those they are clones of.

    Args:
        module: where the function is.
        maker: the attribute of a node that is its layer.
        keeper: the part of a node that has its map.
    """
    original = module.clone_graph_nodes

    @functools.wraps(original)
    def clone_graph_nodes(inputs: Any, outputs: Any) -> Any:
        noted = [node for node in module.find_nodes_by_inputs_and_outputs(inputs, outputs) if getattr(node, maker)]
        made = {id(layer): len(layer._inbound_nodes) for layer in (getattr(node, maker) for node in noted)}
        with state(NO_MAP, _local.inside):
            cloned = original(inputs, outputs)
        for node in noted:
            layer = getattr(node, maker)
            if made[id(layer)] < len(layer._inbound_nodes):
                note(keeper(layer._inbound_nodes[made[id(layer)]]), map_of(keeper(node)))
                made[id(layer)] += 1
        return cloned

    return clone_graph_nodes


def refuse_eager_tape(mapping: Map) -> None:
    """Refuse a computation whose gradients TensorFlow would take without looking at the map."""
    if mapping and tf.executing_eagerly() and taped():
        raise EagerMapError(
            three_parts(
                f"gradient_override_map({dict(mapping)!r}) in an eager computation under a tf.GradientTape",
                "a traced computation: K.function with K.gradients, model.fit, or a function decorated with "
                "tf.function.",
                "decorate the function that opens the tape with tf.function, or use K.gradients; leave out "
                "run_eagerly=True.",
            )
        )


@contextmanager
def override_map(self: Any, op_type_map: Any) -> Iterator[None]:
    """``Graph.gradient_override_map`` for all operations that this thread makes while it is open.

    TensorFlow 1 had one graph, in which old code was; TensorFlow 2 makes one for each function that is traced. A graph
    that is not the default one is left to TensorFlow.
    """
    check(op_type_map)
    if tf.executing_eagerly() and self is not tf.compat.v1.get_default_graph():
        with _tf_override(self, op_type_map):
            yield
        return
    refuse_eager_tape(op_type_map)
    mapping, block = Named({**_local.map, **op_type_map}), Block(op_type_map)
    mapping.blocks = (*getattr(_local.map, "blocks", ()), block)
    with state(mapping, _local.inside, called=_local.called):
        yield
    if not block.late:
        block.tell(stacklevel=3)


def check(op_type_map: Any) -> None:
    """Refuse what is not a map from names to names."""
    if not isinstance(op_type_map, dict) or not all(
        isinstance(part, str) for pair in op_type_map.items() for part in pair
    ):
        raise K2TypeError(
            sentence_parts(
                f"op_type_map must be a dictionary mapping strings to strings: received {op_type_map!r}",
                "the type of an operation and the name of a registered gradient.",
                'write gradient_override_map({"Relu": "GuidedRelu"}).',
            )
        )


def marked(self: Any, operation: Any, *args: Any, **kwargs: Any) -> None:
    """Complete an operation as TensorFlow does, and write its gradient's name on it."""
    _tf_complete(self, operation, *args, **kwargs)
    if not _local.map:
        return
    see(_local.map, operation)
    name = gradient_of(_local.map, operation)
    if name is not None:
        if _local.found is not None:
            _local.found.append(operation.type)
        set_attribute(operation, "_gradient_op_type", tf.compat.v1.AttrValue(s=name.encode()))


def record_gradient(op_name: str, inputs: Any, attrs: Any, outputs: Any) -> Any:
    """Tell tapes of an operation of a graph; of one made under a map, that its gradient is the registered one."""
    zeros = ZERO_GRADIENTS.get(op_name, ()) if _local.without_zeros and record_operation is not None else ()
    if not (_local.map or zeros) or not outputs or tf.executing_eagerly():
        return _tf_record(op_name, inputs, attrs, outputs)
    operation = outputs[0].op
    if gradient_of(_local.map, operation) is not None:
        zeros = ()
    elif not zeros:
        return _tf_record(op_name, inputs, attrs, outputs)

    def backward(*upstream: Any) -> list[Any]:
        gradient = registered_gradient(operation)
        found = gradient(operation, *upstream) if gradient else [None] * len(inputs)
        found = list(found) if isinstance(found, (list, tuple)) else [found]
        return [None if position in zeros else slope for position, slope in enumerate(found)]

    record_operation(op_name, list(outputs), list(inputs), backward)
    return None
