"""``get_updates`` and ``get_gradients`` of Keras 2's optimizers, for training functions made with ``K.function``.

The rules are those of Keras 2.3.1, which differ from Keras 3's in details (where epsilon stands, how accumulators
start, that 1 - beta is computed in the float type of the weights).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.errors import K2TypeError, K2ValueError, sentence_parts, three_parts
from k2compat.graph.dispatch import apply
from k2compat.graph.gradients import as_list, gradients
from k2compat.graph.none_gradients import absence_note
from k2compat.graph.symbols import is_symbol, is_variable
from k2compat.ops import math, variables
from k2compat.ops.config import epsilon, floatx
from k2compat.ops.decay import SETTINGS, Decay
from k2compat.ops.registry import current

# A rule computes from parameter, gradient, learning rate, step number (from 1), slots and settings: the new parameter,
# then the new slots.
Rule = Callable[..., tuple[Any, ...]]


def sgd(p: Any, g: Any, lr: Any, t: Any, slots: Sequence[Any], h: Any) -> tuple[Any, ...]:
    velocity = h.momentum * slots[0] - lr * g
    return (p + h.momentum * velocity - lr * g if h.nesterov else p + velocity), velocity


def rmsprop(p: Any, g: Any, lr: Any, t: Any, slots: Sequence[Any], h: Any) -> tuple[Any, ...]:
    a = h.rho * slots[0] + (1.0 - h.rho) * tf.square(g)
    return p - lr * g / (tf.sqrt(a) + h.epsilon), a


def adagrad(p: Any, g: Any, lr: Any, t: Any, slots: Sequence[Any], h: Any) -> tuple[Any, ...]:
    a = slots[0] + tf.square(g)
    return p - lr * g / (tf.sqrt(a) + h.epsilon), a


def adadelta(p: Any, g: Any, lr: Any, t: Any, slots: Sequence[Any], h: Any) -> tuple[Any, ...]:
    a = h.rho * slots[0] + (1.0 - h.rho) * tf.square(g)
    step = g * tf.sqrt(slots[1] + h.epsilon) / tf.sqrt(a + h.epsilon)
    return p - lr * step, a, h.rho * slots[1] + (1.0 - h.rho) * tf.square(step)


def adam(p: Any, g: Any, lr: Any, t: Any, slots: Sequence[Any], h: Any) -> tuple[Any, ...]:
    lr_t = lr * (tf.sqrt(1.0 - power(h.beta_2, t)) / (1.0 - power(h.beta_1, t)))
    m = h.beta_1 * slots[0] + (1.0 - h.beta_1) * g
    v = h.beta_2 * slots[1] + (1.0 - h.beta_2) * tf.square(g)
    if not h.amsgrad:
        return p - lr_t * m / (tf.sqrt(v) + h.epsilon), m, v
    largest = tf.maximum(slots[2], v)
    return p - lr_t * m / (tf.sqrt(largest) + h.epsilon), m, v, largest


def adamax(p: Any, g: Any, lr: Any, t: Any, slots: Sequence[Any], h: Any) -> tuple[Any, ...]:
    m = h.beta_1 * slots[0] + (1.0 - h.beta_1) * g
    u = tf.maximum(h.beta_2 * slots[1], tf.abs(g))
    return p - lr / (1.0 - power(h.beta_1, t)) * m / (u + h.epsilon), m, u


def nadam(p: Any, g: Any, lr: Any, t: Any, slots: Sequence[Any], h: Any) -> tuple[Any, ...]:
    now, after = (nadam_momentum(h.beta_1, step, h.schedule_decay) for step in (t, t + 1.0))
    schedule = h.m_schedule * now
    m = h.beta_1 * slots[0] + (1.0 - h.beta_1) * g
    v = h.beta_2 * slots[1] + (1.0 - h.beta_2) * tf.square(g)
    mean = (1.0 - now) * (g / (1.0 - schedule)) + after * (m / (1.0 - schedule * after))
    return p - lr * mean / (tf.sqrt(v / (1.0 - power(h.beta_2, t))) + h.epsilon), m, v


def nadam_momentum(beta_1: Any, t: Any, schedule_decay: float) -> Any:
    """Nadam's momentum at a step, counted from 1: it warms up."""
    return tf.cast(beta_1, t.dtype) * (1.0 - 0.5 * power(0.96, t * schedule_decay))


