"""Repairs of Keras 2's optimizers, those of TensorFlow 2.11 and later."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2_package import keras
from k2compat.adapters.keras2_weights import Weight
from k2compat.adapters.optimizers import (
    SLOTS,
    Decay,
    clipping_together,
    get_lr,
    is_newer,
    set_lr,
    shared_repairs,
    stepped,
)
from k2compat.adapters.repair import Repair

optimizers: Any = keras.optimizers
Schedule: Any = optimizers.schedules.LearningRateSchedule


@keras.utils.register_keras_serializable(package="k2compat")
class Decayed(Decay, Schedule):
    """The falling learning rate as Keras 2 takes it."""

    def __init__(self, rate: float, decay: float):
        super().__init__(Weight(tf.Variable(rate, dtype="float32", trainable=False, name="learning_rate")), decay)


def optimizer_repairs(engine: Any) -> list[Repair]:
    """Repairs of ``keras.optimizers.Optimizer``."""
    optimizer, nadam = optimizers.Optimizer, optimizers.Nadam
    rules = engine.optimizers
    kinds = (optimizers.RMSprop, optimizers.Adagrad, nadam)
    owner = next(kind for kind in optimizer.__mro__ if "_process_kwargs" in vars(kind))
    return [
        Repair(
            "optimizer_lr",
            "Adam(lr=..., decay=...) is how Keras 2 code sets the learning rate; lr is dropped with a warning, decay "
            "refused. decay is applied as lr / (1 + decay * iterations), and optimizer.lr is the rate before that.",
            [
                (owner, "_process_kwargs", keeping(owner._process_kwargs)),
                (owner, "_build_learning_rate", falling(owner._build_learning_rate)),
                (owner, "lr", property(get_lr, set_lr)),
            ],
        ),
        Repair(
            "optimizer_steps",
            "RMSprop and Adagrad added epsilon behind the root, Nadam's momentum warmed up slowly, clipnorm held for "
            "all gradients together; in TensorFlow 2 Keras does otherwise, so that fit gives other weights.",
            [
                *((kind, "update_step", following(kind, rules.RULES[kind.__name__][0])) for kind in kinds),
                (nadam, "_internal_apply_gradients", scheduled(nadam, rules.nadam_momentum)),
                (owner, "_clip_gradients", clipping_together(owner._clip_gradients, rules.clip_together)),
            ],
        ),
        *shared_repairs(optimizers, rules),
    ]


def keeping(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_process_kwargs`` that keeps the settings by their old names for ``_build_learning_rate``."""

    def _process_kwargs(self: Any, kwargs: dict[str, Any]) -> None:
        # Past TensorFlow's attribute tracking.
        vars(self)["_k2compat_rate"] = kwargs.pop("lr", None), kwargs.pop("decay", None)
        kwargs.pop("schedule_decay", None)  # of Nadam, and always the same
        original(self, kwargs)

    return _process_kwargs


def falling(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_build_learning_rate`` from the settings by their old names, where these were given."""

    def _build_learning_rate(self: Any, learning_rate: Any) -> Any:
        rate, decay = vars(self).pop("_k2compat_rate", (None, None))
        rate = learning_rate if rate is None else rate
        made = original(self, Decayed(rate, decay) if decay else rate)
        return Weight(made) if isinstance(made, tf.Variable) else made  # live in expressions, as a layer's weights

    return _build_learning_rate


def following(kind: Any, rule: Callable[..., Any]) -> Callable[..., Any]:
    """``update_step`` of a kind of optimizer by the rule of Keras 2.3."""
    original, slot_names = kind.update_step, SLOTS[kind.__name__]

    @functools.wraps(original)
    def update_step(self: Any, gradient: Any, variable: Any) -> None:
        if is_newer(self):
            original(self, gradient, variable)
            return
        index = self._index_dict[self._var_key(variable)]
        slots = [getattr(self, name)[index] for name in slot_names]
        new, *new_slots = stepped(self, rule, variable, gradient, self.learning_rate, slots)
        for slot, value in zip(slots, new_slots, strict=False):
            slot.assign(value)
        variable.assign(new)

    return update_step


def scheduled(nadam: Any, momentum: Callable[..., Any]) -> Callable[..., Any]:
    """One step of Nadam, which then remembers how far its momentum has warmed up."""
    original = nadam._internal_apply_gradients

    def _internal_apply_gradients(self: Any, grads_and_vars: Any) -> Any:
        now = momentum(self.beta_1, tf.cast(self.iterations + 1, self._u_product.dtype))
        result = original(self, grads_and_vars)
        self._u_product.assign(self._u_product * now)
        return result

    return _internal_apply_gradients
