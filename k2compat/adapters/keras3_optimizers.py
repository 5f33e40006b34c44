"""Repairs of Keras 3's optimizers: the old names of the learning rate, and training by updates."""

from __future__ import annotations

from typing import Any

import keras

from k2compat.adapters.repair import Repair


def optimizer_repairs(engine: Any) -> list[Repair]:
    """Repairs of ``keras.optimizers.Optimizer``."""
    optimizer = keras.optimizers.Optimizer
    construct = optimizer.__init__

    def __init__(self: Any, learning_rate: Any = 0.001, *args: Any, **kwargs: Any) -> None:
        learning_rate = kwargs.pop("lr", learning_rate)
        decay = kwargs.pop("decay", None)
        if decay:
            learning_rate = keras.optimizers.schedules.InverseTimeDecay(learning_rate, decay_steps=1, decay_rate=decay)
        construct(self, learning_rate, *args, **kwargs)

    def get_lr(self: Any) -> Any:
        return self._learning_rate

    def set_lr(self: Any, value: Any) -> None:
        self.learning_rate = value

    return [
        Repair(
            "optimizer_lr",
            "Adam(lr=..., decay=...) and optimizer.lr are how Keras 2 code sets, reads and changes the learning rate; Keras 3 refuses lr and drops "
            "decay with a warning. decay is applied as lr / (1 + decay * iterations).",
            [(optimizer, "__init__", __init__), (optimizer, "lr", property(get_lr, set_lr))],
        ),
        Repair(
            "optimizer_updates",
            "Training functions of Keras 2 are built with optimizer.get_updates(loss, params) and optimizer.get_gradients(loss, params).",
            [(optimizer, "get_updates", engine.optimizers.get_updates), (optimizer, "get_gradients", engine.optimizers.get_gradients)],
        ),
    ]
