"""``f.map``: a function over many items, in order, with what is bad left out if asked."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from k2compat.adapters.registry import adapter
from k2compat.errors import K2TypeError, K2ValueError, three_parts
from k2compat.graph.symbols import Phase, is_feedable, is_symbol, is_variable, spec_of
from k2compat.graph.updates import Update
from k2compat.runtime.batches import BadItem, Batches, check_axis, in_a_line
from k2compat.runtime.distribute import Workers, replicas, unchanging
from k2compat.runtime.executor import Executor, Work
from k2compat.runtime.progress import Bar

ON_ERROR = ("raise", "skip")
SHOWN = 3  # errors in the warning at the end


class Mappable(Protocol):
    """What ``f.map`` uses of a function."""

    inputs: list[Any]
    work: Work

    def executor_for(self, values: list[Any]) -> tuple[Executor, list[Any]]: ...

    def prepare(self, values: list[Any]) -> None: ...

    def computed(self, values: list[Any]) -> list[Any]: ...

    def arranged(self, results: list[Any]) -> Any: ...


class Mapped(Iterator[Any]):
    """What ``f.map`` returns: an iterator over the results, in order.

    Its length is the number of items of the data, where that is known; those left out count. Leaving a ``with`` block,
    ``close()`` and dropping the iterator stop what is made ahead.

    Args:
        work: what is to be done; it does not know this object, so that this one goes as soon as it is dropped.
    """

    def __init__(self, work: Pass):
        self._batches = work.batches
        self._lock = threading.Lock()
        self._results = work.results()

    def __iter__(self) -> Mapped:
        return self

    def __next__(self) -> Any:
        with self._lock:  # threads may share it
            return next(self._results)

    def __len__(self) -> int:
        if self._batches.length is None:
            raise TypeError("the data of f.map has no length")
        return self._batches.length

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Mapped:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    @property
    def errors(self) -> list[BadItem]:
        """The items left out so far, as pairs (index, error), in order; what is made ahead is looked at ahead."""
        return self._batches.errors

    def close(self) -> None:
        """Stops: no more items are read, and there are no more results."""
        with self._lock:
            self._results.close()


class Pass:
    """One way of a function through some data.

    Args:
        function: what ``K.function`` returned; the others are those of its ``map``.

    Attributes:
        batches: the data.

    Raises:
        ValueError, TypeError: see ``f.map``.
    """

    def __init__(
        self,
        function: Mappable,
        data: Any,
        batch_size: int | None,
        on_error: str,
        progress: bool | None,
        prefetch: int,
        fixed: Mapping[Any, Any] | None,
        strategy: tf.distribute.Strategy | None,
    ):
        check_options(batch_size, on_error, prefetch, strategy)
        self._function, self._size, self._strategy = function, batch_size, strategy
        self._fixed = fixed_values(function.inputs, fixed or {})
        self._symbols = [symbol for symbol in function.inputs if id(symbol) not in self._fixed]
        if strategy is not None or batch_size is not None:
            for symbol in self._symbols:
                check_axis(symbol)
        self._rows = fixed_size(self._symbols, batch_size, strategy)
        self._has_rows = [has_rows(fetch, self._rows) for fetch in function.work.fetches]
        if strategy is not None or batch_size not in {None, 1}:
            check_outputs(function.work.fetches, self._has_rows)
        self._workers = None if strategy is None else Workers(strategy)
        if strategy is not None and function.work.updates:
            raise K2ValueError(unchanging(f"a function with {len(function.work.updates)} updates"))
        several = self._workers is not None and self._workers.several  # all of them have to stop at the same batch
        self.batches = Batches(data, self._symbols, batch_size, on_error == "skip", prefetch, several)
        self._bar = Bar(progress, self.batches.length)

    def results(self) -> Generator[Any]:
        """Yield the results, in order; once."""
        prepared = False
        batches = iter(self.batches)
        agreed = batches if self._workers is None else self._workers.agreed(batches)
        with closing(batches), closing(agreed), self._bar:
            for indices, tensors in agreed:
                if not prepared:
                    self._prepare(tensors)
                    prepared = True
                yield from self._results_for(indices, tensors)
                self._bar.show(int(indices[-1]) + 1)
        self._report()

    def _values(self, tensors: Sequence[Any]) -> list[Any]:
        """Return a value for each input of the function, as in a call of it."""
        given = iter(tensors)
        return [
            self._fixed[id(symbol)] if id(symbol) in self._fixed else next(given) for symbol in self._function.inputs
        ]

    def _prepare(self, tensors: Sequence[Any]) -> None:
        """Compile before the first batch: an error of that is none of its items, and all batches run alike."""
        if self._strategy is None:
            self._function.prepare(self._values(list(map(self._filled, tensors))))
        else:
            self._replicated(tensors)

    def _replicated(self, tensors: Sequence[Any]) -> tuple[Any, list[Any]]:
        executor, fed = self._function.executor_for(self._values(tensors))
        return replicas(self._strategy, executor, set(map(id, self._symbols))), fed

    def _compute(self, tensors: Sequence[Any]) -> list[Any]:
        if self._strategy is None:
            return self._alone(tensors)
        call, fed = self._replicated(tensors)
        return call(fed, len(tensors[0]))

    def _alone(self, tensors: Sequence[Any]) -> list[Any]:
        return self._function.computed(self._values(list(map(self._filled, tensors))))

    def _filled(self, tensor: Any) -> Any:
        """Return a batch with as many rows as its input has to have; the last one is repeated."""
        if self._rows is None or self._size is None or len(tensor) == self._rows:
            return tensor
        return tf.gather(tensor, np.minimum(np.arange(self._rows), len(tensor) - 1))

    def _results_for(self, indices: np.ndarray, tensors: Sequence[Any]) -> Iterator[Any]:
        """Yield the results for a batch; if that fails because of some of its items, for the others."""
        try:
            results = self._compute(tensors)
        except Exception as error:
            if self._workers is not None and self._workers.several:
                raise  # the others wait for this batch
            failure = error
        else:
            yield from self._taken_apart(results, len(indices))
            return
        if len(indices) == 1 or self._function.work.updates:
            for index in indices.tolist():
                self.batches.leave_out(index, failure, "computed")
            return
        found: list[list[Any]] = []
        alone = True  # whether each item can be computed alone
        for row, index in enumerate(indices.tolist()):
            try:
                found.append(self._alone([tensor[row : row + 1] for tensor in tensors]))
            except Exception as error:
                alone = False
                for results in found:
                    yield from self._taken_apart(results, 1)
                found = []
                self.batches.leave_out(index, error, "computed")
        if alone:
            raise failure
        for results in found:
            yield from self._taken_apart(results, 1)

    def _taken_apart(self, results: list[Any], rows: int) -> Iterator[Any]:
        """Yield the result for each item of a batch, in the structure of the outputs."""
        if self._size is None:
            yield self._function.arranged(results)
            return
        rowed = [
            known is not False and np.ndim(r) > 0 and len(r) == (self._rows or rows)
            for known, r in zip(self._has_rows, results, strict=True)
        ]
        if self._size > 1:
            check_outputs(self._function.work.fetches, rowed)
        for row in range(rows):
            yield self._function.arranged([r[row] if by_row else r for by_row, r in zip(rowed, results, strict=True)])

    def _report(self) -> None:
        bad = self.batches.errors
        if bad:
            first = "; ".join(f"item {index}: {in_a_line(error)}" for index, error in bad[:SHOWN])
            warnings.warn(
                f"f.map left out {len(bad)} bad items: {', '.join(str(index) for index, _ in bad)}. All errors are in "
                f"the attribute errors; the first: {first}",
                stacklevel=4,
            )


def check_options(batch_size: Any, on_error: Any, prefetch: Any, strategy: Any) -> None:
    """Refuse what ``f.map`` cannot be told.

    Raises:
        ValueError: a number that is none or too small, or an unknown way to go about errors.
        TypeError: a strategy that is none.
    """
    if strategy is not None and not isinstance(strategy, tf.distribute.Strategy):
        raise K2TypeError(
            three_parts(
                f"f.map(..., strategy=...) with a {type(strategy).__name__}",
                "a tf.distribute.Strategy.",
                'make one: tf.distribute.MirroredStrategy(["GPU:0", "GPU:1"]).',
            )
        )
    for name, value, fits, expected in (
        ("batch_size", batch_size, batch_size is None or is_count(batch_size, 1), "a number from 1 on, or None."),
        ("prefetch", prefetch, is_count(prefetch, 0), "a number of batches from 0 on."),
        ("on_error", on_error, on_error in ON_ERROR, f"one of {', '.join(ON_ERROR)}."),
    ):
        if not fits:
            raise K2ValueError(three_parts(f"f.map(..., {name}={value!r})", expected, f"correct {name}=."))


def is_count(value: Any, least: int) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and bool(value >= least)


def fixed_values(inputs: Sequence[Any], fixed: Mapping[Any, Any]) -> dict[int, Any]:
    """Identity of an input -> its value for all items; None for a learning phase that is not given.

    Raises:
        ValueError: one of them is no input of the function.
    """
    values: dict[int, Any] = {id(symbol): None for symbol in inputs if isinstance(symbol, Phase)}
    known = set(map(id, inputs))
    for thing, value in fixed.items():
        symbol = adapter().as_tensor(thing)
        if id(symbol) not in known:
            raise K2ValueError(
                three_parts(
                    f"f.map(..., fixed=...) with a value for {thing!r}",
                    f"values for inputs of the function: {', '.join(repr(item.name) for item in inputs)}.",
                    "put it among the inputs of K.function, or its value into the feed_dict of K.function.",
                )
            )
        values[id(symbol)] = value
    return values


def fixed_size(symbols: Sequence[Any], batch_size: int | None, strategy: Any) -> int | None:
    """Return the batch size that the inputs are made for, None for any.

    Raises:
        ValueError: a batch would be larger, or would be split.
    """
    found = {spec.shape[0] for spec in map(spec_of, symbols) if spec.shape.rank} - {None}
    if not found:
        return None
    size = min(found)
    if strategy is not None or (batch_size or 0) > size:
        raise K2ValueError(
            three_parts(
                f"f.map(..., batch_size={batch_size}) of a function whose inputs have a batch size of {size}"
                + ("" if strategy is None else ", with a strategy"),
                f"a batch size up to {size}, without a strategy.",
                f"pass batch_size={size}, or make the input for any size: shape=(...) instead of batch_shape=(...).",
            )
        )
    return size


def has_rows(fetch: Any, size: int | None) -> bool | None:
    """Return whether the first axis of an output is that of the batch, by its static shape; None if that is not known.

    Args:
        fetch: the output.
        size: the batch size that the inputs are made for, None for any.
    """
    if isinstance(fetch, Update) or is_variable(fetch) or not is_symbol(fetch) or not is_feedable(fetch):
        return False
    spec = spec_of(fetch)
    if spec.shape.rank is None:
        return None
    return not isinstance(spec, tf.SparseTensorSpec) and spec.shape.rank > 0 and spec.shape[0] in {None, size}


def check_outputs(fetches: Sequence[Any], rows: Sequence[bool | None]) -> None:
    """Refuse outputs that are not for one item each.

    Raises:
        ValueError: one of them has no batch axis.
    """
    lacking = [number for number, known in enumerate(rows) if known is False]
    if lacking:
        fetch = fetches[lacking[0]]
        shape = f" of shape {spec_of(fetch).shape}" if is_symbol(fetch) or is_variable(fetch) else ""
        raise K2ValueError(
            three_parts(
                f"f.map(...) of a function whose output {lacking[0]}{shape} is not one row for each item of a batch",
                "outputs whose first axis is that of the batch.",
                "pass batch_size=1 for one item at a time, or batch_size=None for results by batch; neither with a "
                "strategy.",
            )
        )
