"""Repairs of Keras 3's optimizers: the old names of the learning rate, and training by updates."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

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


@keras.saving.register_keras_serializable(package="k2compat")
class Decayed(Decay, keras.optimizers.schedules.LearningRateSchedule):
    """The falling learning rate as Keras 3 takes it."""

    def __init__(self, rate: float, decay: float):
        super().__init__(keras.Variable(rate, dtype="float32", trainable=False, name="learning_rate"), decay)


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

    return [
        Repair(
            "optimizer_lr",
            "Adam(lr=..., decay=...) and optimizer.lr are how Keras 2 code sets, reads and changes the learning rate; "
            "Keras 3 refuses lr and drops decay with a warning. decay is applied as lr / (1 + decay * iterations).",
            [(optimizer, "__init__", __init__), (optimizer, "lr", property(get_lr, set_lr))],
        ),
        step_repair(engine.optimizers),
        *shared_repairs(keras.optimizers, engine.optimizers),
    ]


def step_repair(rules: Any) -> Repair:
    """The repair of the steps optimizers make; ``rules`` are those of Keras 2."""
    optimizer, nadam = keras.optimizers.Optimizer, keras.optimizers.Nadam
    kinds = (keras.optimizers.RMSprop, keras.optimizers.Adagrad, nadam)
    return Repair(
        "optimizer_steps",
        "RMSprop and Adagrad added epsilon behind the root, Nadam's momentum warmed up slowly, clipnorm held for "
        "all gradients together, and an embedding's gradient was that of all its rows, each row's uses added up; Keras "
        "3 does otherwise, so that fit gives other weights.",
        [
            *((kind, "update_step", following(kind, rules.RULES[kind.__name__][0])) for kind in kinds),
            (nadam, "_backend_update_step", scheduled(rules.nadam_momentum)),
            (optimizer, "_clip_gradients", dense(clipping_together(optimizer._clip_gradients, rules.clip_together))),
        ],
    )


def dense(clip: Callable[..., Any]) -> Callable[..., Any]:
    """The first thing done to all gradients, for those of embeddings, too: a use of a row that comes twice is no
    gradient by itself.
    """

    @functools.wraps(clip)
    def _clip_gradients(self: Any, grads: Any) -> Any:
        sparse = tf.IndexedSlices
        return clip(self, [tf.convert_to_tensor(grad) if isinstance(grad, sparse) else grad for grad in grads])

    return _clip_gradients


def following(kind: Any, rule: Callable[..., Any]) -> Callable[..., Any]:
    """``update_step`` of a kind of optimizer by the rule of Keras 2."""
    original, slot_names = kind.update_step, SLOTS[kind.__name__]

    @functools.wraps(original)
    def update_step(self: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if is_newer(self):
            original(self, gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        slots = [getattr(self, name)[index] for name in slot_names]
        new, *new_slots = stepped(self, rule, variable, gradient, learning_rate, slots)
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
