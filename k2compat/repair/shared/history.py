"""The repair of the keys of histories, for either Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from k2compat.repair.table import Repair


class Kept(dict[str, Any]):
    """The values of a training by name; those of accuracy also by the name that they had until Keras 2.2."""

    def __missing__(self, name: str) -> Any:
        before, _, last = name.rpartition("acc")
        present = f"{before}accuracy"
        if not last and present in self:
            return self[present]
        raise KeyError(name)

    def __reduce__(self) -> Any:
        return dict, (dict(self),)


def history_repair(keras: Any) -> Repair:
    """Make the repair of a Keras."""
    history = keras.callbacks.History
    return Repair(
        "history_keys",
        'history.history["acc"] and ["val_acc"] were those of metrics=["accuracy"] until Keras 2.2; since 2.3 the key '
        'is "accuracy" and "acc" a KeyError. It is found under both.',
        [(history, "on_train_begin", beginning(history.on_train_begin))],
    )


def beginning(original: Callable[..., None]) -> Callable[..., None]:
    """``History.on_train_begin`` that keeps values under old names, too."""

    @functools.wraps(original)
    def on_train_begin(self: Any, logs: Any = None) -> None:
        original(self, logs)
        self.history = Kept(self.history)

    return on_train_begin
