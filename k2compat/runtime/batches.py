"""Batches of many items, checked one by one, put together ahead of time by a ``tf.data`` pipeline."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from k2compat.errors import ItemError, K2TypeError, K2ValueError, sentence_parts, three_parts
from k2compat.graph.symbols import spec_of
from k2compat.runtime.feeds import Feed

# So many items in a row that cannot be read, of data of unknown length, are taken for an end that says nothing.
UNREADABLE = 1000


Batch = tuple[np.ndarray, list[Any]]  # indices of its items, a tensor for each symbol


class BadItem(NamedTuple):
    """An item that was left out: its index in the data, from 0, and the error that was met."""

    item: int
    error: Exception


class Batches:
    """The items of some data, in batches of tensors.

    Items are checked as they come, because it has to be known which of them is bad. A batch ends early where the next
    item has another shape, so that pictures of several sizes can be mixed.

    Args:
        data: an iterable of items, or a sequence, a ``tf.data.Dataset`` or an array of them.
        symbols: what the values of an item are fed for.
        size: how many items make a batch; None if each item is a batch by itself.
        skip: whether to go on behind a bad item.
        prefetch: how many batches are made ahead.
        whole: whether the last good items before a bad one that stops everything are dropped, if they fill no batch.

    Attributes:
        length: how many items there are, None where that is not known beforehand.

    Raises:
        TypeError: the data cannot be iterated over.
    """

    def __init__(self, data: Any, symbols: Sequence[Any], size: int | None, skip: bool, prefetch: int, whole: bool):
        specs = list(map(spec_of, symbols))
        if size is not None:
            self._feeds = [Feed(s, item_spec(spec)) for s, spec in zip(symbols, specs, strict=True)]
        else:
            self._feeds = list(map(Feed, symbols))
        self._specs = specs
        self._source, self.length = items_of(data)
        self._size, self._skip, self._prefetch, self._whole = size, skip, prefetch, whole
        self._bad: list[BadItem] = []
        self._closed = False
        self._stopped: BaseException | None = None

    def __iter__(self) -> Generator[Batch]:
        """Yield the indices of the items of each batch, and a tensor for each symbol; once.

        Raises:
            ItemError: an item is bad, after the batches of those before it.
        """
        made = self._made()
        pipeline = iter(self._pipeline(made))
        try:
            for indices, *parts in pipeline:
                if not len(indices):  # the end
                    break
                yield indices.numpy(), tf.nest.pack_sequence_as(self._specs, parts, expand_composites=True)
        finally:
            self._closed = True
            del pipeline  # waits for its threads
            made.close()
            self._source = iter(())
        if self._stopped is not None:
            raise self._stopped

    @property
    def errors(self) -> list[BadItem]:
        """The items left out so far, in order."""
        return sorted(self._bad, key=lambda bad: bad.item)

    def leave_out(self, index: int, error: Exception, doing: str, final: bool = False) -> None:
        """Note a bad item.

        Raises:
            ItemError: bad items are not to be skipped, or this is the final one.
        """
        if final or not self._skip:
            raise item_error(index, error, doing) from error
        # The frames of a traceback would keep the item itself in memory.
        self._bad.append(BadItem(index, error.with_traceback(None)))

    def _pipeline(self, made: Iterator[tuple[Any, ...]]) -> tf.data.Dataset:
        """Take its elements from an iterator; set up in a third of the time that ``Dataset.from_generator`` needs."""
        parts = tf.nest.flatten(self._specs, expand_composites=True)
        dtypes = [tf.int64, *(part.dtype for part in parts)]
        end = [np.empty(0, dtype.as_numpy_dtype) for dtype in dtypes]

        def pulled(_: Any) -> Sequence[Any]:
            return tf.nest.flatten(next(made, end), expand_composites=True)

        @tf.autograph.experimental.do_not_convert
        def pull(number: tf.Tensor) -> Any:
            return tf.numpy_function(pulled, [number], dtypes)

        endless = tf.data.Dataset.range(tf.int64.max).map(pull)
        options = tf.data.Options()
        options.autotune.enabled = False
        # A thread of its own: one that waits for the user's items is none of those that compute.
        options.threading.private_threadpool_size = 1
        return (endless.prefetch(self._prefetch) if self._prefetch else endless).with_options(options)

    def _made(self) -> Generator[tuple[Any, ...]]:
        """Yield the elements of the pipeline; runs in its thread, and keeps an exception for the thread that asked."""
        try:
            yield from self._checked() if self._size is None else stacked(self._checked(), self._size)
        except GeneratorExit:
            raise
        except BaseException as error:
            self._stopped = error

    def _checked(self) -> Iterator[tuple[Any, ...]]:
        """Yield each good item: its index, and an array for each symbol."""
        unreadable = 0
        for index in itertools.count():
            doing = "read"
            try:
                if self._closed:
                    return
                item = next(self._source)
                doing = "fed"
                values = self._values(item)
            except StopIteration:
                return
            except Exception as error:
                unreadable = unreadable + 1 if doing == "read" else 0
                try:
                    self.leave_out(index, error, doing, unreadable >= UNREADABLE and index >= (self.length or 0))
                except ItemError as stop:
                    if self._whole:
                        raise
                    self._stopped = stop
                    return
            else:
                unreadable = 0
                yield np.array([index]), *values

    def _values(self, item: Any) -> list[Any]:
        """Return the array for each symbol, from an item."""
        values = item if isinstance(item, tuple) else (item,)
        if len(values) != len(self._feeds):
            names = ", ".join(repr(feed.symbol.name) for feed in self._feeds)
            raise K2ValueError(
                three_parts(
                    f"an item with {len(values)} values",
                    f"one for each of these inputs: {names}.",
                    "give a tuple of values for several inputs; take labels out of a dataset with "
                    "dataset.map(lambda picture, label: picture); what is the same for all items, as the learning "
                    "phase, goes into fixed={...}.",
                )
            )
        return [feed.array(value) for feed, value in zip(self._feeds, values, strict=True)]


def item_error(index: int, error: BaseException, doing: str) -> ItemError:
    """Return the error for a bad item; what was met is its cause."""
    return ItemError(
        sentence_parts(
            f"Item {index} of f.map(...) could not be {doing}: {in_a_line(error)}",
            "items for one picture each, without a batch axis; batches with batch_size=None.",
            f"look at item {index}; on_error='skip' leaves out what is bad and goes on.",
        ),
        index,
    )


def in_a_line(error: BaseException) -> str:
    """Return the class of an error and the first line of its message."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def items_of(data: Any) -> tuple[Iterator[Any], int | None]:
    """Return an iterator over the items of some data, and how many there are, None where that is not known.

    A sequence is read by index, so that reading goes on behind an item that raises; a generator ends there.

    Raises:
        TypeError: it is nothing that has items, or has names for them.
    """
    if isinstance(data, tf.data.Dataset):
        known = int(data.cardinality())
        return iter(data), known if known >= 0 else None
    if tf.is_tensor(data) and hasattr(data, "numpy"):
        data = data.numpy()
    try:
        if isinstance(data, (str, bytes, Mapping)):
            raise TypeError
        length = len(data) if hasattr(data, "__len__") else None
        if length is not None and hasattr(data, "__getitem__"):
            return map(data.__getitem__, range(length)), length
        return iter(data), length
    except TypeError:
        raise K2TypeError(
            three_parts(
                f"f.map(data) with data of type {type(data).__name__}",
                "an iterable of items: a list, an array, a generator, a tf.data.Dataset, or an object with "
                "__getitem__ and __len__.",
                "give one item for each picture; for several inputs zip(pictures, masks).",
            )
        ) from None


