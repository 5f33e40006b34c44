"""Repairs of Keras 3's optimizers: the old names of the learning rate, and training by updates."""

from __future__ import annotations

from typing import Any

import keras

from k2compat.adapters.repair import Repair, with_default


@keras.saving.register_keras_serializable(package="k2compat")
class Decayed(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that falls with the steps: rate / (1 + decay * steps), as the optimizers of Keras 2 had it.

    Attributes:
        rate: a variable, so that callbacks and scripts can change it.
        decay: per step.
    """

    def __init__(self, rate: float, decay: float):
        self.rate = keras.Variable(rate, dtype="float32", trainable=False, name="learning_rate")
        self.decay = decay

    def __call__(self, step: Any) -> Any:
        return self.rate / (1.0 + self.decay * keras.ops.cast(step, "float32"))

    def get_config(self) -> dict[str, Any]:
        return {"rate": float(self.rate.numpy()), "decay": self.decay}


def get_lr(self: Any) -> Any:
    rate = self._learning_rate
    return rate.rate if isinstance(rate, Decayed) else rate


def set_lr(self: Any, value: Any) -> None:
    if isinstance(self._learning_rate, Decayed):
        self._learning_rate.rate.assign(value)
    else:
        self.learning_rate = value


def optimizer_repairs(engine: Any) -> list[Repair]:
    """Repairs of ``keras.optimizers.Optimizer``."""
    optimizer = keras.optimizers.Optimizer
    construct = optimizer.__init__

    def __init__(self: Any, learning_rate: Any = 0.001, *args: Any, **kwargs: Any) -> None:
        learning_rate = kwargs.pop("lr", learning_rate)
        decay = kwargs.pop("decay", None)
        kwargs.pop("schedule_decay", None)  # of Nadam, and always the same
        if decay:
            learning_rate = Decayed(learning_rate, decay)
        construct(self, learning_rate, *args, **kwargs)

    defaults = {"Adagrad": 0.01, "Adadelta": 1.0, "Adamax": 0.002, "Nadam": 0.002}

    return [
        Repair(
            "optimizer_lr",
            "Adam(lr=..., decay=...) and optimizer.lr are how Keras 2 code sets, reads and changes the learning rate; "
            "Keras 3 refuses lr and drops decay with a warning. decay is applied as lr / (1 + decay * iterations).",
            [(optimizer, "__init__", __init__), (optimizer, "lr", property(get_lr, set_lr))],
        ),
        Repair(
            "optimizer_defaults",
            "Adagrad(), Adadelta(), Adamax() and Nadam() had learning rates of 0.01, 1, 0.002 and 0.002; in Keras 3 "
            "all have 0.001.",
            [
                with_default(getattr(keras.optimizers, name).__init__, learning_rate=rate)
                for name, rate in defaults.items()
            ],
        ),
        Repair(
            "optimizer_updates",
            "Training functions of Keras 2 are built with optimizer.get_updates(loss, params) and "
            "optimizer.get_gradients(loss, params).",
            [
                (optimizer, "get_updates", engine.optimizers.get_updates),
                (optimizer, "get_gradients", engine.optimizers.get_gradients),
            ],
        ),
    ]
