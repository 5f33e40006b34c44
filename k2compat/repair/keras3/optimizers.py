"""Repairs of Keras 3's optimizers: the old names of the learning rate, and training by updates."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from k2compat.ops import optimizers as optimizer_rules
from k2compat.ops.decay import Decay
from k2compat.repair.shared.optimizers import (
    SLOTS,
    clipping_together,
    get_lr,
    is_newer,
    is_old,
    set_lr,
    shared_repairs,
    stepped,
)
from k2compat.repair.shared.own_optimizers import applying, base_repair, begin, begun, remembering_loss, stepping_repair
from k2compat.repair.table import Repair


@keras.saving.register_keras_serializable(package="k2compat")
class Decayed(Decay, keras.optimizers.schedules.LearningRateSchedule):
    """The falling learning rate as Keras 3 takes it."""

    def __init__(self, rate: float, decay: float):
        super().__init__(keras.Variable(rate, dtype="float32", trainable=False, name="learning_rate"), decay)


def repairs() -> list[Repair]:
    """Repairs of ``keras.optimizers.Optimizer``."""
    optimizer = keras.optimizers.Optimizer
    construct = optimizer.__init__

    def __init__(self: Any, learning_rate: Any = 0.001, *args: Any, **kwargs: Any) -> None:
        old = is_old(type(self))
        if old:
            begin(self, kwargs)
        learning_rate, decay = kwargs.pop("lr", learning_rate), kwargs.pop("decay", None)
        learning_rate = float(learning_rate) if isinstance(learning_rate, (int, np.number)) else learning_rate
        both = {"clipvalue": kwargs.pop("clipvalue")} if kwargs.get("clipnorm") and kwargs.get("clipvalue") else {}
        if "schedule_decay" in kwargs:  # of Nadam
            vars(self)["schedule_decay"] = kwargs.pop("schedule_decay")
        construct(self, Decayed(learning_rate, decay) if decay else learning_rate, *args, **kwargs)
        vars(self).update(both)
        if old:
            begun(self)

    return [
        Repair(
            "optimizer_lr",
            "Adam(lr=..., decay=...) and optimizer.lr are how Keras 2 code sets, reads and changes the learning rate; "
            "Keras 3 refuses lr and drops decay with a warning. decay is applied as lr / (1 + decay * iterations).",
            [(optimizer, "__init__", __init__), (optimizer, "lr", property(get_lr, set_lr))],
        ),
        step_repair(optimizer_rules),
        *shared_repairs(keras.optimizers, optimizer_rules),
        base_repair(keras, ()),
        stepping_repair(
            [
                (optimizer, "scale_loss", remembering_loss(optimizer.scale_loss)),
                (optimizer, "apply", applying(optimizer.apply, pairs)),
            ]
        ),
    ]


def pairs(grads: Any, trainable_variables: Any = None) -> list[tuple[Any, Any]]:
    """Return the pairs (gradient, weight) of ``apply``."""
    return list(zip(grads, trainable_variables, strict=True))


def step_repair(rules: Any) -> Repair:
    """Return the repair of the steps optimizers make; ``rules`` are those of Keras 2."""
    optimizer, nadam = keras.optimizers.Optimizer, keras.optimizers.Nadam
    kinds = (keras.optimizers.RMSprop, keras.optimizers.Adagrad, keras.optimizers.Adam, nadam)
    return Repair(
        "optimizer_steps",
        "RMSprop and Adagrad added epsilon behind the root, Nadam's momentum warmed up slowly, clipnorm held for "
        "all gradients together, and an embedding's gradient was that of all its rows, each row's uses added up; Keras "
        "3 does otherwise, so that fit gives other weights.",
        [
            *((kind, "update_step", following(kind, rules)) for kind in kinds),
            (nadam, "_backend_update_step", scheduled(rules)),
            (optimizer, "_clip_gradients", dense(clipping_together(optimizer._clip_gradients, rules.clip_together))),
        ],
    )


def dense(clip: Callable[..., Any]) -> Callable[..., Any]:
    """Return the first thing done to all gradients, for those of embeddings, too: a use of a row that comes twice is no
    gradient by itself, but ``clipvalue`` limits each. The gradients of an optimizer that Keras 2 did not have, or for
    which it is the same, stay.
    """

    def whole(grads: Any) -> list[Any]:
        return [tf.convert_to_tensor(grad) if isinstance(grad, tf.IndexedSlices) else grad for grad in grads]

    @functools.wraps(clip)
    def _clip_gradients(self: Any, grads: Any) -> Any:
        if not needs_dense(self):
            return clip(self, grads)
        by_use = self.clipvalue and not self.global_clipnorm
        return whole(clip(self, grads if by_use else whole(grads)))

    return _clip_gradients


def needs_dense(optimizer: Any) -> bool:
    """Return whether an optimizer of Keras 2 moves rows without a gradient, or squares a gradient."""
    kind = next((kind for kind in type(optimizer).__mro__ if kind.__name__ in SLOTS), None)
    plain = kind is keras.optimizers.SGD and not (optimizer.momentum or optimizer.clipvalue)
    return is_old(type(optimizer)) or (kind is not None and not plain)


def following(kind: Any, rules: Any) -> Callable[..., Any]:
    """``update_step`` of a kind of optimizer by the rule of Keras 2."""
    original, slot_names = kind.update_step, SLOTS[kind.__name__]

    @functools.wraps(original)
    def update_step(self: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if is_newer(self, kind):
            original(self, gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        names = (*slot_names, "_velocity_hats") if getattr(self, "amsgrad", False) else slot_names
        slots = [getattr(self, name)[index] for name in names]
        new, *new_slots = stepped(self, rules, variable, gradient, learning_rate, slots)
        for slot, value in zip(slots, new_slots, strict=False):
            self.assign(slot, value)
        self.assign(variable, new)

    return update_step


def scheduled(rules: Any) -> Callable[..., Any]:
    """One step of Nadam, which then remembers how far its momentum has warmed up."""

    def _backend_update_step(self: Any, grads: Any, trainable_variables: Any, learning_rate: Any) -> None:
        settings, step = rules.settings_of(self, "Nadam"), tf.cast(self.iterations + 1, self._u_product.dtype)
        super(keras.optimizers.Nadam, self)._backend_update_step(grads, trainable_variables, learning_rate)
        schedule = tf.convert_to_tensor(self._u_product)
        new = rules.next_schedule(schedule, settings["beta_1"], step, settings["schedule_decay"])
        self.assign(self._u_product, new)

    return _backend_update_step