def check_axis(symbol: Any) -> None:
    """Refuse an input that has no batch axis, along which items could be put together.

    Raises:
        ValueError: it is sparse, or has no axes.
    """
    spec = spec_of(symbol)
    if isinstance(spec, tf.SparseTensorSpec) or spec.shape.rank == 0:
        what = "a sparse input" if isinstance(spec, tf.SparseTensorSpec) else "an input without a batch axis"
        raise K2ValueError(
            three_parts(
                f"f.map(...) of a function with {what}, {symbol.name!r}",
                "inputs whose first axis is that of the batch.",
                "give what is the same for all items in fixed={input: value}; take batches with batch_size=None, and "
                "without a strategy.",
            )
        )


def item_spec(spec: tf.TensorSpec) -> tf.TensorSpec:
    """Shape and dtype of one item of a batch."""
    return tf.TensorSpec(None if spec.shape.rank is None else spec.shape[1:], spec.dtype)


def stacked(rows: Iterable[tuple[Any, ...]], size: int) -> Iterator[tuple[Any, ...]]:
    """Batches of rows of equal shapes, each as soon as it is full."""
    batch: list[tuple[Any, ...]] = []
    for row in rows:
        if batch and list(map(np.shape, row)) != list(map(np.shape, batch[0])):
            yield stack(batch)
            batch = []
        batch.append(row)
        if len(batch) == size:
            yield stack(batch)
            batch = []
    if batch:
        yield stack(batch)


def stack(rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Return a batch of rows: their indices, and an array for each symbol."""
    indices, *values = zip(*rows, strict=True)
    return np.concatenate(indices), *map(np.stack, values)
