"""Decides which gradients exist: along which edges of a recorded expression a gradient passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from k2compat.adapters import gradient_maps
from k2compat.graph.evaluation import Evaluation, Plan, gradients_in_graph
from k2compat.graph.gradient_node import GradientCall
from k2compat.graph.node import Placeholders, call_of, tensors_in, unique
from k2compat.graph.symbols import Lazy, is_feedable, is_variable, spec_of, variable_of
from k2compat.graph.toposort import in_order

# Types of operations past which a crossentropy goes to the logits.
LOGITS: dict[str, Callable[..., Any]] = {"Softmax": tf.nn.softmax, "Sigmoid": tf.sigmoid}
# Operations of which TensorFlow says only when they run which of their inputs a gradient reaches.
CONTROL = {"While", "If", "Case"}


def connected(losses: Sequence[Any], sources: Sequence[Any]) -> tuple[list[bool], bool, bool]:
    """Find out which gradients exist.

    Returns:
        For each source, whether the losses depend on it differentiably; whether a loop or a condition is on the way;
        and whether the gradients have been taken once to know it.
    """
    keys = [key_of(source) for source in sources]
    reached, met = reach(losses, sources)
    answers = [key in reached for key in keys]
    taken = any(isinstance(call, GradientCall) for call in met) and any(answers)
    if taken:
        # Which gradients depend on what (that of a linear function depends on nothing) is known only to differentiation
        # itself.
        kept = [source for source, answer in zip(sources, answers, strict=True) if answer]
        exact = iter(traced_connection(losses, kept))
        answers = [next(exact) if answer else False for answer in answers]
    return answers, any(call.looped for call in met), taken


def reach(losses: Sequence[Any], sources: Sequence[Any]) -> tuple[set[int], list[Any]]:
    """Follow differentiable edges up from the losses.

    Returns:
        The keys of the sources that were reached, and the calls on the way.
    """
    reached: set[int] = set()
    visited: set[tuple[int, bool]] = set()
    met: list[Any] = []
    weights = {key_of(source) for source in sources if is_variable(source)}
    wanted = {key_of(source) for source in sources}
    stack = [(loss, True) for loss in losses]
    while stack:
        thing, itself = stack.pop()
        if (id(thing), itself) in visited or (id(thing), True) in visited or not is_smooth(dtype_of(thing)):
            continue
        visited.add((id(thing), itself))
        if itself and key_of(thing) in wanted:
            reached.add(key_of(thing))
        call = call_of(thing)
        if call is None:
            continue
        met.append(call)
        inputs, past, variables = smooth_inputs(call, thing)
        stack.extend((item, True) for item in inputs)
        stack.extend((item, False) for item in past)
        if weights:
            reached.update(id(variable) for variable in variables() if id(variable) in weights)
    return reached, met


def smooth_inputs(call: Any, output: Any) -> tuple[list[Any], list[Any], Callable[[], list[tf.Variable]]]:
    """Return the inputs of a call through which a gradient passes from one of its outputs, those that it passes by on
    its way to what made them, and what gives the weights through which it passes.
    """
    if call.passing is None and call.links is None and (call.trusted or isinstance(call, GradientCall)):
        call.passing = smooth([*call.inputs, *call.inside])  # kept: scripts take gradients of one model over and over
    if call.passing is not None:
        return call.passing, [], lambda: list(call.variables)
    if call.links is None:
        call.links = known_links(call)
    passing = call.links[position(call.outputs, output)]
    inputs = [item for item in (*call.inputs, *call.inside) if id(item) in passing]
    past = [item for item in call.inputs if behind(item) in passing]
    return inputs, past, lambda: [variable for variable in call.variables if id(variable) in passing]


def behind(item: Any) -> int:
    """Return what stands in the links of a call for that which made an input, past the input itself."""
    return ~id(item)


def known_links(call: Any) -> list[set[int]]:
    """Return the links of a call, from the memory of calls like it if there are any."""
    memory = call.memory
    if memory is not None and memory.links is not None:
        positions, call.looped = memory.links
        return [{id(call.inputs[position]) for position in reached} for reached in positions]
    before = len(call.inputs)
    links, asked = trace_links(call)
    if memory is not None and len(call.inputs) == before and not (call.variables or call.inside or asked):
        places = {id(item): position for position, item in enumerate(call.inputs)}
        memory.links = [{places[key] for key in reached} for reached in links], call.looped
    return links


def trace_links(call: Any) -> tuple[list[set[int]], bool]:
    """Trace a call once to find out where its gradients go. What it turns out to use from outside becomes an input.

    A crossentropy of probabilities goes to the logits where a softmax made them: where it asks, and is right, the call
    is traced again with the result of a softmax in the place of the input.

    Returns:
        For each output of the call, the identities of the inputs and weights its gradient reaches; and whether it asked
        what made an input.
    """
    links, trace = traced_links(call, {})
    types = {id(tensor): kind for tensor, kind in trace.asked}
    asked = [(item, types[key]) for item in call.inputs if (key := id(trace.values.get(id(item)))) in types]
    made = {id(item): LOGITS[kind] for item, kind in asked if made_by(item) == kind}
    return traced_links(call, made)[0] if made else links, bool(asked)


def traced_links(call: Any, made: Mapping[int, Callable[..., Any]]) -> tuple[list[set[int]], Placeholders]:
    """Return the links of a call and the trace that found them.

    Args:
        call: the call.
        made: identity of an input -> the function of logits that makes it.
    """
    trace = Placeholders("links")
    logits = {}
    with trace.tracing():
        for item in call.inputs:
            found = trace.value(item)
            if id(item) in made:
                logits[behind(item)] = found
                trace.values[id(item)] = made[id(item)](found)
        with gradient_maps.running(call.gradient_map):
            results = tensors_in(call.run(trace))
        call.inputs = unique([*call.inputs, *trace.met])
        tensors = {id(item): dense_part(trace.value(item)) for item in smooth((*call.inputs, *call.inside))}
        tensors = {**tensors, **logits, **{id(variable): variable for variable in call.variables}}
        links: list[set[int]] = []
        for result in results:
            if not is_smooth(result.dtype) or not tensors:
                links.append(set())
                continue
            found = gradients_in_graph(dense_part(result), list(tensors.values()))
            links.append({key for key, gradient in zip(tensors, found, strict=True) if gradient is not None})
    call.looped = any(operation.type.removeprefix("Stateless") in CONTROL for operation in trace.graph.get_operations())
    return links, trace


def made_by(item: Any) -> str | None:
    """Return the type of the operation that makes a symbolic tensor, None for an input."""
    call = call_of(item)
    if call is None:
        return None
    trace = Placeholders("type")
    with trace.tracing():
        value = tensors_in(call.run(trace))[position(call.outputs, item)]
    return value.op.type if isinstance(value, tf.Tensor) else None


def smooth(things: Sequence[Any]) -> list[Any]:
    """Those of a dtype that has gradients."""
    return [item for item in things if is_smooth(dtype_of(item))]


def traced_connection(losses: Sequence[Any], sources: Sequence[Any]) -> list[bool]:
    """Return whether a gradient of gradients exists, found by taking it once in a scratch graph."""
    probe = Probe(losses, sources)
    leaves = in_order(losses, lambda _: False, lambda c: c.inputs)[1]
    trace = Placeholders("connection")
    with trace.graph.as_default():
        feeds = {id(leaf): trace.value(leaf) for leaf in leaves if is_feedable(leaf) and call_of(leaf) is None}
        Evaluation(Plan(probe.outputs, feeds, 0)).run(feeds)
    return probe.found


class Probe(GradientCall):
    """A gradient taken to see whether it exists.

    Attributes:
        found: for each source, whether the gradient does.
    """

    def __init__(self, losses: Sequence[Any], sources: Sequence[Any]):
        super().__init__(losses, sources)
        self.outputs = [Lazy(dense(spec_of(source)), self, index) for index, source in enumerate(sources)]
        self.found: list[bool] = []

    def run(self, evaluation: Any) -> list[Any]:
        gradients = evaluation.gradient(self)
        self.found = [gradient is not None for gradient in gradients]
        return [tf.zeros([]) if gradient is None else tf.convert_to_tensor(gradient) for gradient in gradients]


def key_of(thing: Any) -> int:
    """Identity of a symbolic tensor, or of the TensorFlow variable in a variable of any kind."""
    return id(variable_of(thing)) if is_variable(thing) else id(thing)


def dtype_of(thing: Any) -> tf.DType:
    """Return the dtype of a symbolic tensor or variable, without its shape."""
    return tf.as_dtype(variable_of(thing).dtype if is_variable(thing) else thing.dtype)


def is_smooth(dtype: tf.DType) -> bool:
    return dtype.is_floating or dtype.is_complex


def position(outputs: Sequence[Any], output: Any) -> int:
    return next(index for index, item in enumerate(outputs) if item is output)


def dense(spec: tf.TypeSpec) -> tf.TensorSpec:
    return tf.TensorSpec(spec.shape, spec.dtype)


def dense_part(tensor: Any) -> Any:
    return tensor.values if isinstance(tensor, tf.SparseTensor) else tensor
