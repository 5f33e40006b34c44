"""Readers of generators and sequences: as often and in the order in which Keras 2.3.1 read them."""

from __future__ import annotations

import inspect
import queue
import random
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

METHODS = ("__getitem__", "__len__")


def is_sequence(source: Any) -> bool:
    """Return whether a source of batches is asked for them by number."""
    return all(hasattr(source, name) for name in METHODS) and not isinstance(source, (tuple, list, dict))


def is_generator(source: Any) -> bool:
    """Return whether batches are drawn from a source one by one."""
    return inspect.isgenerator(source) or (hasattr(source, "__next__") and not hasattr(source, "__getitem__"))


def reader_of(source: Any, shuffle: bool = False, workers: int = 1, ahead: int = 10) -> Reader:
    """Return a reader of a generator or a sequence that has not begun to read.

    Args:
        source: a generator or a sequence.
        shuffle: whether each pass of a sequence has a random order, where there are workers.
        workers: how many threads ask a sequence; without any, the main thread reads when a batch is needed.
        ahead: how many batches are read before they are needed.
    """
    if workers <= 0:
        return Reader(source)
    return SequenceReader(source, shuffle, workers, ahead) if is_sequence(source) else AheadReader(source, ahead)


class Reader:
    """Reads a source in the main thread when a batch is needed; a sequence over and over, as a ``for`` loop does.

    Attributes:
        source: the generator or sequence.
        by_number: whether it is a sequence.
    """

    def __init__(self, source: Any):
        self.source = source
        self.by_number = is_sequence(source)
        self._batches: Iterator[Any] = passes(source) if self.by_number else source

    def start(self) -> None:
        """Begin to read ahead."""

    def take(self) -> Any:
        """Return the next batch; raise ``StopIteration`` where there is none."""
        return next(self._batches)

    def end_epoch(self, counts_steps: bool) -> None:
        """Do what comes between two epochs of a training.

        Args:
            counts_steps: whether an epoch has as many steps as the sequence has batches.
        """
        if self.by_number:
            told(self.source)

    def stop(self) -> None:
        """Read no further."""


def passes(source: Any) -> Iterator[Any]:
    """Return the batches of a sequence, over and over, in the order that it has for a ``for`` loop, if it has one."""
    while True:
        yield from source if hasattr(source, "__iter__") else (source[index] for index in range(len(source)))


def told(source: Any) -> None:
    """Tell a sequence that a pass has ended."""
    getattr(source, "on_epoch_end", lambda: None)()


class AheadReader(Reader):
    """Reads a generator in a thread, ahead of what is needed.

    Args:
        source: the generator.
        ahead: how many batches wait; one more is read and waits for its place.
    """

    def __init__(self, source: Any, ahead: int = 10):
        super().__init__(source)
        self._queue: queue.Queue[Future[Any]] = queue.Queue(ahead)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def take(self) -> Any:
        batch = self._queue.get()
        try:
            return batch.result()
        finally:
            self._queue.task_done()

    def end_epoch(self, counts_steps: bool) -> None:
        pass

    def stop(self) -> None:
        self._stopped.set()
        with self._queue.mutex:
            self._queue.queue.clear()
            self._queue.unfinished_tasks = 0
            self._queue.not_full.notify_all()
            self._queue.all_tasks_done.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        """Read until it is stopped or there is nothing left."""
        while not self._stopped.is_set():
            batch: Future[Any] = Future()
            try:
                batch.set_result(next(self.source))
            except BaseException as error:  # it belongs to whoever takes the batch
                batch.set_exception(error)
            self._queue.put(batch)
            if batch.exception() is not None:
                return


class SequenceReader(AheadReader):
    """Reads a sequence in threads, ahead of what is needed, but not beyond the end of a pass.

    Args:
        source: the sequence.
        shuffle: whether Python's generator draws the order of each pass.
        workers: how many threads.
        ahead: how many batches wait.
    """

    def __init__(self, source: Any, shuffle: bool, workers: int, ahead: int):
        super().__init__(source, ahead)
        self._shuffle = shuffle
        self._workers = workers
        self._ended = threading.Event()

    def end_epoch(self, counts_steps: bool) -> None:
        if counts_steps:
            self._ended.wait(timeout=30)
            self._ended.clear()

    def _run(self) -> None:
        with ThreadPoolExecutor(self._workers) as pool:
            while True:
                order = list(range(len(self.source)))
                if self._shuffle:
                    random.shuffle(order)
                for index in order:
                    if self._stopped.is_set():
                        return
                    self._queue.put(pool.submit(self.source.__getitem__, index))
                self._queue.join()
                if self._stopped.is_set():
                    return
                told(self.source)
                self._ended.set()
