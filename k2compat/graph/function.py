"""``Function``: from feeds to fetches in one call, eagerly at first, compiled from the second call on."""

from __future__ import annotations

import dataclasses
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from k2compat.adapters import adapter
from k2compat.errors import K2TypeError, K2ValueError, NoGradientError, three_parts
from k2compat.graph.connect import absence_note, as_list
from k2compat.graph.feeds import Feed, read
from k2compat.graph.many import Mapped, Pass
from k2compat.graph.run import Bound, Options, Run, Work, is_target
from k2compat.graph.symbols import Phase, is_symbol
from k2compat.graph.updates import Update, as_update

if TYPE_CHECKING:
    from k2compat.graph.source import Source

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
        self._bound: dict[tuple[Any, ...], Bound] = {}
        self._lock = threading.Lock()
        self._stats = Stats()

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
        return self.arranged(self.computed(list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]))

    def computed(self, values: list[Any]) -> list[Any]:
        """The results of one call, in a flat list."""
        start = time.perf_counter()
        bound, tensors = self.bound_to(values)
        before = bound.run.compilations
        results = [read(result) for result in bound(tensors)]
        if self.run_metadata is not None:
            self._tell(bound.run, self.run_metadata)
        self._stats.count(bound.run, before, time.perf_counter() - start)
        return results

    def arranged(self, results: list[Any]) -> Any:
        """Results in the structure of the outputs."""
        if self._flat:
            return results
        return results[0] if is_one(self.outputs) else tf.nest.pack_sequence_as(self.outputs, results)

    def bound_to(self, values: list[Any]) -> tuple[Bound, list[Any]]:
        """What runs for such values, and the tensors it is fed."""
        if self._all_fed and len(values) == len(self._feeds) and not any(value is None for value in values):
            return self._bound_to(self.inputs, self.phase), [
                feed(value) for feed, value in zip(self._feeds, values, strict=True)
            ]
        symbols, tensors, phase = self._partly_fed(values)
        return self._bound_to(symbols, phase), tensors

    def prepare(self, values: list[Any]) -> None:
        """Compiles what runs for such values, unless the tier says eager, so that the first call is like the others."""
        bound, _ = self.bound_to(values)
        if self._how.tier != "eager":
            before = bound.run.compilations
            bound.run.compile()
            self._stats.compilations += bound.run.compilations - before

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
        """Computes the outputs for many items, read and put together to batches while the ones before are computed.

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
        """What has happened so far.

        Returns:
            ``tier``: "eager" or "compiled", that of the latest call, None before the first; ``calls``;
            ``compilations`` in calls of this function; ``cache_hits``: how often the function found what an earlier one
            that is like it had left; ``milliseconds`` in calls, altogether.
        """
        return dataclasses.asdict(self._stats)

    def to_source(self, name: str | None = None, **given: Any) -> Source:
        """The function as TensorFlow 2 code without k2compat.

        A module with a factory, ``make_<name>(model, ...)``, whose docstring says what to pass: models, whose layers it
        finds by name, so that models loaded from a file will do; ``K.variable``s; large arrays. It returns a
        ``tf.function`` of the inputs, with ``training`` in place of ``K.learning_phase()``, whose results are tensors.
        A comment names the layers that compute otherwise in a program in which Keras is not repaired.

        Args:
            name: of the function; by default the one given to ``K.function``, or "function".
            **given: models, layers, variables and arrays by the names their parameters are to have, as in
                ``f.to_source(vgg=model)``.

        Returns:
            The code: a string, whose ``arguments`` are what the parameters of the factory stand for.

        Raises:
            SourceError: a part of it cannot be written; the message says which, and what to do.
        """
        from k2compat.graph.source import source_of  # loaded when code is written

        return source_of(self, name or self._name or "function", given)

    def _partly_fed(self, values: list[Any]) -> tuple[list[Any], list[Any], int]:
        """The symbols that are fed, a tensor for each, and the learning phase."""
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
                phase = int(bool(tf.get_static_value(tf.convert_to_tensor(value))))
            else:
                symbols.append(feed.symbol)
                tensors.append(feed(value))
        return symbols, tensors, phase

    def _bound_to(self, symbols: Sequence[Any], phase: int) -> Bound:
        key = (phase, *map(id, symbols))
        bound = self._bound.get(key)
        if bound is None:
            with self._lock:
                bound = self._bound.get(key)
                if bound is None:
                    bound = self._bound[key] = Bound(self.work, symbols, phase, self._how)
                    self._stats.cache_hits += bound.shared
        return bound

    def _tell(self, run: Run, metadata: Any) -> None:
        """Puts the graph of the computation into ``RunMetadata``, if the options ask for it."""
        metadata.Clear()
        if getattr(self.options, "output_partition_graphs", False):
            run.compile()
            metadata.partition_graphs.append(run.concrete.graph.as_graph_def())


@dataclasses.dataclass
class Stats:
    """See ``Function.stats``."""

    tier: str | None = None
    calls: int = 0
    compilations: int = 0
    cache_hits: int = 0
    milliseconds: float = 0.0

    def count(self, run: Run, compilations_before: int, seconds: float) -> None:
        """Adds a call."""
        self.tier = "eager" if run.call is None else "compiled"
        self.calls += 1
        self.compilations += run.compilations - compilations_before
        self.milliseconds += seconds * 1000


def is_one(outputs: Any) -> bool:
    """Whether outputs are a single thing rather than a structure of things."""
    return not isinstance(outputs, (list, tuple, dict))


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
