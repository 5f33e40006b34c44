"""Runs recorded expressions: one pass, one tape for each order of differentiation."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import tensorflow as tf

from k2compat.adapters import gradient_maps
from k2compat.adapters.registry import adapter
from k2compat.errors import NeedsTrace, UnfedPlaceholderError, sentence_parts
from k2compat.graph import context
from k2compat.graph.gradient_batching import Together, stacked_gradients
from k2compat.graph.gradient_node import GradientCall
from k2compat.graph.nested import rebuild_numbered
from k2compat.graph.symbols import Phase, is_symbol, is_variable, spec_of, variable_of
from k2compat.graph.toposort import in_order

# TensorFlow's own, before a repair stands in its place.
gradients_in_graph = tf.gradients


class Plan:
    """What one evaluation does, worked out beforehand.

    Attributes:
        targets: the symbolic tensors wanted.
        order: the calls to run.
        watched: identity of a differentiated symbolic tensor -> the tapes that watch it.
        variables: for each tape, the variables it watches.
        depth: how many tapes there are: the highest order of differentiation.
        proven: whether each gradient of gradients was taken before, so that it is known to exist.
        mapped: whether it differentiates, and a call has registered gradients.
        seeded: whether a call draws random numbers from a seed of its own.
        phase: the learning phase; None for a plan of either, which is not run.
    """

    def __init__(self, targets: Sequence[Any], fed: Iterable[int], phase: int | None):
        fed = set(fed)
        self.targets = list(targets)
        self.phase = phase
        self.order, inputs = in_order(targets, lambda thing: id(thing) in fed, lambda call: call.needs(phase))
        unfed = [thing for thing in inputs if not is_variable(thing) and not isinstance(thing, Phase)]
        if unfed:
            raise UnfedPlaceholderError(unfed_message(unfed[0]))
        self.seeded = any(call.seeded for call in self.order)
        self._place_tapes()

    def _place_tapes(self) -> None:
        gradients = [call for call in self.order if isinstance(call, GradientCall)]
        self.levels: dict[int, int] = {}
        self.recorded: set[int] = set()
        for call in gradients:
            above = in_order(call.losses, lambda _: False, lambda c: c.inputs)[0] if self.levels else []
            below = [other for other in above if id(other) in self.levels]
            self.levels[id(call)] = 1 + max((self.levels[id(other)] for other in below), default=0)
            self.recorded.update(id(other) for other in below)
        self.depth = max(self.levels.values(), default=0)
        self.proven = all(call.taken for call in gradients if self.levels[id(call)] > 1)
        self.mapped = self.depth > 0 and any(call.gradient_map for call in self.order)
        self.watched: dict[int, list[int]] = {}
        self.variables: list[list[tf.Variable]] = [[] for _ in range(self.depth)]
        for call in gradients:
            tape = self.levels[id(call)] - 1
            for source in call.sources:
                if is_variable(source):
                    self.variables[tape].append(variable_of(source))
                else:
                    self.watched.setdefault(id(source), []).append(tape)

    @functools.cached_property
    def together(self) -> Together:
        """The gradients that are computed together where the plan is compiled; one tape is enough for them."""
        return Together(self.order if self.depth == 1 else [], self.phase or 0)


class Evaluation:
    """One pass over a plan; while it runs, a symbolic tensor stands for its value in it.

    Attributes:
        phase: the learning phase, 0 or 1.
        lifted: identity of a call -> position of a leaf of its arguments -> what is there instead.
        values: identity of a symbolic tensor -> its value.
        scope: the state of the Keras variables during the pass.
        nested: whether it is part of a Keras model's call, whose ``gradient_override_map`` is that of the pass then.
    """

    def __init__(self, plan: Plan, lifted: Mapping[int, Mapping[int, Any]] | None = None, nested: bool = False):
        self.plan = plan
        self.lifted = lifted or {}
        self.phase = plan.phase
        self.values: dict[int, Any] = {}
        self._stored: set[int] = set()
        self._gradients: dict[int, list[Any] | None] = {}  # those that were computed together
        self.tapes = [tf.GradientTape(persistent=True, watch_accessed_variables=False) for _ in range(plan.depth)]
        self.scope: Any = None
        self._graph = None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()
        self._maps = gradient_maps.inside_of_call if nested else gradient_maps.outside
        self._stacks = self._graph is not None and bool(plan.together.groups)

    def run(self, feeds: Mapping[int, Any]) -> list[Any]:
        """Run the plan.

        Args:
            feeds: identity of a symbolic tensor -> tensor.

        Returns:
            The values of the plan's targets.
        """
        with ExitStack() as stack:
            self.scope = stack.enter_context(adapter().scope())
            stack.enter_context(context.use(self))
            stack.enter_context(self._maps())
            for tape, variables in zip(self.tapes, self.plan.variables, strict=True):
                stack.enter_context(tape)
                for variable in variables:
                    tape.watch(variable)
            for key, value in feeds.items():
                self._store(key, value)
            for call in self.plan.together.order if self._stacks else self.plan.order:
                self._compute(call)
            values = [self.value(target) for target in self.plan.targets]
        self.scope.keep_random_state()
        return values

    def value(self, symbol: Any) -> Any:
        """Return the value of a symbolic tensor or variable in this evaluation, computed now if it was not planned."""
        key = id(symbol)
        if key not in self.values:
            if is_variable(symbol):
                return tf.convert_to_tensor(variable_of(symbol))
            if isinstance(symbol, Phase):
                return tf.constant(bool(self.phase))
            self._compute_unplanned(symbol)
        return self.values[key]

    def hold(self, symbol: Any, value: Any) -> Any:
        """Make a value that of a symbolic tensor in this evaluation, unless it has one; return the one it has."""
        self._store(id(symbol), value)
        return self.values[id(symbol)]

    def resolve(self, leaf: Any) -> Any:
        """Return the value of an argument."""
        return self.value(leaf) if is_symbol(leaf) or is_variable(leaf) else leaf

    def arguments(self, call: Any) -> tuple[Any, Any]:
        """Return the arguments of a call and its keyword arguments, with their values."""
        lifted = self.lifted.get(id(call), {})
        return rebuild_numbered(
            (call.args, call.kwargs), lambda place, leaf: lifted[place] if place in lifted else self.resolve(leaf)
        )

    def _compute(self, call: Any) -> None:
        with gradient_maps.running(call.gradient_map):
            values = call.run(self)
        for symbol, value in zip(call.outputs, values, strict=True):
            self._store(id(symbol), value)

    def _store(self, key: int, value: Any) -> None:
        if key in self.plan.watched:
            # A layer may hand its input through as it is; the copy keeps "with respect to its output" apart from "to
            # its input". Any other value is watched itself: the gradients of many functions are made of their results,
            # and those of such gradients go through them.
            if id(value) in self._stored:
                value = copy(value)
            for tape in self.plan.watched[key]:
                self.tapes[tape].watch(value)
        if key not in self.values:
            self.values[key] = value
            self._stored.add(id(value))

    def _compute_unplanned(self, symbol: Any) -> None:
        order, leaves = in_order([symbol], lambda thing: id(thing) in self.values, lambda call: call.needs(self.phase))
        unfed = [leaf for leaf in leaves if not is_variable(leaf) and not isinstance(leaf, Phase)]
        if unfed:
            raise UnfedPlaceholderError(unfed_message(unfed[0]))
        # The loop or branch being traced inside may have a graph of its own; what is computed here belongs to the whole
        # evaluation.
        with self._graph.as_default() if self._graph is not None else ExitStack(), context.use(self), self._maps():
            for call in order:
                self._compute(call)

    def gradient(self, call: GradientCall) -> list[Any]:
        """Return the gradients of a call's losses with respect to its sources, from the tape of its order."""
        if self._stacks and id(call) in self.plan.together.groups:
            found = self._gradient_of_group(call)
            if found is not None:
                return found
        losses = [self.value(loss) for loss in call.losses]
        sources = [variable_of(source) if is_variable(source) else self.value(source) for source in call.sources]
        if id(call) not in self.plan.levels:
            if tf.executing_eagerly():
                raise NeedsTrace
            return gradients_in_graph(losses, sources)
        level, recorded = self.plan.levels[id(call)], id(call) in self.plan.recorded
        with ExitStack() as stack:
            for tape in self.tapes[:level] if recorded else self.tapes:
                stack.enter_context(tape.stop_recording())
            if recorded and self.plan.proven:
                stack.enter_context(gradient_maps.without_zeros())
            found = self.tapes[level - 1].gradient(losses, sources)
        if level == 1 or not self.plan.proven:
            return found
        pairs = zip(found, sources, strict=True)  # what was left out is zero everywhere
        return [tf.zeros_like(source) if gradient is None else gradient for gradient, source in pairs]

    def _gradient_of_group(self, call: GradientCall) -> list[Any] | None:
        """Return the gradients of a call that was computed with others; None if they cannot be computed together."""
        group = self.plan.together.groups[id(call)]
        if id(call) not in self._gradients:
            losses, sources = [self.value(one.losses[0]) for one in group], [self.value(s) for s in call.sources]
            found = stacked_gradients(self.tapes[0], losses, sources)
            self._gradients.update({id(one): found[number] if found else None for number, one in enumerate(group)})
        return self._gradients[id(call)]


