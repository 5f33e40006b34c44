"""Repairs of Keras 3's optimizers: the old names of the learning rate, and training by updates."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from k2compat.adapters.keras3_training import SLOTS
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
            "all have 0.001. Adagrad's accumulators began at 0, in Keras 3 at 0.1.",
            [
                with_default(
                    getattr(keras.optimizers, name).__init__,
                    learning_rate=rate,
                    **({"initial_accumulator_value": 0.0} if name == "Adagrad" else {}),
                )
                for name, rate in defaults.items()
            ],
        ),
        step_repair(engine.optimizers),
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


def step_repair(rules: Any) -> Repair:
    """The repair of the steps optimizers make; ``rules`` are those of Keras 2."""
    optimizer, nadam = keras.optimizers.Optimizer, keras.optimizers.Nadam
    kinds = (keras.optimizers.RMSprop, keras.optimizers.Adagrad, nadam)
    return Repair(
        "optimizer_steps",
        "RMSprop and Adagrad added epsilon behind the root, Nadam's momentum warmed up slowly, clipnorm held for "
        "all gradients together; Keras 3 does otherwise, so that fit gives other weights.",
        [
            *((kind, "update_step", following(kind, rules.RULES[kind.__name__][0])) for kind in kinds),
            (nadam, "_backend_update_step", scheduled(rules.nadam_momentum)),
            (optimizer, "_clip_gradients", clipping_together(optimizer._clip_gradients, rules.clip_together)),
        ],
    )


def following(kind: Any, rule: Callable[..., Any]) -> Callable[..., Any]:
    """``update_step`` of a kind of optimizer by the rule of Keras 2."""
    original, slot_names = kind.update_step, SLOTS[kind.__name__]

    @functools.wraps(original)
    def update_step(self: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if getattr(self, "centered", False) or getattr(self, "momentum", 0):
            original(self, gradient, variable, learning_rate)  # of RMSprop; Keras 2 had no such thing
            return
        index = self._get_variable_index(variable)
        slots = [getattr(self, name)[index] for name in slot_names]
        state = [*slots, self._u_product] if hasattr(self, "_u_product") else slots
        gradient, rate, step, *values = (
            tf.cast(value, variable.dtype) for value in (gradient, learning_rate, self.iterations + 1, *state)
        )
        new, *new_slots = rule(tf.convert_to_tensor(variable), gradient, rate, step, values, self)
        for slot, value in zip(slots, new_slots, strict=False):
            self.assign(slot, value)
        self.assign(variable, new)

    return update_step


def scheduled(momentum: Callable[..., Any]) -> Callable[..., Any]:
    """One step of Nadam, which then remembers how far its momentum has warmed up."""

    def _backend_update_step(self: Any, grads: Any, trainable_variables: Any, learning_rate: Any) -> None:
        now = momentum(self.beta_1, tf.cast(self.iterations + 1, self._u_product.dtype))
        super(keras.optimizers.Nadam, self)._backend_update_step(grads, trainable_variables, learning_rate)
        self.assign(self._u_product, self._u_product * now)

    return _backend_update_step


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
