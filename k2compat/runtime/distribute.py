"""A function on the replicas of a ``tf.distribute`` strategy: each computes its rows of a batch."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import tensorflow as tf

from k2compat.errors import K2RuntimeError, K2TypeError, K2ValueError, three_parts
from k2compat.graph.symbols import spec_of
from k2compat.runtime.batches import Batch
from k2compat.runtime.direct_call import Caller
from k2compat.runtime.executor import Executor
from k2compat.runtime.feeds import read
from k2compat.tensorflow_internals import keeping_nan

STOPPED = -1  # told in place of the number of items

# The dtypes that TensorFlow sends between replicas, and those that take some others along.
SENT = {tf.float16, tf.float32, tf.float64, tf.int32, tf.int64}
SENT_AS = {
    **dict.fromkeys([tf.bool, tf.int8, tf.uint8, tf.int16, tf.uint16], tf.int32),
    tf.uint32: tf.int64,
    tf.bfloat16: tf.float32,
}

_lock = threading.Lock()


class Replicas:
    """Computes batches on the replicas of a strategy.

    A replica takes its rows from the whole batch, which the last row fills up to a multiple of the number of replicas;
    what each one computed is gathered in their order. So one traced function does for batches of any size.

    Args:
        strategy: whose replicas compute.
        executor: what is to be computed.
        work: computes it within a traced function.
        split: identities of the symbols whose values have the batch axis; others go to each replica whole.

    Raises:
        ValueError: the function changes variables: what each replica changed cannot be brought together.
        TypeError: an output of a dtype that replicas cannot send.
    """

    def __init__(self, strategy: tf.distribute.Strategy, executor: Executor, work: Caller, split: set[int]):
        self.made_for = work, split
        self._count = strategy.num_replicas_in_sync
        fed = [(spec_of(symbol), id(symbol) in split) for symbol in executor.fed]

        def mine(tensor: tf.Tensor) -> tf.Tensor:
            rows = tf.shape(tensor)[0]
            share = -(-rows // self._count)
            first = tf.distribute.get_replica_context().replica_id_in_sync_group * share
            return tf.gather(tensor, tf.minimum(tf.range(first, first + share), rows - 1))

        def step(*tensors: tf.Tensor) -> list[tf.Tensor]:
            def replica() -> Sequence[tf.Tensor]:
                parts = zip(tensors, fed, strict=True)
                return work([*(mine(tensor) if rows else tensor for tensor, (_, rows) in parts), *executor.lifted])

            return [gathered(strategy, result) for result in strategy.run(replica)]

        signature = [any_size(spec) if rows else spec for spec, rows in fed]
        self._step = tf.function(step, input_signature=signature, autograph=False).get_concrete_function()
        if changes_variables(self._step):
            raise K2ValueError(unchanging("something that changes variables when it runs"))

    def __call__(self, tensors: Sequence[tf.Tensor], rows: int) -> list[Any]:
        """Return the results for a batch.

        Args:
            tensors: one for each fed symbol; the same on each worker.
            rows: how many the batch has.

        Returns:
            NumPy arrays with that many rows; with others, where the function does not give a row for each row.
        """
        filled = -(-rows // self._count) * self._count
        with keeping_nan():
            results = list(map(read, self._step(*tensors)))
        return [result[:rows] if len(result) == filled else result for result in results]


def replicas(strategy: tf.distribute.Strategy, executor: Executor, split: set[int]) -> Replicas:
    """Return the replicas for a piece of work, traced once; again where weights that were folded in have changed."""
    work = executor.run.inside()
    with _lock:
        kept = executor.replicas.get(strategy)
        if kept is None or kept.made_for != (work, split):
            kept = executor.replicas[strategy] = Replicas(strategy, executor, work, split)
        return kept


def gathered(strategy: tf.distribute.Strategy, result: Any) -> tf.Tensor:
    """Return what the replicas computed, one behind the other.

    Raises:
        TypeError: texts or complex numbers, which replicas cannot send.
    """
    dtype = strategy.experimental_local_results(result)[0].dtype
    sent = dtype if dtype in SENT else SENT_AS.get(dtype)
    if sent is None:
        raise K2TypeError(
            three_parts(
                f"f.map(..., strategy=...) of a function with an output of dtype {dtype.name}",
                "outputs that are real numbers or truth values.",
                "leave out strategy=, or fetch the parts of a complex number.",
            )
        )
    if sent is not dtype:
        result = strategy.run(lambda part: tf.cast(part, sent), (result,))
    return tf.cast(strategy.gather(result, axis=0), dtype)


def any_size(spec: tf.TensorSpec) -> tf.TensorSpec:
    """Shape and dtype of batches of any size."""
    return tf.TensorSpec([None, *spec.shape[1:]] if spec.shape.rank else spec.shape, spec.dtype)


def changes_variables(concrete: Any) -> bool:
    """Return whether a variable is assigned to by a concrete function or by one that it calls."""
    graph = concrete.graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    return any(node.op.startswith("Assign") for node in nodes)


def unchanging(what: str) -> str:
    """Message for a function that a strategy cannot compute."""
    return three_parts(
        f"f.map(..., strategy=...) of {what}",
        "outputs that depend on their inputs and on weights that stay as they are.",
        "leave out strategy= for functions with updates, or with dropout in the training phase.",
    )


class Workers:
    """Keeps the workers of a strategy at the same batch: each waits for the others' results.

    Args:
        strategy: whose workers these are.

    Attributes:
        several: whether there are others.
    """

    def __init__(self, strategy: tf.distribute.Strategy):
        local = len(strategy.extended.worker_devices)
        self.several = strategy.num_replicas_in_sync > local

        def told(state: tf.Tensor) -> tf.Tensor:
            return strategy.gather(strategy.run(lambda: tf.identity(state)), axis=0)[::local]

        signature = [tf.TensorSpec([1, 2], tf.int64)]
        self._told = tf.function(told, input_signature=signature, autograph=False).get_concrete_function()

    def agreed(self, batches: Generator[Batch]) -> Generator[Batch]:
        """Yield the batches of this worker, each once all workers have come to the same one.

        Raises:
            RuntimeError: the workers have different items or shapes, or another one stopped.
        """
        if not self.several:
            yield from batches
            return
        with self._telling():
            batch = next(batches, None)
        while self._same(batch):
            with self._telling():
                yield batch  # type: ignore[misc]
                batch = next(batches, None)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell the other workers if this one stops before the end: they would wait for it."""
        try:
            yield
        except BaseException:
            with suppress(tf.errors.OpError):  # the others are gone
                self._tell(STOPPED, 0)
            raise

    def _tell(self, count: int, check: int) -> list[list[int]]:
        """Tell all workers how far this one is, and gives what each told."""
        return self._told(tf.constant([[count, check]], tf.int64)).numpy().tolist()

    def _same(self, batch: Batch | None) -> bool:
        """Return whether there is a batch, on all workers alike.

        Raises:
            RuntimeError: they differ.
        """
        indices, tensors = ([], []) if batch is None else (batch[0].tolist(), batch[1])
        check = zlib.crc32(str((indices, [tuple(tensor.shape) for tensor in tensors])).encode())
        workers = self._tell(len(indices), check)
        if any(worker != workers[0] for worker in workers):
            states = {0: "no more items", STOPPED: "stopped"}
            found = [states.get(count, f"a batch of {count}, checksum {check}") for count, check in workers]
            raise K2RuntimeError(
                three_parts(
                    "f.map(..., strategy=...) with workers that are not at the same batch: "
                    + "; ".join(f"worker {number}: {state}" for number, state in enumerate(found)),
                    "the same items in the same order on each worker, of which it takes its share itself.",
                    "look for the error of a worker that stopped; give all workers the same data.",
                )
            )
        return batch is not None
