"""How the optimizers of Keras 2.3 stepped and were set, for the optimizers of either Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat import attributes
from k2compat.graph.symbols import is_symbol
from k2compat.ops.decay import Decay
from k2compat.repair.table import Repair, with_default

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


PACKAGES = {"keras", "tf_keras", "tensorflow"}
KERAS_2_WAY = ("get_updates", "get_gradients")
PRESENT_WAY = ("update_step", "apply_gradients", "apply")
# Settings that were variables in Keras 2.3.
LIVE = {"momentum", "beta_1", "beta_2", "rho"}


def get_lr(self: Any) -> Any:
    """``optimizer.lr``: the variable of the learning rate, before it falls."""
    rate = self._learning_rate
    return rate.rate if isinstance(rate, Decay) else self.learning_rate


def set_lr(self: Any, value: Any) -> None:
    if isinstance(self._learning_rate, Decay) and np.ndim(value) == 0 and isinstance(value, (int, float, np.number)):
        self._learning_rate.rate.assign(value)
    else:
        self.learning_rate = value


def decay_property(name: str) -> property:
    """Return ``optimizer.decay`` or ``optimizer.initial_decay``: what a program's own optimizer has set, or by how much
    the learning rate falls with each step.
    """

    def get(self: Any) -> Any:
        own = vars(self)
        known = next((own[one] for one in (name, "decay") if one in own), None)
        return getattr(own.get("_learning_rate"), "decay", 0.0) if known is None else known

    def put(self: Any, value: Any) -> None:
        vars(self)[name] = value

    return property(get, put)


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
        Repair(
            "optimizer_decay",
            "Callbacks that print the learning rate compute lr / (1 + decay * iterations) from optimizer.decay, or "
            "initial_decay, which are gone.",
            [(optimizer, name, decay_property(name)) for name in ("decay", "initial_decay")],
        ),
    ]


def is_old(kind: type) -> bool:
    """Return whether a class of optimizers was written for Keras 2: its step is in ``get_updates`` or
    ``get_gradients``.
    """
    for base in kind.__mro__:
        if base.__module__.partition(".")[0] in PACKAGES or base is object:
            continue
        if any(name in vars(base) for name in PRESENT_WAY):
            return False
        if any(name in vars(base) for name in KERAS_2_WAY):
            return True
    return False


def steps_by_updates(optimizer: Any) -> bool:
    """Return whether an optimizer's step is that of ``get_updates``: its class says so, or a program has put functions
    or expressions of its own in.
    """
    own = vars(optimizer)
    rate = own.get("_learning_rate")
    values = [rate.rate if isinstance(rate, Decay) else rate, own.get(attributes.ITERATIONS)]
    values += [own.get(name) for name in LIVE]
    return (
        is_old(type(optimizer))
        or any(name in own for name in KERAS_2_WAY)
        or any(is_symbol(value) for value in values if value is not None)
    )


def stepped(optimizer: Any, rules: Any, variable: Any, gradient: Any, rate: Any, slots: Sequence[Any]) -> list[Any]:
    """Return the new values of a variable and of its slots by the rule of Keras 2.3."""
    kind = rules.kind_of(optimizer)
    settings = rules.settings_of(optimizer, kind)
    if kind == "Nadam":
        settings["m_schedule"] = optimizer._u_product
    gradient, rate, step, *values = map(tf.convert_to_tensor, (gradient, rate, optimizer.iterations + 1, *slots))
    rule, param = rules.RULES[kind][0], tf.convert_to_tensor(variable)
    return list(rules.one_step(rule, settings, param, gradient, rate, step, values))


def is_newer(optimizer: Any, kind: type) -> bool:
    """Return whether an optimizer of a kind is, or is set to, something that Keras 2.3 did not have."""
    set_so = kind.__name__ == "RMSprop" and (optimizer.centered or optimizer.momentum)
    of_keras = next(base for base in type(optimizer).__mro__ if base.__module__.partition(".")[0] in PACKAGES)
    return bool(set_so) or of_keras is not kind  # AdamW


def clipping_together(original: Callable[..., Any], clip: Callable[..., Any]) -> Callable[..., Any]:
    """``_clip_gradients`` that limits the norm of all gradients together, and then their values, if both are set.

    The values of an embedding's gradient are those of each use of a row, before they are added up.
    """

    @functools.wraps(original)
    def _clip_gradients(self: Any, grads: Any) -> Any:
        if not self.clipnorm:
            return original(self, grads)
        given = [gradient for gradient in grads if gradient is not None]
        found, limit = clip(given, self.clipnorm), self.clipvalue
        clipped = iter([tf.clip_by_value(gradient, -limit, limit) for gradient in found] if limit else found)
        return [gradient if gradient is None else next(clipped) for gradient in grads]

    return _clip_gradients