def power(base: Any, t: Any) -> Any:
    """Return a number to the power of the step, in the step's float type: TensorFlow takes a number of Python for
    float32.
    """
    return tf.pow(tf.cast(base, t.dtype), t)


# Name of the Keras class -> rule, names of the slots.
RULES: dict[str, tuple[Rule, tuple[str, ...]]] = {
    "SGD": (sgd, ("moment",)),
    "RMSprop": (rmsprop, ("accumulator",)),
    "Adagrad": (adagrad, ("accumulator",)),
    "Adadelta": (adadelta, ("accumulator", "delta_accumulator")),
    "Adam": (adam, ("m", "v", "vhat")),
    "Adamax": (adamax, ("m", "u")),
    "Nadam": (nadam, ("m", "v")),
}
# Settings that were variables; the others were numbers of Python.
LIVE = ("momentum", "beta_1", "beta_2", "rho")


def kind_of(optimizer: Any) -> str | None:
    """Return the name of the optimizer of Keras whose rule an optimizer follows, None if there is none."""
    return next((kind.__name__ for kind in type(optimizer).__mro__ if kind.__name__ in RULES), None)


def settings_of(optimizer: Any, kind: str) -> dict[str, Any]:
    """Return the settings of an optimizer by name: numbers, or variables and symbolic tensors in their place."""
    settings = {name: getattr(optimizer, name, default) for name, default in SETTINGS[kind].items()}
    if "epsilon" in settings and settings["epsilon"] is None:
        settings["epsilon"] = epsilon()
    return settings


def one_step(
    rule: Rule,
    settings: dict[str, Any],
    param: Any,
    gradient: Any,
    lr: Any,
    step: Any,
    slots: Sequence[Any],
) -> list[Any]:
    """Run a rule in the float type of the parameter; the slots it leaves unused keep their values."""
    dtype = param.dtype
    lr, step, gradient = (tf.cast(value, dtype) for value in (lr, step, gradient))
    cast = {
        name: tf.cast(value, dtype) if name in LIVE and rule is not adadelta or tf.is_tensor(value) else value
        for name, value in settings.items()
    }
    results = rule(param, gradient, lr, step, slots, SimpleNamespace(**cast))
    return [*results, *slots[len(results) - 1 :]]


def get_gradients(optimizer: Any, loss: Any, params: Any) -> list[Any]:
    """Gradients of a loss, clipped as the optimizer is set to.

    Args:
        optimizer: a Keras optimizer with ``clipnorm`` (of all gradients together, as in Keras 2), ``clipvalue``, both
            or neither.
        loss: symbolic tensor.
        params: variables.

    Raises:
        ValueError: the loss does not depend on one of them.
    """
    found = gradients(loss, params)
    if any(gradient is None for gradient in found):
        raise K2ValueError(
            sentence_parts(
                "An operation has `None` for gradient" + absence_note(None),
                "a loss that depends on every parameter through operations that have a gradient defined (i.e. are "
                "differentiable).",
                "leave out the parameters it does not depend on; K.argmax, K.round and K.eval stop gradients.",
            )
        )
    norm, limit = getattr(optimizer, "clipnorm", None), getattr(optimizer, "clipvalue", None)
    if norm:
        found = list(apply(clip_together, (found, norm), {}))
    if limit:
        found = [math.clip(gradient, -limit, limit) for gradient in found]
    return found


def clip_together(found: Sequence[Any], limit: float) -> list[Any]:
    whole = [tf.convert_to_tensor(gradient) for gradient in found]
    norm = tf.sqrt(tf.add_n([tf.reduce_sum(tf.square(gradient)) for gradient in whole]))

    def limited(gradient: Any) -> Any:
        if isinstance(gradient, tf.IndexedSlices):
            return tf.IndexedSlices(limited(gradient.values), gradient.indices, gradient.dense_shape)
        return tf.where(norm >= limit, limit / norm * gradient, gradient)

    return [limited(gradient) for gradient in found]


