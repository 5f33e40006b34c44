"""``keras.callbacks``: the callback that averaged the values of an epoch, for loops of their own."""

from __future__ import annotations

from typing import Any


def base_logger(callback: Any) -> Any:
    """Return the class ``BaseLogger``, made for the ``Callback`` of a Keras."""

    class BaseLogger(callback):
        """Averages what ``on_batch_end`` is given, weighted by ``logs["size"]``; ``on_epoch_end`` puts it in the logs.

        Attributes:
            stateful_metrics: names whose last value counts.
        """

        def __init__(self, stateful_metrics: Any = None):
            super().__init__()
            self.stateful_metrics = set(stateful_metrics or ())
            self.seen = 0
            self.totals: dict[str, Any] = {}

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.seen, self.totals = 0, {}

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            logs = logs or {}
            size = logs.get("size", 0)
            self.seen += size
            for name, value in logs.items():
                is_last = name in self.stateful_metrics
                self.totals[name] = value if is_last else self.totals.get(name, 0) + value * size

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            known = [name for name in (self.params or {}).get("metrics", ()) if name in self.totals]
            for name in known if logs is not None else ():
                total = self.totals[name]
                logs[name] = total if name in self.stateful_metrics else total / self.seen

    BaseLogger.__module__, BaseLogger.__qualname__ = callback.__module__, "BaseLogger"
    return BaseLogger
