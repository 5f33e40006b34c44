"""``get_updates`` and ``get_gradients`` of Keras 2's optimizers, for training functions made with ``K.function``.

The rules are those of Keras 2.3.1, which differ from Keras 3's in details (where epsilon stands, how accumulators
start).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat.adapters.optimizers import Decay
from k2compat.backend import math, variables
from k2compat.errors import K2TypeError, K2ValueError, three_parts
from k2compat.graph.connect import absence_note, as_list, gradients
from k2compat.graph.dispatch import apply
from k2compat.graph.symbols import is_variable

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
    lr_t = lr * tf.sqrt(1.0 - power(h.beta_2, t)) / (1.0 - power(h.beta_1, t))
    m = h.beta_1 * slots[0] + (1.0 - h.beta_1) * g
    v = h.beta_2 * slots[1] + (1.0 - h.beta_2) * tf.square(g)
    largest = tf.maximum(slots[2], v) if h.amsgrad else v
    return p - lr_t * m / (tf.sqrt(largest) + h.epsilon), m, v, largest


def adamax(p: Any, g: Any, lr: Any, t: Any, slots: Sequence[Any], h: Any) -> tuple[Any, ...]:
    m = h.beta_1 * slots[0] + (1.0 - h.beta_1) * g
    u = tf.maximum(h.beta_2 * slots[1], tf.abs(g))
    return p - lr / (1.0 - power(h.beta_1, t)) * m / (u + h.epsilon), m, u


def nadam(p: Any, g: Any, lr: Any, t: Any, slots: Sequence[Any], h: Any) -> tuple[Any, ...]:
    now, after = nadam_momentum(h.beta_1, t), nadam_momentum(h.beta_1, t + 1.0)
    schedule = slots[2] * now
    m = h.beta_1 * slots[0] + (1.0 - h.beta_1) * g
    v = h.beta_2 * slots[1] + (1.0 - h.beta_2) * tf.square(g)
    mean = (1.0 - now) * g / (1.0 - schedule) + after * m / (1.0 - schedule * after)
    return p - lr * mean / (tf.sqrt(v / (1.0 - power(h.beta_2, t))) + h.epsilon), m, v, schedule


def nadam_momentum(beta_1: float, t: Any) -> Any:
    """Nadam's momentum at a step, counted from 1: it warms up."""
    return beta_1 * (1.0 - 0.5 * power(0.96, t * SCHEDULE_DECAY))


def power(base: Any, t: Any) -> Any:
    """A number to the power of the step, in the step's float type: TensorFlow takes a number of Python for float32."""
    return tf.pow(tf.cast(base, t.dtype), t)


def zero(param: Any) -> Any:
    """A slot of zeros like the parameter."""
    return variables.zeros(variables.int_shape(param), variables.dtype(param))


def one(param: Any) -> Any:
    """A slot of the number 1."""
    return variables.ones((), variables.dtype(param))


# Name of the Keras class -> rule, slots.
RULES: dict[str, tuple[Rule, tuple[Callable[[Any], Any], ...]]] = {
    "SGD": (sgd, (zero,)),
    "RMSprop": (rmsprop, (zero,)),
    "Adagrad": (adagrad, (zero,)),
    "Adadelta": (adadelta, (zero, zero)),
    "Adam": (adam, (zero, zero, zero)),
    "Adamax": (adamax, (zero, zero)),
    "Nadam": (nadam, (zero, zero, one)),
}
SCHEDULE_DECAY = 0.004  # Nadam's momentum warms up at this rate


def get_gradients(optimizer: Any, loss: Any, params: Any) -> list[Any]:
    """Gradients of a loss, clipped as the optimizer is set to.

    Args:
        optimizer: a Keras optimizer with ``clipnorm`` (of all gradients together, as in Keras 2) or ``clipvalue`` or
            neither.
        loss: symbolic tensor.
        params: variables.

    Raises:
        ValueError: the loss does not depend on one of them.
    """
    found = gradients(loss, params)
    if any(gradient is None for gradient in found):
        raise K2ValueError(
            three_parts(
                "an operation with None for gradient" + absence_note(None),
                "a loss that depends differentiably on every parameter.",
                "leave out the parameters it does not depend on; K.argmax, K.round and K.eval stop gradients.",
            )
        )
    if optimizer.clipnorm:
        return list(apply(clip_together, (found, optimizer.clipnorm), {}))
    if optimizer.clipvalue:
        return [math.clip(gradient, -optimizer.clipvalue, optimizer.clipvalue) for gradient in found]
    return found


def clip_together(found: Sequence[Any], limit: float) -> list[Any]:
    norm = tf.sqrt(tf.add_n([tf.reduce_sum(tf.square(gradient)) for gradient in found]))
    return [tf.where(norm >= limit, gradient * limit / norm, gradient) for gradient in found]


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
    loss, params = loss_and_params(args, kwargs)
    kind = next((cls.__name__ for cls in type(optimizer).__mro__ if cls.__name__ in RULES), None)
    if kind is None:
        raise K2TypeError(
            three_parts(
                f"get_updates of a {type(optimizer).__name__}",
                f"one of {', '.join(RULES)}.",
                "use one of them, or model.fit.",
            )
        )
    rule, makers = RULES[kind]
    lr, step = learning_rate(optimizer), math.cast(optimizer.iterations, "float32") + 1.0
    updates = [variables.update_add(optimizer.iterations, 1)]
    for param, gradient in zip(params, get_gradients(optimizer, loss, params), strict=True):
        slots = [make(param) for make in makers]
        for slot in slots:
            slot.slot_of = param
        new_param, *new_slots = apply(one_step, (rule, param, gradient, lr, step, slots, optimizer), {})
        updates += [variables.update(slot, new) for slot, new in zip(slots, new_slots, strict=True)]
        constraint = getattr(param, "constraint", None)
        updates.append(variables.update(param, constraint(new_param) if constraint else new_param))
    return updates


def one_step(
    rule: Rule, param: Any, gradient: Any, lr: Any, step: Any, slots: Sequence[Any], optimizer: Any
) -> list[Any]:
    """Runs a rule; the slots it leaves unused keep their values."""
    results = rule(param, gradient, tf.cast(lr, param.dtype), tf.cast(step, param.dtype), slots, optimizer)
    return [*results, *slots[len(results) - 1 :]]


def learning_rate(optimizer: Any) -> Any:
    """The live learning rate: the optimizer's variable, or its schedule of the live step counter."""
    rate = optimizer._learning_rate
    if isinstance(rate, Decay):
        return apply(decayed, (rate.rate, rate.decay, optimizer.iterations), {})
    if is_variable(rate) or not callable(rate):
        return rate
    return apply(lambda iterations: tf.convert_to_tensor(rate(iterations)), (optimizer.iterations,), {})


def decayed(rate: Any, decay: float, iterations: Any) -> Any:
    """A learning rate that falls with the steps."""
    return rate / (1.0 + decay * tf.cast(iterations, rate.dtype))


def loss_and_params(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, list[Any]]:
    """Reads the arguments of ``get_updates`` in each of their three historic orders."""
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
