"""How the optimizers of Keras 2.3 stepped and were set, for the optimizers of either Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat.adapters.repair import Repair, with_default

# Kind of optimizer -> where Keras keeps its slots, in the order in which Keras 2.3 saved them.
SLOTS = {
    "SGD": ("momentums",),
    "RMSprop": ("_velocities",),
    "Adagrad": ("_accumulators",),
    "Adadelta": ("_accumulated_grads", "_accumulated_delta_vars"),
    "Adam": ("_momentums", "_velocities"),
    "Adamax": ("_m", "_u"),
    "Nadam": ("_momentums", "_velocities"),
}
DEFAULTS: dict[str, dict[str, float]] = {
    "Adagrad": {"learning_rate": 0.01, "initial_accumulator_value": 0.0},
    "Adadelta": {"learning_rate": 1.0},
    "Adamax": {"learning_rate": 0.002},
    "Nadam": {"learning_rate": 0.002},
}


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


def get_lr(self: Any) -> Any:
    """``optimizer.lr``: the variable of the learning rate, before it falls."""
    rate = self._learning_rate
    return rate.rate if isinstance(rate, Decay) else self.learning_rate


def set_lr(self: Any, value: Any) -> None:
    if isinstance(self._learning_rate, Decay):
        self._learning_rate.rate.assign(value)
    else:
        self.learning_rate = value


def shared_repairs(package: Any, rules: Any) -> list[Repair]:
    """Repairs that are the same for either Keras."""
    optimizer = package.Optimizer
    return [
        Repair(
            "optimizer_defaults",
            "Adagrad(), Adadelta(), Adamax() and Nadam() had learning rates of 0.01, 1, 0.002 and 0.002; now all have "
            "0.001. Adagrad's accumulators began at 0, now at 0.1.",
            [with_default(getattr(package, name).__init__, **values) for name, values in DEFAULTS.items()],
        ),
        Repair(
            "optimizer_updates",
            "Training functions of Keras 2 are built with optimizer.get_updates(loss, params) and "
            "optimizer.get_gradients(loss, params).",
            [(optimizer, "get_updates", rules.get_updates), (optimizer, "get_gradients", rules.get_gradients)],
        ),
    ]


def stepped(
    optimizer: Any, rule: Callable[..., Any], variable: Any, gradient: Any, rate: Any, slots: Sequence[Any]
) -> list[Any]:
    """The new values of a variable and of its slots by a rule of Keras 2.3."""
    state = [*slots, optimizer._u_product] if hasattr(optimizer, "_u_product") else slots
    gradient, rate, step, *values = (
        tf.cast(tf.convert_to_tensor(value), variable.dtype)
        for value in (gradient, rate, optimizer.iterations + 1, *state)
    )
    return list(rule(tf.convert_to_tensor(variable), gradient, rate, step, values, optimizer))


def is_newer(optimizer: Any) -> bool:
    """Whether an optimizer is set to something that Keras 2.3 did not have."""
    return bool(getattr(optimizer, "centered", False) or getattr(optimizer, "momentum", 0))  # of RMSprop


def clipping_together(original: Callable[..., Any], clip: Callable[..., Any]) -> Callable[..., Any]:
    """``_clip_gradients`` that limits the norm of all gradients together."""

    @functools.wraps(original)
    def _clip_gradients(self: Any, grads: Any) -> Any:
        if not self.clipnorm:
            return original(self, grads)
        given = [tf.convert_to_tensor(gradient) for gradient in grads if gradient is not None]
        clipped = iter(clip(given, self.clipnorm))
        return [gradient if gradient is None else next(clipped) for gradient in grads]

    return _clip_gradients
