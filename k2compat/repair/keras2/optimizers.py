"""Repairs of Keras 2's optimizers, those of TensorFlow 2.11 and later."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.keras2.internals import keras
from k2compat.adapters.keras2.weights import Weight
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
from k2compat.repair.shared.own_optimizers import (
    applying,
    base_repair,
    begin,
    begun,
    kind_of,
    remembering_loss,
    stepping_repair,
)
from k2compat.repair.table import Around, Repair, definer

optimizers: Any = keras.optimizers
Schedule: Any = optimizers.schedules.LearningRateSchedule


@keras.utils.register_keras_serializable(package="k2compat")
class Decayed(Decay, Schedule):
    """The falling learning rate as Keras 2 takes it."""

    def __init__(self, rate: float, decay: float):
        super().__init__(Weight(tf.Variable(rate, dtype="float32", trainable=False, name="learning_rate")), decay)


def repairs() -> list[Repair]:
    """Repairs of ``keras.optimizers.Optimizer``."""
    optimizer, nadam = optimizers.Optimizer, optimizers.Nadam
    rules = optimizer_rules
    kinds = (optimizers.RMSprop, optimizers.Adagrad, optimizers.Adam, nadam)
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
                (definer(optimizer, "get_config"), "get_config", Around(with_decay)),
                (
                    definer(optimizer, "_serialize_hyperparameter"),
                    "_serialize_hyperparameter",
                    Around(without_schedule),
                ),
            ],
        ),
        Repair(
            "optimizer_steps",
            "RMSprop and Adagrad added epsilon behind the root, Nadam's momentum warmed up slowly, clipnorm held for "
            "all gradients together; in TensorFlow 2 Keras does otherwise, so that fit gives other weights.",
            [
                *((kind, "update_step", following(kind, rules)) for kind in kinds),
                (nadam, "_internal_apply_gradients", scheduled(nadam, rules)),
                (owner, "_clip_gradients", clipping_together(owner._clip_gradients, rules.clip_together)),
            ],
        ),
        *shared_repairs(optimizers, rules),
        base_repair(keras, [(optimizer, "__init__", constructing(optimizer.__init__))], Weight),
        stepping_repair(
            [
                (optimizer, "minimize", remembering_loss(optimizer.minimize)),
                (optimizer, "apply_gradients", applying(optimizer.apply_gradients, pairs)),
            ]
        ),
    ]


def pairs(grads_and_vars: Any, *_: Any, **__: Any) -> list[Any]:
    """Return the pairs (gradient, weight) of ``apply_gradients``."""
    return list(grads_and_vars)


def constructing(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Optimizer.__init__`` that needs neither name nor learning rate for optimizers written for Keras 2."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if not is_old(type(self)):
            original(self, *args, **kwargs)
            return
        begin(self, kwargs)
        kwargs = kwargs if args else {"name": type(self).__name__, **kwargs}
        rate = kwargs.pop("learning_rate", 0.001) if kind_of(self) is None else None
        original(self, *args, **kwargs)
        begun(self)
        if rate is not None:
            vars(self)["_learning_rate"] = self._build_learning_rate(rate)

    return __init__


def keeping(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_process_kwargs`` that keeps the settings by their old names for ``_build_learning_rate``."""

    def _process_kwargs(self: Any, kwargs: dict[str, Any]) -> None:
        # Past TensorFlow's attribute tracking.
        vars(self)[attributes.RATE] = kwargs.pop("lr", None), kwargs.pop("decay", None)
        if "schedule_decay" in kwargs:  # of Nadam
            vars(self)["schedule_decay"] = kwargs.pop("schedule_decay")
        original(self, kwargs)

    return _process_kwargs


def falling(original: Callable[..., Any]) -> Callable[..., Any]:
    """``_build_learning_rate`` from the settings by their old names, where these were given."""

    def _build_learning_rate(self: Any, learning_rate: Any) -> Any:
        rate, decay = vars(self).pop(attributes.RATE, (None, None))
        rate = learning_rate if rate is None else rate
        made = original(self, Decayed(rate, decay) if decay else rate)
        return Weight(made) if isinstance(made, tf.Variable) else made  # live in expressions, as a layer's weights

    return _build_learning_rate


def with_decay(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``get_config`` that gives ``decay`` as Keras 2 did, so that a file of the model can be loaded."""

    @functools.wraps(original)
    def get_config(self: Any) -> dict[str, Any]:
        rate = vars(self).get("_learning_rate")
        return {**original(self), **({"decay": float(rate.decay)} if isinstance(rate, Decayed) else {})}

    return get_config


def without_schedule(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the method that writes a setting into a configuration: of a falling rate, the number it falls from."""

    @functools.wraps(original)
    def _serialize_hyperparameter(self: Any, value: Any) -> Any:
        return float(value.rate) if isinstance(value, Decayed) else original(self, value)

    return _serialize_hyperparameter


def following(kind: Any, rules: Any) -> Callable[..., Any]:
    """``update_step`` of a kind of optimizer by the rule of Keras 2.3."""
    original, slot_names = kind.update_step, SLOTS[kind.__name__]

    @functools.wraps(original)
    def update_step(self: Any, gradient: Any, variable: Any) -> None:
        if is_newer(self, kind):
            original(self, gradient, variable)
            return
        index = self._index_dict[self._var_key(variable)]
        names = (*slot_names, "_velocity_hats") if getattr(self, "amsgrad", False) else slot_names
        slots = [getattr(self, name)[index] for name in names]
        new, *new_slots = stepped(self, rules, variable, gradient, self.learning_rate, slots)
        for slot, value in zip(slots, new_slots, strict=False):
            slot.assign(value)
        variable.assign(new)

    return update_step


def scheduled(nadam: Any, rules: Any) -> Callable[..., Any]:
    """One step of Nadam, which then remembers how far its momentum has warmed up."""
    original = nadam._internal_apply_gradients

    def _internal_apply_gradients(self: Any, grads_and_vars: Any) -> Any:
        settings, step = rules.settings_of(self, "Nadam"), tf.cast(self.iterations + 1, self._u_product.dtype)
        result = original(self, grads_and_vars)
        schedule = tf.convert_to_tensor(self._u_product)
        self._u_product.assign(rules.next_schedule(schedule, settings["beta_1"], step, settings["schedule_decay"]))
        return result

    return _internal_apply_gradients
