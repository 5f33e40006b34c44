"""``Function``: from feeds to fetches in one call, eagerly at first, compiled from the second call on."""

from __future__ import annotations

import dataclasses
import threading
import time
import warnings
from collections.abc import Mapping, ValuesView
from contextlib import suppress
from types import NoneType
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from k2compat.adapters.registry import adapter
from k2compat.errors import FeedError, K2TypeError, K2ValueError, NoGradientError, sentence_parts, three_parts
from k2compat.graph.gradients import as_list
from k2compat.graph.none_gradients import absence_note
from k2compat.graph.symbols import Phase, is_symbol
from k2compat.graph.updates import Group, Update, as_update
from k2compat.runtime import forks
from k2compat.runtime.executor import Executor, Options, Run, Work, is_target
from k2compat.runtime.feeds import NESTS, Feed, opened, read
from k2compat.runtime.map import Mapped, Pass
from k2compat.runtime.plan_cache import PlanCache
from k2compat.tensorflow_internals import eagerly, in_own_graph

if TYPE_CHECKING:
    from k2compat.codegen import Source

KEYWORDS = ("name", "fetches", "feed_dict", "options", "run_metadata", "tier", "jit_compile", "freeze")


class Function:
    """What ``K.function`` returns.

    Args:
        inputs: placeholders, model inputs, layers (for their outputs) or intermediate tensors; one or a list.
        outputs: what to compute: one symbolic tensor, or nested lists, tuples and dicts of them.
        updates: state changes to run after the outputs are computed.
        phase: the learning phase when it is not fed.
        **kwargs: ``fetches`` (run, not returned), ``feed_dict`` (read at each call), ``name``; and ``run_metadata``,
            which a call empties, and gives the graph of the computation where ``options.output_partition_graphs`` asks
            for it. ``tier`` ("auto", "eager", "compiled"), ``jit_compile`` and ``freeze``, which Keras 2 did not have,
            say how it is run.

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
        self._name = kwargs.get("name")
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
        self.work = Work(fetches, [*updates, *(item for item in extra if isinstance(item, Update))])
        self.work.fetches_only(item for item in extra if not isinstance(item, Update))
        self._how = Options(kwargs.get("tier"), kwargs.get("jit_compile", False), kwargs.get("freeze", False))
        if self._how.freeze and self.work.updates:
            raise K2ValueError(
                three_parts(
                    f"K.function with freeze=True and {len(self.work.updates)} updates",
                    "one or the other: frozen weights do not change.",
                    "leave out freeze=True to train.",
                )
            )
        self._flat = isinstance(outputs, list) and len(outputs) == len(fetches)
        self._feeds = [Feed(symbol) for symbol in self.inputs]
        self._all_fed = not (self.feed_dict or any(isinstance(symbol, Phase) for symbol in self.inputs))
        self._plans = PlanCache(self.work, self._how)
        self._executor: Executor | None = None  # for all inputs
        self._stats = Stats()

    def __call__(self, inputs: Any = ()) -> Any:
        """Compute the outputs, then runs the updates.

        Args:
            inputs: a value for each input, in order, in lists and dicts or flat; missing ones at the end are not fed.

        Returns:
            NumPy arrays in the structure of the outputs.

        Raises:
            UnfedPlaceholderError: a placeholder that the outputs need has no value.
            FeedError, FeedTypeError: a value does not fit its input.
        """
        return self.arranged(self.computed(list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]))

    def computed(self, values: list[Any]) -> list[Any]:
        """Return the results of one call, in a flat list."""
        if not tf.executing_eagerly() and in_own_graph():
            with eagerly():
                return self.computed(values)
        start = time.perf_counter()
        executor, tensors = self.executor_for(values)
        results = [read(result) for result in executor(tensors)]
        if any(getattr(result, "size", 1) == 0 for result in results):
            results = [*map(of_static_shape, results, self.work.fetches)]
        if self.run_metadata is not None:
            self._tell(executor.run, self.run_metadata)
        self._stats.count(executor.run, time.perf_counter() - start)
        return results

    def arranged(self, results: list[Any]) -> Any:
        """Results in the structure of the outputs."""
        if self._flat:
            return results
        return results[0] if is_one(self.outputs) else tf.nest.pack_sequence_as(self.outputs, results)

    def executor_for(self, values: list[Any]) -> tuple[Executor, list[Any]]:
        """Return what runs for such values, and the tensors it is fed."""
        forks.check()
        kinds = {*map(type, values)}
        if not kinds.isdisjoint(NESTS):
            values = opened(values, self._feeds)
            kinds = {*map(type, values)}
        if self._all_fed and len(values) == len(self._feeds) and NoneType not in kinds:
            tensors = [feed(value) for feed, value in zip(self._feeds, values, strict=True)]
            self._executor = self._executor or self._plans.prepare(self.inputs, self.phase)
            return self._executor, tensors
        symbols, tensors, phase = self._partly_fed(values)
        return self._plans.prepare(symbols, phase), tensors

    def prepare(self, values: list[Any]) -> None:
        """Compile what runs for such values, unless the tier says eager, so that the first call is like the others."""
        executor, _ = self.executor_for(values)
        if self._how.tier != "eager":
            executor.run.compile()
            self._stats.count_compilations(executor.run)

    def map(
        self,
        data: Any,
        batch_size: int | None = 32,
        *,
        on_error: str = "raise",
        progress: bool | None = None,
        prefetch: int = 2,
        fixed: Mapping[Any, Any] | None = None,
        strategy: tf.distribute.Strategy | None = None,
    ) -> Mapped:
        """Compute the outputs for many items, read and put together to batches while the ones before are computed.

        The result for a batch is, to the bit, what a call with that batch gives. Several items with shapes that differ
        make several batches. Updates run once for each batch.

        Args:
            data: items, each the value of one input for one picture, without a batch axis; a tuple of values for
                several inputs. An array, a list, a generator, a ``tf.data.Dataset``, or an object with ``__getitem__``
                and ``__len__``. No more than ``prefetch + 2`` batches are read ahead of the results taken.
            batch_size: how many items are computed at once; the last batch may be smaller. An output without a batch
                axis (a loss, the gradient of a weight) needs 1, and is given whole. None if the items are batches:
                each is fed as it is, and has one result.
            on_error: "raise" for an item that cannot be read, fed or computed; "skip" to leave it out, and warn at the
                end. A generator that raised has ended; ``map(load, paths)`` and sequences go on.
            progress: whether to draw a bar with rate and remaining time to stderr; None to do so on a terminal only.
            prefetch: how many batches are made ahead.
            fixed: input -> its value for all items. The learning phase is always the same for all items: that given
                here, or 0.
            strategy: computes each batch in equal parts on its replicas; the results are those of batches of that
                part's size. Functions that change variables are refused. Weights made outside of ``strategy.scope()``
                are read from where they are by all replicas, in each worker process from its own; make or load the
                model under the scope for a copy on each device, which GPUs need to be fast. With several workers
                (``MultiWorkerMirroredStrategy``) each gives the same items, computes its part, and yields all results.

        Returns:
            An iterator over the results, NumPy arrays in the structure of the outputs: one for each item, without the
            batch axis. Its ``errors`` are the items left out, as pairs (index, error); ``len()`` is the number of
            items, if known; ``close()`` or the end of a ``with`` block stops early.

        Raises:
            ItemError: an item is bad, after the results of those before it; with its ``index``.
            ValueError: outputs or inputs without a batch axis, or an argument that makes no sense.
            TypeError: data that has no items, or a strategy that is none.
        """
        return Mapped(Pass(self, data, batch_size, on_error, progress, prefetch, fixed, strategy))

    def stats(self) -> dict[str, Any]:
        """Return what has happened so far.

        Returns:
            ``tier``: "eager" or "compiled", that of the latest call, None before the first; ``calls``;
            ``compilations`` in calls of this function; ``cache_hits``: how often the function found what an earlier one
            that is like it had left; ``milliseconds`` in calls, altogether.
        """
        return {**dataclasses.asdict(self._stats), "cache_hits": self._plans.hits}

    def to_source(
        self,
        name: str | None = None,
        *,
        parameters: Mapping[str, float] | None = None,
        beside: Mapping[str, Function] | None = None,
        **given: Any,
    ) -> Source:
        """Return the function as TensorFlow 2 code without k2compat.

        A module with a factory, ``make_<name>(model, ...)``, whose docstring says what to pass: models, whose layers it
        finds by name, so that models loaded from a file will do; ``K.variable``s; large arrays. It returns a
        ``tf.function`` of the inputs, with ``training`` in place of ``K.learning_phase()``, whose results are tensors.
        A comment names the layers that compute otherwise in a program in which Keras is not repaired.

        Args:
            name: of the function; by default the one given to ``K.function``, or "function".
            parameters: numbers that become arguments of the function, behind its inputs, as in
                ``f.to_source(parameters={"class_index": 3})``: name -> the index or operand that the function was built
                with. Give the argument as a tensor if it changes often, as ``tf.function`` compiles for each number.
            beside: name -> another function. All share one factory, ``make_functions``, which returns them in their
                order, and the models and sub-models they have in common.
            **given: models, layers, variables and arrays by the names their parameters are to have, as in
                ``f.to_source(vgg=model)``.

        Returns:
            The code: a string, whose ``arguments`` are what the parameters of the factory stand for.

        Raises:
            SourceError: a part of it cannot be written, or a number of ``parameters`` stands in no place, or in
                several; the message says which, and what to do.
        """
        from k2compat.codegen import source_of  # loaded when code is written

        return source_of({name or self._name or "function": self, **(beside or {})}, given, parameters)

    def _partly_fed(self, values: list[Any]) -> tuple[list[Any], list[Any], int]:
        """Return the symbols that are fed, a tensor for each, and the learning phase."""
        if len(values) > len(self.inputs):
            warnings.warn(
                f"K.function was called with {len(values)} values for {len(self.inputs)} inputs; the last "
                f"{len(values) - len(self.inputs)} are dropped.",
                stacklevel=5,
            )
        pairs = [*zip(self._feeds, values, strict=False)]
        given = [(feed, value) for feed, value in pairs if value is not None]
        given += [(Feed(checked_input(symbol)), value) for symbol, value in self.feed_dict.items()]
        phase, symbols, tensors = self.phase, [], []
        for feed, value in {id(feed.symbol): (feed, value) for feed, value in given}.values():
            if isinstance(feed.symbol, Phase):
                phase = phase_in(value)
            else:
                symbols.append(feed.symbol)
                tensors.append(feed(value))
        return symbols, tensors, phase

    def _tell(self, run: Run, metadata: Any) -> None:
        """Put the graph of the computation into ``RunMetadata``, if the options ask for it."""
        metadata.Clear()
        if getattr(self.options, "output_partition_graphs", False):
            run.compile()
            metadata.partition_graphs.append(run.concrete.graph.as_graph_def())


# Threads that count at once would lose what one of them added: "+=" reads first, and writes later.
_COUNTING = threading.Lock()


@dataclasses.dataclass
class Stats:
    """See ``Function.stats``."""

    tier: str | None = None
    calls: int = 0
    compilations: int = 0
    cache_hits: int = 0
    milliseconds: float = 0.0

    def count(self, run: Run, seconds: float) -> None:
        """Add a call."""
        with _COUNTING:
            self.tier = "eager" if run.call is None else "compiled"
            self.calls += 1
            self.compilations += run.newly_compiled()
            self.milliseconds += seconds * 1000

    def count_compilations(self, run: Run) -> None:
        """Add those of work that was prepared and not called."""
        with _COUNTING:
            self.compilations += run.newly_compiled()


def is_one(outputs: Any) -> bool:
    """Return whether outputs are a single thing rather than a structure of things."""
    return not isinstance(outputs, (list, tuple, dict, ValuesView))


def of_static_shape(result: Any, fetch: Any) -> Any:
    """Return an empty array with the sizes that are known: oneDNN's convolution of nothing has those of its input."""
    shape = getattr(fetch, "shape", None)
    if not isinstance(result, np.ndarray) or result.size or shape is None or len(shape) != result.ndim:
        return result
    known = [known or size for known, size in zip(shape, result.shape, strict=True)]
    return result if 0 not in known else np.empty(known, result.dtype)


def phase_in(value: Any) -> int:
    """Return the learning phase that a fed value means.

    Raises:
        FeedError: it is not one number or truth value.
    """
    array = np.asarray(None)
    with suppress(TypeError, ValueError):
        array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "biuf":
        raise FeedError(
            sentence_parts(
                f"The learning phase was fed {value!r}",
                "one number or truth value: 0 for test, 1 for training.",
                "feed 0 or 1, or leave the learning phase out of the inputs, which means 0.",
            )
        )
    return int(bool(array.item()))


def updates_in(updates: Any) -> list[Any]:
    """Return a list of updates from what users pass: None, one update, or a list."""
    if updates is None:
        return []
    listed = [updates] if isinstance(updates, Update) else list(updates)
    return [item for one in listed for item in (one if isinstance(one, Group) else [one])]


def checked_input(item: Any) -> Any:
    """Return an input as symbolic tensor.

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
    """Return an output as symbolic tensor, variable, update or constant.

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