def get_updates(optimizer: Any, *args: Any, **kwargs: Any) -> list[Any]:
    """Updates that make one step of training when a function runs them.

    Args:
        optimizer: a Keras optimizer.
        *args, **kwargs: ``(loss, params)``, or ``(params, constraints, loss)`` as in Keras 1, or these names as
            keywords.

    Returns:
        Updates of the step counter, the slots and the parameters.

    Raises:
        TypeError: an optimizer without a rule here, or arguments missing.
        ValueError: a gradient does not exist.
    """
    update, update_add = current("update"), current("update_add")
    loss, params = loss_and_params(args, kwargs)
    kind = kind_of(optimizer)
    if kind is None:
        raise K2TypeError(
            three_parts(
                f"get_updates of a {type(optimizer).__name__}",
                f"one of {', '.join(RULES)}.",
                "use one of them, or model.fit.",
            )
        )
    rule, names = RULES[kind]
    found = optimizer.get_gradients(loss, params)
    lr, step, settings = learning_rate(optimizer), step_number(optimizer), settings_of(optimizer, kind)
    slots = [[slot(settings, name, number, param) for number, param in enumerate(params)] for name in names]
    kept, updates = [optimizer.iterations], [update_add(optimizer.iterations, 1)]
    if kind == "Nadam":
        settings["m_schedule"] = schedule = m_schedule(optimizer)
        kept.append(schedule)
        moved = apply(next_schedule, (schedule, settings["beta_1"], step, settings["schedule_decay"]), {})
        updates.append(update(schedule, moved))
    for param, gradient, *own in zip(params, found, *slots, strict=True):
        new_param, *new_slots = apply(one_step, (rule, settings, param, gradient, lr, step, own), {})
        used = own if settings.get("amsgrad", True) else own[:2]
        updates += [update(slot, new) for slot, new in zip(used, new_slots, strict=False)]
        constraint = getattr(param, "constraint", None)
        updates.append(update(param, apply(constraint, (new_param,), {}) if constraint else new_param))
    vars(optimizer).update(**{attributes.WEIGHTS: kept + [one for group in slots for one in group]}, updates=updates)
    return updates


def slot(settings: dict[str, Any], name: str, number: int, param: Any) -> Any:
    """Return a new slot of zeros like a parameter; Adam keeps a placeholder of one number for the largest if unused."""
    unused = name == "vhat" and not settings["amsgrad"]
    shape = 1 if unused else variables.int_shape(param)
    made = variables.zeros(shape, variables.dtype(param), f"{name}_{number}")
    if not unused:
        made.slot_of = param
    return made


def m_schedule(optimizer: Any) -> Any:
    """Return the product of Nadam's momenta so far, a variable common to all of an optimizer's functions."""
    return vars(optimizer).setdefault("m_schedule", variables.variable(1.0, name="m_schedule"))


def next_schedule(schedule: Any, beta_1: Any, step: Any, schedule_decay: float) -> Any:
    return schedule * tf.cast(nadam_momentum(beta_1, step, schedule_decay), schedule.dtype)


def step_number(optimizer: Any) -> Any:
    """Return the number of the step, counted from 1."""
    return math.cast(optimizer.iterations, floatx()) + 1.0


def learning_rate(optimizer: Any) -> Any:
    """Return the live learning rate: the optimizer's variable, or its schedule of the live step counter."""
    rate, decay = optimizer._learning_rate, None
    if isinstance(rate, Decay):
        rate, decay = rate.rate, rate.decay
    elif vars(optimizer).get("initial_decay"):
        decay = optimizer.decay
    if decay is not None:
        return apply(decayed, (rate, decay, optimizer.iterations), {})
    if is_symbol(rate) or is_variable(rate) or not callable(rate):
        return rate
    return apply(lambda iterations: tf.convert_to_tensor(rate(iterations)), (optimizer.iterations,), {})


def decayed(rate: Any, decay: Any, iterations: Any) -> Any:
    """Return a learning rate that falls with the steps."""
    decay = tf.cast(decay, rate.dtype)
    return rate * (1.0 / (1.0 + decay * tf.cast(iterations, rate.dtype)))


def loss_and_params(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, list[Any]]:
    """Read the arguments of ``get_updates`` in each of their three historic orders."""
    names = (
        ("params", "constraints", "loss")
        if len(args) == 3 or (args and isinstance(args[0], (list, tuple)))
        else ("loss", "params")
    )
    if len(args) == 2 and names[0] == "params":
        names = ("params", "loss")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    if "loss" not in given or "params" not in given:
        raise K2TypeError(
            three_parts(
                f"get_updates with {sorted(given)}", "loss and params.", "call get_updates(loss=..., params=...)."
            )
        )
    return given["loss"], as_list(given["params"])
