"""Optimizers as Keras 2 programs wrote them, with a ``get_updates`` of their own, for either Keras."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat import attributes
from k2compat.errors import K2RuntimeError, K2TypeError, K2ValueError, sentence_parts, three_parts
from k2compat.graph import dispatch
from k2compat.graph.context import evaluating
from k2compat.graph.symbols import Lazy, is_symbol, is_variable
from k2compat.legacy.tf_optimizer import TFOptimizer
from k2compat.ops import variables
from k2compat.ops.config import epsilon
from k2compat.ops.decay import SETTINGS, Decay
from k2compat.ops.own_steps import OwnStep
from k2compat.repair.shared.compiled_model import collected
from k2compat.repair.shared.optimizers import LIVE, SLOTS, is_old, steps_by_updates
from k2compat.repair.shared.training import model_in_training
from k2compat.repair.table import Around, Repair


class _Local(threading.local):
    """What goes on in this thread.

    Attributes:
        loss: the loss whose gradients are about to be applied, None if it is not known.
    """

    loss: Any = None


_local = _Local()


def stepping_repair(patches: Sequence[Any]) -> Repair:
    """Return the repair of training with optimizers that have a ``get_updates`` of their own."""
    return Repair(
        "own_optimizers",
        "Optimizers with a get_updates or get_gradients of their own (learning rates of layers, decoupled weight "
        "decay, gathered gradients, warm-up) are trained by fit and train_on_batch with the steps of their base class, "
        "or not at all; Keras 2 made the training function of get_updates(loss=..., params=...).",
        patches,
    )


def applying(original: Callable[..., Any], pairs: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that applies gradients, given as ``pairs`` makes of its arguments, by the updates of Keras 2's
    way.
    """

    @functools.wraps(original)
    def apply(self: Any, *args: Any, **kwargs: Any) -> Any:
        loss, _local.loss = _local.loss, None
        if not steps_by_updates(self):
            return original(self, *args, **kwargs)
        step(self, loss, pairs(*args, **kwargs))
        return self.iterations

    return apply


