"""``keras.utils.data_utils``: batches that are read ahead by workers, and downloaded files."""

from __future__ import annotations

import collections
import hashlib
import queue
import random
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from k2compat.errors import not_overridden

_END = object()


class SequenceEnqueuer:
    """A queue of batches that threads fill.

    Processes are not started: batches are made in threads where ``use_multiprocessing`` is set, too.

    Attributes:
        sequence: where they come from.
        queue: those that are read, or being read, in their order.
        workers: how many threads read.
    """

    def __init__(self, sequence: Any, use_multiprocessing: bool = False):
        self.sequence = sequence
        self.use_multiprocessing = use_multiprocessing
        self.workers = 0
        self.queue: queue.Queue[Any] = queue.Queue()
        self.stop_signal: threading.Event | None = None
        self.run_thread: threading.Thread | None = None

    def is_running(self) -> bool:
        """Return whether batches are read."""
        return self.stop_signal is not None and not self.stop_signal.is_set()

    def start(self, workers: int = 1, max_queue_size: int = 10) -> None:
        """Begin to read."""
        self.workers = workers
        self.queue = queue.Queue(max_queue_size)
        self.stop_signal = threading.Event()
        self.run_thread = threading.Thread(target=self._run, daemon=True)
        self.run_thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """Stop reading, and wait for the threads."""
        if self.stop_signal is None or self.run_thread is None:
            return
        self.stop_signal.set()
        with self.queue.mutex:
            self.queue.queue.clear()
            self.queue.unfinished_tasks = 0
            self.queue.not_full.notify_all()
        if threading.current_thread() is not self.run_thread:
            self.run_thread.join(timeout)

    def get(self) -> Iterator[Any]:
        """Yield the batches; None is left out."""
        while self.is_running():
            future = self.queue.get()
            self.queue.task_done()
            try:
                inputs = future.result() if isinstance(future, Future) else future
            except BaseException:
                self.stop()
                raise
            if inputs is _END:
                return
            if inputs is not None:
                yield inputs

    def _put(self, item: Any) -> bool:
        """Put something into the queue, and return whether it still runs."""
        while self.is_running():
            try:
                self.queue.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def _run(self) -> None:
        raise not_overridden(self, "_run(self)", "None when self.stop_signal is set, and puts batches into self.queue")


class OrderedEnqueuer(SequenceEnqueuer):
    """A queue of the batches of a ``Sequence``, in their order or shuffled, epoch after epoch."""

    def __init__(self, sequence: Any, use_multiprocessing: bool = False, shuffle: bool = False):
        super().__init__(sequence, use_multiprocessing)
        self.shuffle = shuffle
        self.end_of_epoch_signal = threading.Event()

    def join_end_of_epoch(self) -> None:
        """Wait until ``on_epoch_end`` of the sequence has run."""
        self.end_of_epoch_signal.wait(timeout=30)
        self.end_of_epoch_signal.clear()

    def _run(self) -> None:
        with ThreadPoolExecutor(self.workers) as pool:
            while self.is_running():
                indices = list(range(len(self.sequence)))
                if self.shuffle:
                    random.shuffle(indices)
                for index in indices:
                    if not self._put(pool.submit(self.sequence.__getitem__, index)):
                        return
                if not self._emptied():
                    return
                if hasattr(self.sequence, "on_epoch_end"):
                    self.sequence.on_epoch_end()
                self.end_of_epoch_signal.set()

    def _emptied(self) -> bool:
        """Wait until all batches are taken, and return whether it still runs."""
        while self.is_running() and self.queue.unfinished_tasks:
            threading.Event().wait(0.01)
        return self.is_running()


class GeneratorEnqueuer(SequenceEnqueuer):
    """A queue of what a generator yields; one thread reads it, so that it need not be safe for several."""

    def __init__(
        self, sequence: Any, use_multiprocessing: bool = False, wait_time: Any = None, random_seed: Any = None
    ):
        super().__init__(sequence, use_multiprocessing)

    def _run(self) -> None:
        while self.is_running():
            item: Any
            try:
                item = next(self.sequence)
            except StopIteration:
                item = _END
            except BaseException as error:
                item = Future()
                item.set_exception(error)
            if not self._put(item) or item is _END or isinstance(item, Future):
                return


def validate_file(fpath: Any, file_hash: str, algorithm: str = "auto", chunk_size: int = 65535) -> bool:
    """Return whether a file has a hash."""
    if algorithm == "auto":
        algorithm = "sha256" if len(file_hash) == 64 else "md5"
    return str(_hash_file(fpath, algorithm, chunk_size)) == str(file_hash)


def _hash_file(fpath: Any, algorithm: str = "sha256", chunk_size: int = 65535) -> str:
    """Return the hash of a file."""
    hasher = hashlib.new("md5" if algorithm == "md5" else "sha256")
    with open(fpath, "rb") as file:
        collections.deque(map(hasher.update, iter(lambda: file.read(chunk_size), b"")), maxlen=0)
    return hasher.hexdigest()
