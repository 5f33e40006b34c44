"""Repairs of what ``fit`` and ``train_on_batch`` train, and on which loss, for either Keras."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat.adapters.activity import penalties
from k2compat.adapters.compiled import added_losses
from k2compat.adapters.repair import Repair
from k2compat.errors import K2RuntimeError, three_parts

TRAINED = ("trainable_weights", "trainable_variables")


class _Local(threading.local):
    """What goes on in this thread.

    Attributes:
        trained: the model whose training step is being made, or None.
        tested: the same for a step of evaluation.
        valued: whether losses are read that an eager call of a model left.
    """

    trained: Any = None
    tested: Any = None
    valued: bool = False


_local = _Local()


def fit_repairs(
    keras: Any, training_methods: Sequence[str], adding_kinds: Sequence[Any], engine: Any, patches: Sequence[Any] = ()
) -> list[Repair]:
    """Repairs of training.

    Args:
        keras: the package of the Keras.
        training_methods: the methods of its models that ask for the trainable weights in order to train them.
        adding_kinds: its classes with an ``add_loss`` for models.
        engine: what repairs use of the engine.
        patches: what that Keras needs alone for weights to be trained as at compile.
    """
    model = keras.Model
    return [
        Repair(
            "compile_state",
            "A model trains the weights that were trainable when it was compiled: a discriminator is compiled, then "
            "frozen for the model around it, and goes on to learn when it is trained itself. And several models may be "
            "compiled with one optimizer; each has moments of its own, learning rate and step counter are common.",
            [
                (model, "compile", compiling(model.compile, keras.optimizers.Optimizer)),
                *((model, name, stepping(getattr(model, name), "trained")) for name in training_methods),
                *((model, name, remembered(getattr(model, name), name)) for name in TRAINED),
                (model, "_warn_if_trainable_state_changed", lambda self: None),
                *patches,
            ],
        ),
        Repair(
            "model_add_loss",
            "model.add_loss(symbolic tensor) is how variational autoencoders are written; Keras 3 does not implement "
            "it, and that of Keras 2 in TensorFlow 2 fails where a number stands on the left of an operator. "
            "model.losses has these, and the penalties of activity_regularizer=, as symbolic tensors.",
            [
                *((kind, "add_loss", adding(kind.add_loss, engine)) for kind in adding_kinds),
                (model, "test_step", stepping(model.test_step, "tested")),
                (
                    model,
                    "losses",
                    property(functools.partial(losses_of, original=model.losses, keras=keras, engine=engine)),
                ),
            ],
        ),
    ]


def compiling(original: Callable[..., Any], kind: Any) -> Callable[..., Any]:
    """``compile`` that keeps which weights are trainable now, and shares an optimizer of a kind with other models."""

    @functools.wraps(original)
    def compile(self: Any, optimizer: Any = "rmsprop", *args: Any, **kwargs: Any) -> Any:
        names = TRAINED if self.built else ()  # a model without weights yet trains what it will have
        vars(self)["_k2compat_trained"] = {name: getattr(self, name) for name in names}  # past Keras's tracking
        return original(self, own_optimizer(optimizer, kind), *args, **kwargs)

    return compile


def own_optimizer(optimizer: Any, kind: Any) -> Any:
    """The optimizer itself for the first model that is compiled with it; for others one of its kind, with the same
    learning rate and step counter.
    """
    if not isinstance(optimizer, kind):
        return optimizer
    if not vars(optimizer).get("_k2compat_used"):
        vars(optimizer)["_k2compat_used"] = True
        return optimizer
    twin = type(optimizer).from_config(optimizer.get_config())
    shared = {id(getattr(twin, name)): getattr(optimizer, name) for name in ("_iterations", "_learning_rate")}
    twin._variables[:] = [shared.get(id(variable), variable) for variable in twin._variables]
    vars(twin).update(_iterations=optimizer._iterations, _learning_rate=optimizer._learning_rate, _k2compat_used=True)
    return twin


def stepping(original: Callable[..., Any], what: str) -> Callable[..., Any]:
    """A method during which the model is ``trained``, with the weights it was compiled with, or ``tested``."""

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = getattr(_local, what)
        setattr(_local, what, self)
        try:
            return original(self, *args, **kwargs)
        finally:
            setattr(_local, what, before)

    return method


def remembered(original: Any, name: str) -> property:
    """A list of weights that, while the model is being trained, is the one it was compiled with."""

    def weights(self: Any) -> list[Any]:
        kept = vars(self).get("_k2compat_trained") if _local.trained is self else None
        return list(kept[name]) if kept else original.fget(self)

    return property(weights)


def adding(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``add_loss`` that takes symbolic tensors."""

    @functools.wraps(original)
    def add_loss(self: Any, losses: Any, inputs: Any = None, **kwargs: Any) -> None:
        given = losses if isinstance(losses, (list, tuple)) else [losses]
        if all(engine.is_symbol(loss) for loss in given):
            vars(self).setdefault("_k2compat_losses", []).extend(given)
        else:
            original(self, losses, **kwargs)

    return add_loss


def weight_losses(original: Callable[..., list[Any]], engine: Any) -> Callable[..., list[Any]]:
    """A layer's regularisation of its weights: symbolic where no step, function or tape computes it."""

    @functools.wraps(original)
    def losses(self: Any) -> list[Any]:
        has_value = not tf.executing_eagerly() or engine.evaluating() or engine.taped()
        if has_value or _local.valued or _local.trained is not None:
            return original(self)
        return [
            engine.apply(weight.regularizer, (weight,), {}) for weight in self.trainable_weights if weight.regularizer
        ]

    return losses


def losses_of(self: Any, original: Any, keras: Any, engine: Any) -> list[Any]:
    """``model.losses`` with those added as symbolic tensors: their means, in a step of training their values; and with
    the penalties of weights and of what layers give as symbolic tensors, unless there are values of an eager call.
    """
    added = [engine.apply(tf.reduce_mean, (loss,), {}) for loss in added_losses(self)]
    _local.valued = has_values(self)
    try:
        found = original.fget(self)
    finally:
        _local.valued = False
    if not tf.executing_eagerly() or engine.evaluating():
        return [*found, *added]
    if added and self in (_local.trained, _local.tested):
        raise K2RuntimeError(
            three_parts(
                f"a loss that was added to the model {self.name!r} as a symbolic tensor, in an eager step",
                "a step that is traced, in which the tensors of the model have values.",
                "compile the model without run_eagerly=True, or compute the loss in a layer, with self.add_loss.",
            )
        )
    found = [loss for loss in found if hasattr(loss, "numpy")]  # others are left from a traced step
    regularized = [] if has_values(self) else list(penalties(self, keras))
    return [*(engine.apply(function, (tensor,), {}) for function, tensor in regularized), *found, *added]


def has_values(model: Any) -> bool:
    """Whether an eager call of a model left the penalties of its layers."""
    lists = (getattr(layer, name, ()) for layer in model._flatten_layers() for name in ("_losses", "_eager_losses"))
    return any(hasattr(loss, "numpy") for losses in lists for loss in losses)
