"""Runs what a function does: eagerly the first time, compiled from the second time on."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from k2compat.errors import FeedError, K2ValueError, NeedsTrace, three_parts
from k2compat.graph.argument_key import Unknown, outline
from k2compat.graph.evaluation import Evaluation, Plan, placeholder_name
from k2compat.graph.symbols import is_symbol, is_variable, spec_of
from k2compat.graph.updates import Step, Update
from k2compat.runtime import forks
from k2compat.runtime.direct_call import Caller, caller
from k2compat.runtime.freeze import FrozenCaller
from k2compat.runtime.odd_sizes import FAILURES, odd_sizes
from k2compat.runtime.structural_key import StructuralKey, lifted_spec
from k2compat.runtime.wrong_index import wrong_index
from k2compat.tensorflow_internals import uses_onednn

TIERS = ("auto", "eager", "compiled")


class Work:
    """What a function does: fetches, then updates."""

    def __init__(self, fetches: Sequence[Any], updates: Sequence[Update]):
        self.fetches = list(fetches)
        self.updates = [*(item for item in fetches if isinstance(item, Update)), *updates]
        self.extra: list[Any] = []

    def fetches_only(self, extra: Iterable[Any]) -> None:
        """Add what has to be computed without being returned."""
        self.extra.extend(extra)

    @property
    def targets(self) -> list[Any]:
        """Everything that is computed before the first update runs."""
        wanted = [item for item in self.fetches if is_target(item)]
        return [*wanted, *(need for update in self.updates for need in update.needs), *self.extra]

    def perform(self, evaluation: Evaluation, feeds: Mapping[int, Any]) -> list[Any]:
        """Run one evaluation and the updates after it."""
        values = evaluation.run(feeds)
        computed = iter(values)
        results = [next(computed) if is_target(item) else item for item in self.fetches]
        new_values = [update.new_value([next(computed) for _ in update.needs]) for update in self.updates]
        with tf.control_dependencies(tf.nest.flatten(values, expand_composites=True)):  # what fails changes nothing
            after = {id(update): update.run(value) for update, value in zip(self.updates, new_values, strict=True)}
        results = [
            result if isinstance(result, (tf.SparseTensor, Update)) else tf.convert_to_tensor(result)
            for result in results
        ]
        return [after.get(id(item), result) for item, result in zip(self.fetches, results, strict=True)]

    def outline(self, key: StructuralKey) -> Any:
        """Return the part of a key that says what is fetched and changed."""
        numbers = {id(update): ("update", number) for number, update in enumerate(self.updates)}

        def change(update: Update) -> Any:
            value = update.value
            if isinstance(update, Step):
                return key.identity(update), tuple(map(key.name, value))
            if is_symbol(value) or is_variable(value):
                return update.how, key.name(update.target), key.name(value)
            try:
                return update.how, key.name(update.target), outline(value, {})
            except Unknown:
                return update.how, key.identity(update)

        fetched = tuple(numbers.get(id(item)) or key.name(item) for item in self.fetches)
        return fetched, tuple(map(change, self.updates)), tuple(map(key.name, self.extra))


class Run:
    """A piece of work with its plan: eager the first time, compiled from the second on.

    Attributes:
        lifted: what is handed over at each call behind the fed tensors, None for the values that are in the work.
        compilations: how many times it was compiled, 0 or 1.
        concrete: the compiled function, None before that; ``call`` is the shortest way to call it.
    """

    def __init__(
        self, work: Work, fed: Sequence[Any], plan: Plan, options: Options, lifted: StructuralKey | None = None
    ):
        self.work = work
        self.fed = fed
        self.plan = plan
        self.lifted = lifted
        self.options = options
        self.compilations = 0
        self._uncounted = 0
        # Compiled from the first call on: a seeded draw starts from its seed in each tier, so that the second call
        # would repeat the first; and tapes within tapes are slow, and sometimes wrong, while they run eagerly.
        self._started = options.tier == "compiled" or plan.seeded or plan.mapped or plan.depth > 1 or lifted is not None
        self.concrete: Any = None
        self.call: Caller | None = None
        self._of_nothing: Caller | None = None
        self._inside: Caller | None = None
        self._lock = threading.Lock()

    def runs_eagerly(self) -> bool:
        """Return whether the next call is to run eagerly; the call after that is not, unless the tier says so."""
        eagerly = self.call is None and (not self._started or self.options.tier == "eager")
        self._started = True
        return eagerly

    def compile(self) -> Caller:
        """Compile the work, unless that has happened, and gives what runs it."""
        with self._lock:
            if self.call is None:
                signature = [spec_of(symbol) for symbol in self.fed]
                signature += [] if self.lifted is None else map(lifted_spec, self.lifted.values)
                function = tf.function(
                    self.perform,
                    input_signature=signature,
                    autograph=False,
                    jit_compile=self.options.jit_compile or None,
                )
                self.concrete = function.get_concrete_function()
                self.compilations += 1
                self._uncounted += 1
                forks.mark()
                freeze, jit_compile = self.options.freeze, self.options.jit_compile
                self.call = FrozenCaller(self.concrete, jit_compile) if freeze else caller(self.concrete)
        return self.call

    def call_of_nothing(self) -> Caller:
        """Compile the work by XLA, and give what runs it: from tensors without elements, kernels of oneDNN compute
        arrays of wrong shapes, or fail.
        """
        with self._lock:
            if self._of_nothing is None:
                function = tf.function(self.perform, autograph=False, jit_compile=True, reduce_retracing=True)
                self._of_nothing = lambda tensors: function(*tensors)
        return self._of_nothing

    def newly_compiled(self) -> int:
        """Return how many compilations no function has counted yet: of threads that wait for one, one counts it."""
        if not self._uncounted:
            return 0
        with self._lock:
            number, self._uncounted = self._uncounted, 0
        return number

    def inside(self) -> Caller:
        """Return what does the work within another traced function; weights that are to be folded in have today's
        values.
        """
        if self.options.freeze:
            return self.compile().current()  # type: ignore[attr-defined]
        with self._lock:
            if self._inside is None:
                function = tf.function(self.perform, autograph=False, jit_compile=self.options.jit_compile or None)
                self._inside = lambda tensors: function(*tensors)
        return self._inside

    def perform(self, *tensors: Any) -> list[Any]:
        """Does the work once: with a tensor for each fed symbol, then the lifted values."""
        feeds = {id(symbol): tensor for symbol, tensor in zip(self.fed, tensors, strict=False)}
        values = tensors[len(self.fed) :]
        places = {} if self.lifted is None else self.lifted.placed(values)
        return self.work.perform(Evaluation(self.plan, places), feeds)


class Options:
    """How a function is to be run.

    Args:
        tier: "auto", "eager" or "compiled"; None for that of the environment variable K2COMPAT_TIER, or "auto".
        jit_compile: whether TensorFlow compiles it with XLA.
        freeze: whether weights are folded in as constants.

    Raises:
        ValueError: there is no such tier.
    """

    def __init__(self, tier: str | None = None, jit_compile: bool = False, freeze: bool = False):
        self.tier = tier or os.environ.get("K2COMPAT_TIER") or "auto"
        self.jit_compile = bool(jit_compile)
        self.freeze = bool(freeze)
        if self.tier not in TIERS:
            raise K2ValueError(
                three_parts(
                    f"the tier {self.tier!r}",
                    f"one of {', '.join(TIERS)}.",
                    "pass tier= to K.function, or set the environment variable K2COMPAT_TIER.",
                )
            )

    @property
    def key(self) -> tuple[Any, ...]:
        return self.tier, self.jit_compile, self.freeze


class Executor:
    """Computes the work of one function from the tensors it is fed.

    Args:
        run: the work with its plan, which functions that are alike share.
        fed: the symbolic tensors that are fed, in order.
        lifted: the values of this function that are handed over at each call, behind the fed tensors.

    Attributes:
        replicas: what computes it with a strategy, for each that was asked for.
    """

    def __init__(self, run: Run, fed: Sequence[Any], lifted: Sequence[Any]):
        self.run = run
        self.fed = list(fed)
        self.lifted = list(map(tf.constant, lifted))
        self.replicas: dict[Any, Any] = {}

    def __call__(self, tensors: Sequence[Any]) -> Sequence[Any]:
        """Return the results from a tensor for each fed symbol."""
        try:
            if self.run.plan.depth and uses_onednn() and any(map(is_empty, tensors)):
                return self._of_nothing(tensors)  # oneDNN's gradient of max pooling would end the process
            return self._called(tensors)
        except FAILURES as failure:
            if not self.run.plan.depth and uses_onednn() and any(map(is_empty, tensors)):
                with contextlib.suppress(*FAILURES):
                    return self._of_nothing(tensors)
            problem = self._wrong_index(tensors, failure) or self._odd_sizes(tensors, failure)
            if problem is None:
                raise
            raise problem from failure

    def _called(self, tensors: Sequence[Any]) -> Sequence[Any]:
        # Not for empty tensors: some kernels refuse them, which compiled are not asked, as in Keras 2.
        if self.run.runs_eagerly() and (self.run.options.tier == "eager" or not any(map(is_empty, tensors))):
            try:
                return self.run.perform(*tensors, *self.lifted)
            except NeedsTrace:
                pass  # a layer takes gradients itself, which only a traced function can
        call = self.run.call or self.run.compile()
        return call([*tensors, *self.lifted])

    def _of_nothing(self, tensors: Sequence[Any]) -> Sequence[Any]:
        return self.run.call_of_nothing()([*tensors, *self.lifted])

    def _wrong_index(self, tensors: Sequence[Any], failure: BaseException) -> FeedError | None:
        fed = tensors[: len(self.fed)] if tf.executing_eagerly() else ()
        return wrong_index([placeholder_name(symbol) for symbol in self.fed[: len(fed)]], fed, failure)

    def _odd_sizes(self, tensors: Sequence[Any], failure: BaseException) -> FeedError | None:
        """Return what is wrong with the sizes of batches or sequences, of inputs whose first axis has any size."""
        batched = [
            (placeholder_name(symbol), tuple(tensor.shape))
            for symbol, tensor in zip(self.fed, tensors, strict=False)
            if is_batched(symbol)
        ]
        return odd_sizes([name for name, _ in batched], [shape for _, shape in batched], failure)


def is_batched(symbol: Any) -> bool:
    """Return whether the first axis of a symbolic tensor has any size."""
    shape = spec_of(symbol).shape
    return bool(shape.rank) and shape[0] is None


def is_empty(tensor: Any) -> bool:
    """Return whether a tensor has no elements."""
    return isinstance(tensor, tf.Tensor) and 0 in tensor.shape


def is_target(item: Any) -> bool:
    """Return whether a fetch has to be computed by the evaluation."""
    return is_symbol(item) or is_variable(item)
