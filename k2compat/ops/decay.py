"""The learning rate that falls with the steps, `decay=` of Keras 2's optimizers."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


class Decay:
    """A learning rate that falls with the steps: rate / (1 + decay * steps), as the optimizers of Keras 2.3 had it.

    Attributes:
        rate: a variable, so that callbacks and scripts can change it.
        decay: per step.
    """

    def __init__(self, rate: Any, decay: float):
        self.rate = rate
        self.decay = decay

    def __call__(self, step: Any) -> Any:
        rate = tf.convert_to_tensor(self.rate)
        return rate / (1.0 + self.decay * tf.cast(step, rate.dtype))

    def get_config(self) -> dict[str, Any]:
        return {"rate": float(self.rate.numpy()), "decay": self.decay}


# Kind of optimizer -> its settings in Keras 2.3 beside learning rate and decay, with their defaults.
SETTINGS: dict[str, dict[str, Any]] = {
    "SGD": {"momentum": 0.0, "nesterov": False},
    "RMSprop": {"rho": 0.9, "epsilon": None},
    "Adagrad": {"epsilon": None},
    "Adadelta": {"rho": 0.95, "epsilon": None},
    "Adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": None, "amsgrad": False},
    "Adamax": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": None},
    "Nadam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": None, "schedule_decay": 0.004},
}
