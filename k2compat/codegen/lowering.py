"""The steps of an evaluation in terms of TensorFlow alone: K functions are taken apart into the calls they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import tensorflow as tf

from k2compat.codegen.syntax import is_operator, public_name
from k2compat.errors import K2CompatError, SourceError, three_parts
from k2compat.graph.argument_key import Unknown, outline
from k2compat.graph.gradient_node import GradientCall
from k2compat.graph.learning_phase import PhaseCall
from k2compat.graph.nested import leaves, rebuild
from k2compat.graph.node import Call, call_of, unique
from k2compat.graph.symbols import Lazy, is_symbol, is_variable, spec_of, variable_of
from k2compat.graph.toposort import in_order
from k2compat.graph.updates import Update

PRINTING = "print_tensor"
REPETITIONS = {"tf.convert_to_tensor", "tf.cast", "tf.identity"}
# What errors advise.
BY_HAND = "write this part by hand, and feed its result as a placeholder."
# K functions that Keras itself has with the same numbers, and which see more than their arguments: the crossentropies
# of probabilities that know their logits.
KEPT_WHOLE = {"categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"}


class Step:
    """One statement.

    Attributes:
        call: what was recorded.
        inputs: what it uses: symbolic tensors and variables.
        outputs: the symbolic tensors it makes.
    """

    def __init__(self, call: Any, inputs: Iterable[Any], outputs: Sequence[Any]):
        self.call = call
        self.inputs = unique(inputs)
        self.outputs = list(outputs)

    @property
    def uses(self) -> set[int]:
        """Keys of what it depends on, weights of its layers among them."""
        return {key(thing) for thing in self.inputs} | {id(variable) for variable in self.call.variables}

    @property
    def makes(self) -> set[int]:
        return set(map(id, self.outputs))

    @property
    def is_layer(self) -> bool:
        return hasattr(self.call, "node")


class GradientStep(Step):
    """Gradients from a tape."""

    def __init__(self, call: GradientCall, losses: Sequence[Any], sources: Sequence[Any]):
        super().__init__(call, [*losses, *sources], call.outputs)
        self.losses = list(losses)
        self.sources = list(sources)

    @property
    def uses(self) -> set[int]:
        return {key(thing) for thing in self.inputs}


class UpdateStep(Step):
    """A change of a variable that something has to wait for."""


def key(thing: Any) -> int:
    """Identity of a symbolic tensor, or of the TensorFlow variable in a variable of any kind."""
    return id(variable_of(thing)) if is_variable(thing) else id(thing)


def refuse_map(call: Any) -> None:
    """Refuse a call with registered gradients: plain TensorFlow would differentiate it otherwise."""
    if call.gradient_map:
        raise SourceError(
            three_parts(
                f"{call.name}, which was called under gradient_override_map({dict(call.gradient_map)!r})",
                "calls with the gradients of TensorFlow, which a tf.GradientTape takes.",
                f"write the function with tf.custom_gradient; or {BY_HAND}",
            )
        )


class Steps:
    """The steps of a plan.

    Attributes:
        steps: in an order that can be run.
        known: identity of a symbolic tensor -> what it is the same as: another one, a variable or a constant.
    """

    def __init__(self, order: Sequence[Any], fed: Sequence[Any], watched: Iterable[int], phase: int | None):
        self.steps: list[Step] = []
        self.known: dict[int, Any] = {}
        self.phase = phase
        self._watched = set(watched)
        self._alive: list[Any] = []  # identities are keys: what they are of has to stay
        self._seen: dict[Any, Any] = {}
        self._made = {id(symbol) for symbol in fed}
        for call in order:
            self.add(call)

    def resolve(self, leaf: Any) -> Any:
        """Return what a leaf is the same as."""
        while id(leaf) in self.known:
            leaf = self.known[id(leaf)]
        return leaf

    def add(self, call: Any) -> None:
        """Add the steps of a recorded call."""
        self._made.update(map(id, call.outputs))
        refuse_map(call)
        if isinstance(call, GradientCall):
            self.steps.append(
                GradientStep(call, list(map(self.resolve, call.losses)), list(map(self.resolve, call.sources)))
            )
        elif isinstance(call, PhaseCall):
            self._add_choice(call)
        elif hasattr(getattr(call, "operation", None), "function") and len(own_inputs(call)) < len(call.inputs):
            self._take_apart(function_call(call))
        elif hasattr(call, "node") or not isinstance(call, Call):
            self.steps.append(Step(call, map(self.resolve, call.inputs), call.outputs))
        elif isinstance(getattr(call.fn, "__self__", None), Update):
            self.steps.append(UpdateStep(call, map(self.resolve, call.inputs), call.outputs))
        elif is_repetition(call):
            self._same(call.outputs[0], call.args[0])
        elif is_primitive(call):
            self.steps.append(Step(call, map(self.resolve, call.inputs), call.outputs))
        else:
            self._take_apart(call)

    def _add_choice(self, call: PhaseCall) -> None:
        """A choice by the learning phase: settled now, or left to the argument ``training``."""
        if self.phase is None:
            self.steps.append(Step(call, map(self.resolve, call.inputs), call.outputs))
            return
        chosen = call.side(self.phase)
        same = (is_symbol(chosen) or is_variable(chosen)) and spec_of(chosen).dtype == call.outputs[0].dtype
        if same:
            self._same(call.outputs[0], chosen)
        else:
            cast = Call(tf.cast, (chosen, tf.as_dtype(call.outputs[0].dtype)), {})
            self.steps.append(Step(cast, map(self.resolve, cast.inputs), call.outputs))

    def _take_apart(self, call: Call) -> None:
        """Run a function on stand-ins, and adds the calls that it makes."""
        results = self.run(call)
        if len(results) != len(call.outputs):
            raise SourceError(
                three_parts(
                    f"{call.name}, which gives {len(results)} tensors and gave {len(call.outputs)} when it was called",
                    "a function that gives as many each time it runs.",
                    f"let it depend on its arguments alone, not on a counter or the like; or {BY_HAND}",
                )
            )
        for inner in self.calls_of(results):
            if not self._is_repeated(inner, results):
                self.add(inner)
        for output, result in zip(call.outputs, results, strict=True):
            self._same(output, result)

    def _is_repeated(self, call: Any, results: Sequence[Any]) -> bool:
        """Return whether functions that were taken apart have made the same call already, as the steps of an optimizer
        do for each weight. What they give back is left alone: gradients with respect to it tell equal ones apart.
        """
        name = public_name(call.fn) or call.name
        if isinstance(call, GradientCall) or not is_primitive(call) or "random" in name or "dropout" in name:
            return False
        if any(output is result for output in call.outputs for result in results):
            return False
        try:
            arguments = rebuild((call.args, call.kwargs), lambda leaf: leaf.numpy() if is_settled(leaf) else leaf)
            same = outline(arguments, {id(leaf): key(self.resolve(leaf)) for leaf in call.inputs})
        except Unknown:
            return False
        first = self._seen.setdefault((name, same), call)
        for output, original in zip(call.outputs, first.outputs, strict=True):
            if output is not original:
                self.known[id(output)] = original
                self._alive.append(output)
        return first is not call

    def run(self, call: Call) -> list[Any]:
        """Return what a function gives for stand-ins of its arguments: symbolic tensors of what it records."""
        stand_ins: dict[int, Lazy] = {}

        def stand_in(leaf: Any) -> Any:
            if not (is_symbol(leaf) or is_variable(leaf)):
                return leaf
            if id(leaf) not in stand_ins:
                stand_ins[id(leaf)] = self.stand_in(spec_of(leaf), leaf)
            return stand_ins[id(leaf)]

        try:
            result = call.fn(*rebuild(call.args, stand_in), **rebuild(call.kwargs, stand_in))
        except K2CompatError as error:
            raise self._refusal(call, error) from error
        except (TypeError, ValueError, AttributeError, NotImplementedError) as error:
            raise self._refusal(call, error) from error
        self._alive.append(result)  # and with it all that was recorded for it
        return [leaf for leaf in tf.nest.flatten(result) if is_symbol(leaf) or is_variable(leaf) or tf.is_tensor(leaf)]

    def stand_in(self, spec: tf.TypeSpec, original: Any = None) -> Lazy:
        """Return a symbolic tensor for which functions record what they do."""
        symbol = Lazy(spec, feedable=True)
        self._alive.append(symbol)
        if original is not None:
            self.known[id(symbol)] = original
        self._made.add(id(symbol))
        return symbol

    def calls_of(self, results: Iterable[Any]) -> list[Any]:
        """Return the calls behind results that have not been added yet."""
        symbols = [result for result in results if is_symbol(result) or is_variable(result)]
        return in_order(symbols, lambda thing: id(thing) in self._made, lambda call: call.inputs)[0]

    def _same(self, output: Any, result: Any) -> None:
        """Make an output a name for something else, unless gradients tell the two apart."""
        self._alive.append(result)
        if id(output) in self._watched and call_of(result) is None:
            copy = Call(tf.identity, (result,), {})
            self.steps.append(Step(copy, map(self.resolve, copy.inputs), [output]))
        else:
            self.known[id(output)] = result

    @staticmethod
    def _refusal(call: Call, error: Exception) -> SourceError:
        return SourceError(
            three_parts(
                f"{call.name} of {', '.join(map(repr, call.inputs)) or 'no tensors'}, which is not made of functions "
                f"of TensorFlow alone: {error}",
                "functions that do nothing but call K and TensorFlow functions, without a loop over a number of steps "
                "that is not known yet, as K.rnn has it.",
                BY_HAND,
            )
        )


def is_primitive(call: Call) -> bool:
    """Return whether a call is one of a public function or an operator, so that it is written as it is."""
    fn = call.fn
    if getattr(fn, "__name__", "") in {*KEPT_WHOLE, PRINTING} and getattr(fn, "__module__", "").startswith("k2compat."):
        return True
    return is_operator(fn) or public_name(fn) is not None


def is_repetition(call: Call) -> bool:
    """Return whether a call gives its argument back: a conversion of a tensor, or a cast to the dtype that it has."""
    given = call.args[0] if call.args else None
    if not (is_symbol(given) or is_variable(given)) or public_name(call.fn) not in REPETITIONS:
        return False
    return spec_of(given).dtype == call.outputs[0].dtype


def is_settled(leaf: Any) -> bool:
    """Return whether an argument is a tensor with a value."""
    return isinstance(leaf, tf.Tensor) and hasattr(leaf, "numpy")


def own_inputs(call: Any) -> list[Any]:
    """Return the symbolic tensors and variables among the arguments of a layer's call."""
    return unique(leaf for leaf in leaves(call.args, call.kwargs) if is_symbol(leaf))


def function_call(call: Any) -> Call:
    """Return the call of a Lambda layer that uses tensors from outside, as one of its function."""
    layer = call.operation
    found = Call(layer.function, call.args, dict(layer.arguments or {}))
    found.outputs = list(call.outputs)
    return found