def remembering_loss(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that gets the loss before its gradients are applied."""

    @functools.wraps(original)
    def method(self: Any, loss: Any, *args: Any, **kwargs: Any) -> Any:
        _local.loss = None if callable(loss) else loss
        return original(self, loss, *args, **kwargs)

    return method


def step(optimizer: Any, loss: Any, pairs: list[tuple[Any, Any]]) -> None:
    """Make one step by the optimizer's updates, which are made at the first one."""
    if tf.distribute.has_strategy():
        raise K2RuntimeError(
            three_parts(
                f"{type(optimizer).__name__}, an optimizer with a get_updates of its own, in a distribution strategy",
                "training on one device: its updates are made for the weights themselves, not for their copies.",
                "train outside of strategy.scope(), or give the optimizer an update_step.",
            )
        )
    if isinstance(optimizer, TFOptimizer) and optimizer.takes_gradients():
        optimizer.move(pairs)
        return
    reached = [weight for gradient, weight in pairs if gradient is not None]
    made = step_for(optimizer, model_in_training(), [weight for _, weight in pairs], reached)
    made.run(loss, pairs)


def step_for(optimizer: Any, model: Any, weights: list[Any], reached: list[Any]) -> Any:
    """Return the step of an optimizer for a model's weights, made once for each time that the model is compiled."""
    kept = vars(optimizer if model is None else model).setdefault(attributes.STEPS, {})
    key = (id(optimizer), *map(id, weights))
    if key not in kept:
        kept[key] = OwnStep(optimizer, weights, reached), optimizer
    return kept[key][0]


def prepare(model: Any) -> None:
    """Make what an optimizer needs to train a model, as ``model._make_train_function()`` of Keras 2 did."""
    optimizer, weights = getattr(model, "optimizer", None), collected(model)
    if optimizer is None or not weights:
        return
    if steps_by_updates(optimizer):
        step_for(optimizer, model, weights, weights)
    elif not getattr(optimizer, "_built", getattr(optimizer, "built", False)):
        optimizer.build(weights)


def base_repair(keras: Any, patches: Sequence[Any], live: Callable[[Any], Any] = lambda holder: holder) -> Repair:
    """Return the repair of the class ``Optimizer`` of a Keras, for subclasses written for Keras 2 and for what scripts
    read.

    Args:
        keras: the package of the Keras.
        patches: what that Keras needs alone.
        live: makes of a variable of that Keras one that stays live in expressions.
    """
    kinds, constraints, names = keras.optimizers, keras.constraints, ("learning_rate", "iterations")
    optimizer = kinds.Optimizer
    return Repair(
        "optimizer_base",
        "Subclasses of Optimizer set iterations, learning_rate, weights and updates as they like, call "
        "super().__init__(**kwargs) without a name or a rate, and get only clipnorm and clipvalue from "
        "super().get_config(); optimizer.weights, get_weights and set_weights have the order of Keras 2; "
        "Keras's constraints take expressions.",
        [
            *((optimizer, name, settable(getattr(optimizer, name), name, live)) for name in names),
            (optimizer, "weights", property(functools.partial(weights_of), set_weights_list)),
            (optimizer, "get_weights", lambda self: variables.batch_get_value(self.weights)),
            (optimizer, "set_weights", setting_weights(optimizer.set_weights)),
            (optimizer, "__setattr__", setting(optimizer.__setattr__)),
            (optimizer, "get_config", Around(lambda original: described(original, None))),
            *(
                (getattr(kinds, name), "get_config", described(getattr(kinds, name).get_config, name))
                for name in SETTINGS
            ),
            *(
                (kind, "__call__", recorded(kind.__call__))
                for kind in (getattr(constraints, name) for name in ("MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"))
            ),
            *patches,
        ],
    )


def recorded(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a constraint that is recorded as a whole where it is given an expression."""

    @functools.wraps(original)
    def __call__(self: Any, w: Any) -> Any:
        if not isinstance(w, Lazy) or evaluating() or not tf.executing_eagerly():
            return original(self, w)
        return dispatch.apply(functools.partial(original, self), (w,), {})

    return __call__


def begin(self: Any, kwargs: dict[str, Any]) -> None:
    """Take from the arguments of an optimizer written for Keras 2 what its base class took.

    Raises:
        TypeError: an argument that no base class has.
    """
    vars(self)[attributes.KEPT] = {name: kwargs.get(name) for name in ("clipnorm", "clipvalue")}
    decay = kwargs.pop("decay", None)
    if kind_of(self):
        vars(self)["initial_decay"] = decay or 0.0
    elif decay is not None:
        raise K2TypeError(
            three_parts(
                f"the argument decay for Optimizer.__init__ of {type(self).__name__}",
                "clipnorm and clipvalue: Unexpected keyword argument passed to optimizer: decay.",
                "take it out of kwargs in the __init__ of the class.",
            )
        )


def begun(self: Any) -> None:
    """Leave on an optimizer written for Keras 2 what its base class had."""
    own = vars(self)
    for name in ("clipnorm", "clipvalue"):
        if own.get(name) is None:
            own.pop(name, None)
    own.update(updates=[], **{attributes.WEIGHTS: []}, built=True, _built=True)
    self.iterations = variables.variable(0, dtype="int64", name="iterations")
    if "initial_decay" in own:
        own["decay"] = variables.variable(own["initial_decay"], name="decay")


def kind_of(optimizer: Any) -> str | None:
    """Return the name of the optimizer of Keras that an optimizer is a kind of."""
    return next((kind.__name__ for kind in type(optimizer).__mro__ if kind.__name__ in SETTINGS), None)


def settable(original: Any, name: str, live: Callable[[Any], Any]) -> property:
    """Return the property ``learning_rate`` or ``iterations``, to which a variable or an expression can be given."""
    inner = "_learning_rate" if name == "learning_rate" else "_iterations"

    def get(self: Any) -> Any:
        kept = vars(self).get(attributes.ITERATIONS) if name == "iterations" else vars(self).get(inner)
        return kept if is_symbol(kept) else original.fget(self)

    def put(self: Any, value: Any) -> None:
        before = vars(self).get(inner)
        if name == "iterations":
            vars(self)[attributes.ITERATIONS] = value
        own = is_symbol(value) or is_symbol(before) or is_old(type(self))
        if own and (is_symbol(value) or is_variable(value)):
            holder = getattr(value, "holder", None)
            adopt(self, inner, value if holder is None else live(holder) if name == "learning_rate" else holder)
        elif original.fset is not None:
            original.fset(self, value)

    return property(get, put)


def adopt(optimizer: Any, inner: str, value: Any) -> None:
    """Give an optimizer another variable, or an expression, for its learning rate or its step counter."""
    rate = vars(optimizer).get(inner)
    if isinstance(rate, Decay):
        rate.rate = value
    else:
        vars(optimizer)[inner] = value  # past Keras's attribute tracking


def setting(original: Callable[..., Any]) -> Callable[..., Any]:
    """``__setattr__`` that leaves the attributes of optimizers written for Keras 2 as they are given; the settings that
    were variables become some. An epsilon of None is that of the backend, for any optimizer.
    """

    def __setattr__(self: Any, name: str, value: Any) -> None:
        if name == "epsilon" and value is None:
            value = epsilon()
        if not is_old(type(self)):
            original(self, name, value)
            return
        kind = kind_of(self)
        number = isinstance(value, (int, float, np.number)) and name in LIVE and kind != "Adadelta"
        if number and kind and name in SETTINGS[kind]:
            value = variables.variable(value, name=name)
        object.__setattr__(self, name, value)

    return __setattr__


def described(original: Callable[..., Any], kind: str | None) -> Callable[..., Any]:
    """``get_config`` that gives what that of Keras 2.3 gave for optimizers written for it."""

    @functools.wraps(original)
    def get_config(self: Any) -> dict[str, Any]:
        if not is_old(type(self)):
            return original(self)
        kept = vars(self).get(attributes.KEPT, {})
        config = {name: value for name, value in kept.items() if value is not None}
        if kind is not None:
            names = ("learning_rate", *(("decay",) if kind != "Nadam" else ()), *SETTINGS[kind])
            config.update({name: number(getattr(self, name, SETTINGS[kind].get(name))) for name in names})
        return config

    return get_config


def number(value: Any) -> Any:
    """Return the value of a setting."""
    return float(variables.get_value(value)) if is_symbol(value) or is_variable(value) else value


def weights_of(self: Any) -> list[Any]:
    """Return the state of an optimizer in the order of Keras 2: the step counter, then slot by slot for all weights."""
    kept = vars(self).get(attributes.WEIGHTS)
    if kept is not None:
        return kept
    kind = type(self).__name__
    if kind not in SLOTS or not getattr(self, "_built", getattr(self, "built", False)):
        return []
    groups = [list(getattr(self, name, ())) for name in SLOTS[kind]]
    if kind == "Adam":
        largest = list(getattr(self, "_velocity_hats", None) or ()) if self.amsgrad else []
        groups.append(largest or [variables.zeros(1) for _ in groups[0]])
    schedule = [self._u_product] if kind == "Nadam" else []
    return [self.iterations, *schedule, *(slot for group in groups for slot in group)]


def set_weights_list(self: Any, weights: list[Any]) -> None:
    vars(self)[attributes.WEIGHTS] = weights


def setting_weights(original: Callable[..., Any]) -> Callable[..., Any]:
    """``set_weights`` from lists in the order of Keras 2, or in that of a present optimizer's variables."""

    @functools.wraps(original)
    def method(self: Any, weights: Any) -> None:
        shapes = [tuple(np.shape(value)) for value in weights]
        orders = [[tuple(weight.shape) for weight in kept] for kept in (self.weights, self._variables)]
        if shapes != orders[0] and shapes == orders[1]:
            original(self, weights)
        else:
            set_weights(self, weights)

    return method


def set_weights(self: Any, weights: Sequence[Any]) -> None:
    """Set the state of an optimizer from arrays in the order of ``get_weights``; the step counter may be missing in
    those that Keras 2.2 saved.

    Raises:
        ValueError: another number of arrays, or another shape.
    """
    kept, given = self.weights, list(weights)
    if len(kept) == 1 and kind_of(self) == "SGD":
        given = given[:1]  # the moments that Keras 2 had without momentum, too
    if len(kept) == len(given) + 1:
        given = [given[0], np.array(1.0), *given[1:]] if kind_of(self) == "Nadam" else [np.array(0), *given]
    if len(kept) != len(given):
        raise K2ValueError(
            sentence_parts(
                "You are calling `set_weights()` with arrays that do not fit: Length of the specified weight list "
                f"({len(given)}) does not match the number of weights of the optimizer ({len(kept)})",
                "arrays as get_weights() gave them.",
                "train the model for a batch first, or call model._make_train_function(): before that an optimizer "
                "has no weights.",
            )
        )
    for weight, value in zip(kept, given, strict=True):
        if tuple(weight.shape) != np.shape(value):
            raise K2ValueError(
                sentence_parts(
                    f"Optimizer weight shape {tuple(weight.shape)} not compatible with provided weight shape "
                    f"{np.shape(value)}",
                    "arrays as get_weights() gave them.",
                    "compile the model as the one that they come from.",
                )
            )
    variables.batch_set_value(list(zip(kept, given, strict=True)))
