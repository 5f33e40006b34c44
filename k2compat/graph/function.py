"""``Function``: from feeds to fetches in one call, eagerly at first, compiled from the second call on."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from k2compat.adapters import adapter
from k2compat.errors import K2TypeError, K2ValueError, NeedsTrace, NoGradientError, three_parts
from k2compat.graph.connect import absence_note, as_list
from k2compat.graph.evaluate import Evaluation, Plan
from k2compat.graph.feeds import feed, read
from k2compat.graph.symbols import Phase, is_symbol, is_variable, spec_of
from k2compat.graph.updates import Update, as_update

KEYWORDS = ("name", "fetches", "feed_dict", "options", "run_metadata")


class Function:
    """What ``K.function`` returns.

    Args:
        inputs: placeholders, model inputs, layers (for their outputs) or intermediate tensors; one or a list.
        outputs: what to compute: one symbolic tensor, or nested lists, tuples and dicts of them.
        updates: state changes to run after the outputs are computed.
        phase: the learning phase when it is not fed.
        **kwargs: ``fetches`` (run, not returned), ``feed_dict`` (read at each call), ``name``; and ``run_metadata``,
            which a call empties, and gives the graph of the computation where ``options.output_partition_graphs`` asks
            for it.

    Raises:
        ValueError: an unknown keyword, or a gradient that does not exist among the outputs.
        TypeError: an input, output or update of the wrong kind.
    """

    def __init__(self, inputs: Any, outputs: Any, updates: Any = None, phase: int = 0, **kwargs: Any):
        unknown = sorted(set(kwargs) - set(KEYWORDS))
        if unknown:
            raise K2ValueError(
                three_parts(
                    f"K.function with the keyword {unknown[0]!r}",
                    f"one of {', '.join(KEYWORDS)}.",
                    "leave it out, or check its spelling.",
                )
            )
        self.inputs = [checked_input(item) for item in tf.nest.flatten(as_list(inputs))]
        self.outputs = outputs
        self.feed_dict: Mapping[Any, Any] = kwargs.get("feed_dict") or {}
        self.options, self.run_metadata = kwargs.get("options"), kwargs.get("run_metadata")
        self.phase = phase
        self.single = len(self.inputs) == 1 and not isinstance(inputs, (list, tuple))
        fetches = (
            [checked_output(item) for item in tf.nest.flatten(outputs)]
            if not is_one(outputs)
            else [checked_output(outputs)]
        )
        extra = [as_fetch(item) for item in tf.nest.flatten(kwargs.get("fetches") or [])]
        updates = [as_update(item) for item in updates_in(updates)]
        self._work = Work(fetches, [*updates, *(item for item in extra if isinstance(item, Update))])
        self._work.fetches_only(item for item in extra if not isinstance(item, Update))
        self._runs: dict[tuple[Any, ...], Run] = {}
        self._lock = threading.Lock()

    def __call__(self, inputs: Any = ()) -> Any:
        """Computes the outputs, then runs the updates.

        Args:
            inputs: one value for each input, in order; missing ones at the end are not fed.

        Returns:
            NumPy arrays in the structure of the outputs.

        Raises:
            UnfedPlaceholderError: a placeholder that the outputs need has no value.
            FeedError, FeedTypeError: a value does not fit its input.
        """
        values = self._paired(inputs)
        phase = self.phase
        feeds = []
        for symbol, value in values:
            if isinstance(symbol, Phase):
                phase = int(bool(tf.get_static_value(tf.convert_to_tensor(value))))
            else:
                feeds.append((symbol, feed(symbol, value)))
        run = self._run(tuple(symbol for symbol, _ in feeds), phase)
        results = [read(result) for result in run([tensor for _, tensor in feeds])]
        if self.run_metadata is not None:
            self.run_metadata.Clear()
            if getattr(self.options, "output_partition_graphs", False):
                self.run_metadata.partition_graphs.append(run.graph_def())
        return results[0] if is_one(self.outputs) else tf.nest.pack_sequence_as(self.outputs, results)

    def _paired(self, inputs: Any) -> list[tuple[Any, Any]]:
        values = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        if len(values) > len(self.inputs):
            warnings.warn(
                f"K.function was called with {len(values)} values for {len(self.inputs)} inputs; the last "
                f"{len(values) - len(self.inputs)} are dropped.",
                stacklevel=3,
            )
        given = [(symbol, value) for symbol, value in zip(self.inputs, values, strict=False) if value is not None]
        given += [(checked_input(symbol), value) for symbol, value in self.feed_dict.items()]
        return list({id(symbol): (symbol, value) for symbol, value in given}.values())

    def _run(self, fed: tuple[Any, ...], phase: int) -> Run:
        key = (phase, *map(id, fed))
        run = self._runs.get(key)
        if run is None:
            with self._lock:
                run = self._runs.setdefault(key, Run(self._work, fed, phase))
        return run


class Work:
    """What a function does: fetches, then updates."""

    def __init__(self, fetches: Sequence[Any], updates: Sequence[Update]):
        self.fetches = list(fetches)
        self.updates = [*(item for item in fetches if isinstance(item, Update)), *updates]
        self.extra: list[Any] = []

    def fetches_only(self, extra: Iterable[Any]) -> None:
        """Adds what has to be computed without being returned."""
        self.extra.extend(extra)

    @property
    def targets(self) -> list[Any]:
        """Everything that is computed before the first update runs."""
        wanted = [item for item in self.fetches if is_target(item)]
        return [*wanted, *(need for update in self.updates for need in update.needs), *self.extra]

    def perform(self, evaluation: Evaluation, feeds: Mapping[int, Any]) -> list[Any]:
        """Runs one evaluation and the updates after it."""
        values = evaluation.run(feeds)
        computed = iter(values)
        results = [next(computed) if is_target(item) else item for item in self.fetches]
        new_values = [next(computed) if update.needs else update.value for update in self.updates]
        with tf.control_dependencies(tf.nest.flatten(values, expand_composites=True)):  # what fails changes nothing
            after = {id(update): update.run(value) for update, value in zip(self.updates, new_values, strict=True)}
        results = [
            result if isinstance(result, (tf.SparseTensor, Update)) else tf.convert_to_tensor(result)
            for result in results
        ]
        return [after.get(id(item), result) for item, result in zip(self.fetches, results, strict=True)]


class Run:
    """A function with a set of fed symbols and a learning phase: planned once, eager at the first call, compiled at the
    second.
    """

    def __init__(self, work: Work, fed: Sequence[Any], phase: int):
        self.work = work
        self.fed = fed
        self.plan = Plan(work.targets, map(id, fed), phase)
        # Compiled from the first call on: a seeded draw starts from its seed in each tier, so that the second call
        # would repeat the first;
        # and tapes within tapes are slow, and sometimes wrong, while they run eagerly.
        self._started = self.plan.seeded or self.plan.depth > 1
        self._compiled: Any = None
        self._lock = threading.Lock()

    def __call__(self, tensors: Sequence[Any]) -> Sequence[Any]:
        if self._compiled is None:
            if not self._started:
                self._started = True
                try:
                    return self._perform(*tensors)
                except NeedsTrace:
                    pass  # a layer takes gradients itself, which only a traced function can
            self._compile()
        return self._compiled(*tensors)

    def graph_def(self) -> Any:
        """The graph of the computation, as a ``GraphDef``; compiles it if that has not happened yet."""
        if self._compiled is None:
            self._compile()
        return self._compiled.graph.as_graph_def()

    def _perform(self, *tensors: Any) -> list[Any]:
        feeds = {id(symbol): tensor for symbol, tensor in zip(self.fed, tensors, strict=True)}
        return self.work.perform(Evaluation(self.plan), feeds)

    def _compile(self) -> None:
        with self._lock:
            if self._compiled is None:
                signature = [spec_of(symbol) for symbol in self.fed]
                function = tf.function(self._perform, input_signature=signature, autograph=False)
                concrete = function.get_concrete_function()
                self._compiled = concrete


def is_one(outputs: Any) -> bool:
    """Whether outputs are a single thing rather than a structure of things."""
    return not isinstance(outputs, (list, tuple, dict))


def is_target(item: Any) -> bool:
    """Whether a fetch has to be computed by the evaluation."""
    return is_symbol(item) or is_variable(item)


def updates_in(updates: Any) -> list[Any]:
    """A list of updates from what users pass: None, one update, or a list."""
    if updates is None:
        return []
    return [updates] if isinstance(updates, Update) else list(updates)


def checked_input(item: Any) -> Any:
    """An input as symbolic tensor.

    Raises:
        TypeError: it is none.
    """
    item = adapter().as_tensor(item)
    if not is_symbol(item):
        raise K2TypeError(
            three_parts(
                f"K.function with the input {item!r} of type {type(item).__name__}",
                "placeholders: model.input, layer.output, K.placeholder(...), K.learning_phase() or a Layer.",
                "give values when the function is called, not when it is made."
                + (
                    " After K.set_learning_phase the phase is a number and no input any more."
                    if isinstance(item, int)
                    else ""
                ),
            )
        )
    return item


def as_fetch(item: Any) -> Any:
    return adapter().as_tensor(item)


def checked_output(item: Any) -> Any:
    """An output as symbolic tensor, variable, update or constant.

    Raises:
        NoGradientError: it is the None of a gradient that does not exist.
        TypeError: it is nothing that can be computed.
    """
    item = as_fetch(item)
    if item is None:
        raise NoGradientError(
            three_parts(
                "K.function with None among its outputs" + absence_note(item),
                "symbolic tensors, variables or updates.",
                "ask for gradients with respect to a tensor the loss depends on, and check K.gradients(...)[i] is not "
                "None.",
            )
        )
    if not (is_target(item) or isinstance(item, Update) or tf.is_tensor(item)):
        try:
            return tf.convert_to_tensor(item)
        except (TypeError, ValueError):
            raise K2TypeError(
                three_parts(
                    f"K.function with the output {item!r} of type {type(item).__name__}",
                    "symbolic tensors, variables or updates.",
                    "pass the tensor itself, as in layer.output.",
                )
            ) from None
    return item
