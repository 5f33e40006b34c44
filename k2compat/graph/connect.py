"""``gradients``: which gradients exist is decided when they are asked for, their values come from the evaluation's
tape.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat.adapters import adapter
from k2compat.errors import K2RuntimeError, K2TypeError, NeedsTrace, three_parts
from k2compat.graph import active
from k2compat.graph.differentiate import GradientCall
from k2compat.graph.dispatch import present
from k2compat.graph.evaluate import Evaluation, Plan
from k2compat.graph.record import Placeholders, attach, call_of, tensors_in, unique
from k2compat.graph.symbols import Lazy, is_feedable, is_symbol, is_variable, spec_of, variable_of
from k2compat.graph.walk import in_order

_absences: list[str] = []  # why the latest gradients were None, newest last


def gradients(loss: Any, variables: Any) -> list[Any]:
    """Gradients of a loss.

    Args:
        loss: symbolic tensor of any shape (its elements are summed), or a list of them.
        variables: one or a list or tuple of symbolic tensors and variables.

    Returns:
        A list with a symbolic tensor for each variable, of its shape and dtype; None for a variable that the loss does
        not depend on differentiably.

    Raises:
        TypeError: the loss or a variable is no tensor.
        RuntimeError: called with tensors that already have values, outside a traced function.
    """
    losses = [adapter().as_tensor(item) for item in as_list(loss)]
    sources = [adapter().as_tensor(item) for item in as_list(variables)]
    check(losses, "loss")
    check(sources, "variables")
    if active.evaluating() or not tf.executing_eagerly() or not any(map(is_recorded, losses)):
        return with_values(losses, sources)
    found, looped = connected(losses, sources)
    kept = [source for source, reached in zip(sources, found, strict=True) if reached]
    if len(kept) < len(sources):
        explain_absence(losses, sources, found)
    if not kept:
        return [None] * len(sources)
    call = GradientCall(losses, kept, looped)
    made = iter(attach(call, [dense(spec_of(source)) for source in kept]))
    return [next(made) if reached else None for reached in found]


def is_recorded(loss: Any) -> bool:
    """Whether a loss is something whose value is not settled yet; a weight is, too."""
    return is_symbol(loss) or is_variable(loss)


def with_values(losses: list[Any], sources: list[Any]) -> list[Any]:
    """Gradients between tensors of a graph being traced, or symbolic ones that have a value there."""
    if tf.executing_eagerly():
        if active.evaluating():
            raise NeedsTrace
        raise K2RuntimeError(
            three_parts(
                f"K.gradients of a loss that has a value already ({losses[0]!r})",
                "a symbolic loss: an expression of model outputs, placeholders or K.variables.",
                "build the loss from symbolic tensors and run it with K.function, or use tf.GradientTape around the "
                "eager computation.",
            )
        )
    losses, sources = (
        [present(loss) for loss in losses],
        [variable_of(item) if is_variable(item) else present(item) for item in sources],
    )
    found = tf.gradients(losses, sources)
    if adapter().inferring_shapes() or isinstance(active.evaluation(), Placeholders):
        return [
            connected_stand_in(losses, source) if gradient is None else gradient
            for source, gradient in zip(sources, found, strict=True)
        ]
    return found


def connected_stand_in(losses: list[Any], source: Any) -> Any:
    """Something of a source's shape that depends on loss and source, for a trace between placeholders that are not
    connected.
    """
    return tf.add_n([tf.reduce_sum(loss) for loss in losses]) * tf.ones_like(source) + source


def check(items: list[Any], role: str) -> None:
    """Refuses what cannot be differentiated."""
    for item in items:
        if not (is_symbol(item) or is_variable(item) or tf.is_tensor(item)):
            raise K2TypeError(
                three_parts(
                    f"K.gradients(loss, variables) with {role}={item!r} of type {type(item).__name__}"
                    + absence_note(item),
                    "symbolic tensors: model outputs, layer outputs, placeholders, weights, K.variables, or "
                    "expressions of them.",
                    "pass layer.output instead of its value, and keep NumPy out of the path between them.",
                )
            )


def connected(losses: Sequence[Any], sources: Sequence[Any]) -> tuple[list[bool], bool]:
    """For each source, whether the losses depend on it differentiably; and whether a loop is on the way."""
    keys = [key_of(source) for source in sources]
    reached, met = reach(losses, sources)
    answers = [key in reached for key in keys]
    if any(isinstance(call, GradientCall) for call in met) and any(answers):
        # Which gradients depend on what (that of a linear function depends on nothing) is known only to differentiation
        # itself.
        kept = [source for source, answer in zip(sources, answers, strict=True) if answer]
        exact = iter(traced_connection(losses, kept))
        answers = [next(exact) if answer else False for answer in answers]
    return answers, any(getattr(call, "looped", False) for call in met)


def reach(losses: Sequence[Any], sources: Sequence[Any]) -> tuple[set[int], list[Any]]:
    """Follows differentiable edges up from the losses.

    Returns:
        The keys of the sources that were reached, and the calls on the way.
    """
    reached: set[int] = set()
    visited: set[int] = set()
    met: list[Any] = []
    weights = {key_of(source) for source in sources if is_variable(source)}
    wanted = {key_of(source) for source in sources}
    stack = list(losses)
    while stack:
        thing = stack.pop()
        if id(thing) in visited or not is_smooth(dtype_of(thing)):
            continue
        visited.add(id(thing))
        if key_of(thing) in wanted:
            reached.add(key_of(thing))
        call = call_of(thing)
        if call is None:
            continue
        met.append(call)
        inputs, variables = smooth_inputs(call, thing)
        stack.extend(inputs)
        if weights:
            reached.update(id(variable) for variable in variables() if id(variable) in weights)
    return reached, met


def smooth_inputs(call: Any, output: Any) -> tuple[list[Any], Callable[[], list[tf.Variable]]]:
    """The inputs of a call through which a gradient passes from one of its outputs, and what gives such weights."""
    if not hasattr(call, "passing"):  # asked once for each call: scripts take gradients of one model over and over
        trusted = call.trusted or isinstance(call, GradientCall)
        call.passing = smooth(call.inputs) if trusted else None
    if call.passing is not None:
        return call.passing, lambda: list(call.variables)
    if getattr(call, "links", None) is None:
        call.links = known_links(call)
    passing = call.links[position(call.outputs, output)]
    return [item for item in call.inputs if id(item) in passing], lambda: [
        variable for variable in call.variables if id(variable) in passing
    ]


def known_links(call: Any) -> list[set[int]]:
    """The links of a call, from the memory of calls like it if there are any."""
    memory = getattr(call, "memory", None)
    if memory is not None and memory.links is not None:
        positions, call.looped = memory.links
        return [{id(call.inputs[position]) for position in reached} for reached in positions]
    before = len(call.inputs)
    links = trace_links(call)
    if memory is not None and len(call.inputs) == before and not call.variables:
        places = {id(item): position for position, item in enumerate(call.inputs)}
        memory.links = [{places[key] for key in reached} for reached in links], call.looped
    return links


def trace_links(call: Any) -> list[set[int]]:
    """For each output of a call, the identities of the inputs and weights its gradient reaches, found by tracing the
    call once. What the call turns out to use from outside becomes an input of it.
    """
    trace = Placeholders("links")
    with trace.tracing():
        for item in call.inputs:
            trace.value(item)
        results = tensors_in(call.run(trace))
        call.inputs = unique([*call.inputs, *trace.met])
        inputs = smooth(call.inputs)
        things = [*inputs, *call.variables]
        tensors = [*(dense_part(trace.value(item)) for item in inputs), *call.variables]
        links: list[set[int]] = []
        for result in results:
            if not is_smooth(result.dtype) or not things:
                links.append(set())
                continue
            found = tf.gradients(dense_part(result), tensors)
            links.append({id(thing) for thing, gradient in zip(things, found, strict=True) if gradient is not None})
    call.looped = any("While" in operation.type for operation in trace.graph.get_operations())
    return links


def smooth(things: Sequence[Any]) -> list[Any]:
    """Those of a dtype that has gradients."""
    return [item for item in things if is_smooth(dtype_of(item))]


def traced_connection(losses: Sequence[Any], sources: Sequence[Any]) -> list[bool]:
    """Whether a gradient of gradients exists, found by taking it once in a scratch graph."""
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


def explain_absence(losses: Sequence[Any], sources: Sequence[Any], found: Sequence[bool]) -> None:
    """Keeps the reason of a None, for the error that may follow when it is used."""
    frame = next(frame for frame in callers() if not frame.f_globals.get("__name__", "").startswith("k2compat."))
    missing = next(source for source, reached in zip(sources, found, strict=True) if not reached)
    _absences.append(
        f"K.gradients at {frame.f_code.co_filename}:{frame.f_lineno} gave None: the loss does not depend "
        f"differentiably on {missing!r}. "
        "It is not upstream of the loss (a layer inside a nested model belongs to that model's own graph, another "
        "model's tensors to that model's), or the only path runs through argmax, an integer cast, a comparison or "
        "K.stop_gradient."
    )
    del _absences[:-1]


def absence_note(item: Any) -> str:
    """Why a None may have come up where a tensor was expected."""
    return f"\n  {_absences[-1]}" if item is None and _absences else ""


def callers() -> Any:
    """The frames of the present call, innermost first."""
    frame = sys._getframe(1)
    return itertools.takewhile(lambda f: f is not None, iterate(lambda f: f.f_back if f else None, frame))


def iterate(step: Any, start: Any) -> Any:
    """start, step(start), step(step(start)), ..."""
    while True:
        yield start
        start = step(start)


def as_list(thing: Any) -> list[Any]:
    return list(thing) if isinstance(thing, (list, tuple)) else [thing]


def key_of(thing: Any) -> int:
    """Identity of a symbolic tensor, or of the TensorFlow variable in a variable of any kind."""
    return id(variable_of(thing)) if is_variable(thing) else id(thing)


def dtype_of(thing: Any) -> tf.DType:
    """The dtype of a symbolic tensor or variable, without its shape."""
    return tf.as_dtype(variable_of(thing).dtype if is_variable(thing) else thing.dtype)


def is_smooth(dtype: tf.DType) -> bool:
    return dtype.is_floating or dtype.is_complex


def position(outputs: Sequence[Any], output: Any) -> int:
    return next(index for index, item in enumerate(outputs) if item is output)


def dense(spec: tf.TypeSpec) -> tf.TensorSpec:
    return tf.TensorSpec(spec.shape, spec.dtype)


def dense_part(tensor: Any) -> Any:
    return tensor.values if isinstance(tensor, tf.SparseTensor) else tensor