def evaluate(targets: Sequence[Any], feeds: Mapping[int, Any], phase: int, nested: bool = False) -> list[Any]:
    """Values of symbolic tensors, in one pass."""
    return Evaluation(Plan(targets, feeds, phase), nested=nested).run(feeds)


def copy(value: Any) -> Any:
    """Return the same tensor as a new object, its mask kept."""
    twin = tf.identity(value)
    mask = getattr(value, "_keras_mask", None)
    if mask is not None:
        twin._keras_mask = mask
    return twin


def unfed_message(symbol: Any) -> str:
    """Message for a placeholder without a value; its first words are those of TensorFlow 1."""
    spec = spec_of(symbol)
    name = placeholder_name(symbol)
    return sentence_parts(
        f"You must feed a value for placeholder tensor '{name}' with dtype {spec.dtype.name} and shape {spec.shape}",
        f"a value for '{name}', which the outputs need.",
        "add it to the inputs of K.function (or to feed_dict), or ask for outputs that do not depend on it. If it "
        "belongs to another model, the outputs are not connected to the inputs you gave.",
    )


def placeholder_name(symbol: Any) -> str:
    """Return the name a user knows a placeholder by: that of its input layer where there is one."""
    history = getattr(symbol, "_keras_history", None)
    operation = getattr(history, "operation", None) or getattr(history, "layer", None)
    return getattr(operation, "name", None) or symbol.name
