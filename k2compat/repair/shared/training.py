"""Repairs of what ``fit`` and ``train_on_batch`` train, and on which loss, for either Keras."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.gradient_maps import note_losses
from k2compat.errors import K2RuntimeError, three_parts
from k2compat.graph.context import evaluating, taped
from k2compat.graph.dispatch import apply
from k2compat.graph.evaluation import evaluate
from k2compat.graph.symbols import is_symbol
from k2compat.repair.shared.activity_regularizer import penalties, regularizer_of
from k2compat.repair.shared.compiled_model import added_losses, given_targets
from k2compat.repair.shared.kept_updates import run_kept
from k2compat.repair.shared.optimizers import steps_by_updates
from k2compat.repair.table import Around, Repair, definer

TRAINED = ("trainable_weights", "trainable_variables")


class _Local(threading.local):
    """What goes on in this thread.

    Attributes:
        trained: the model whose training step is being made, or None.
        tested, predicted: the same for a step of evaluation, and of prediction.
        valued: whether losses are read that an eager call of a model left.
        after: what is called at the end of the step.
    """

    trained: Any = None
    tested: Any = None
    predicted: Any = None
    valued: bool = False
    after: list[Callable[[], Any]] | None = None


_local = _Local()


def fit_repairs(
    keras: Any,
    training_methods: Sequence[str],
    adding_kinds: Sequence[Any],
    patches: Sequence[Any] = (),
    of_weights: Callable[[Any], list[Any]] | None = None,
) -> list[Repair]:
    """Repairs of training.

    Args:
        keras: the package of the Keras.
        training_methods: the methods of its models that ask for the trainable weights in order to train them.
        adding_kinds: its classes with an ``add_loss`` for models.
        patches: what that Keras needs alone for weights to be trained as at compile.
        of_weights: gives pairs of a regularizer and a weight of a model, where Keras computes these penalties.
    """
    model = keras.Model

    def is_shared(optimizer: Any) -> bool:
        return steps_by_updates(optimizer)

    return [
        Repair(
            "compile_state",
            "A model trains the weights that were trainable when it was compiled: a discriminator is compiled, then "
            "frozen for the model around it, and goes on to learn when it is trained itself. And several models may be "
            "compiled with one optimizer; each has moments of its own, learning rate and step counter are common.",
            [
                (definer(model, "compile"), "compile", compiling(model.compile, keras.optimizers.Optimizer, is_shared)),
                *((model, name, stepping(getattr(model, name), "trained")) for name in training_methods),
                *((model, name, remembered(getattr(model, name), name)) for name in TRAINED),
                (model, "_warn_if_trainable_state_changed", lambda self: None),
                *patches,
            ],
        ),
        add_loss_repair(keras, adding_kinds, of_weights),
        Repair(
            "stateful_updates",
            "What a layer with stateful = True gives to add_update moves in predict, too, as the memory of a "
            "Transformer-XL does.",
            [(model, "predict_step", stepping(model.predict_step, "predicted"))],
        ),
    ]


def add_loss_repair(keras: Any, adding_kinds: Sequence[Any], of_weights: Any) -> Repair:
    """Return the repair of ``model.add_loss`` and ``model.losses``; the arguments are those of ``fit_repairs``."""
    model = keras.Model
    losses = functools.partial(losses_of, original=model.losses, keras=keras, of_weights=of_weights)
    return Repair(
        "model_add_loss",
        "model.add_loss(symbolic tensor) is how variational autoencoders are written; Keras 3 does not implement "
        "it, and that of Keras 2 in TensorFlow 2 fails where a number stands on the left of an operator. "
        "model.losses has these, and the penalties of weights and of activity_regularizer=, as symbolic tensors.",
        [
            *((kind, "add_loss", adding(kind.add_loss)) for kind in adding_kinds),
            (model, "test_step", stepping(model.test_step, "tested")),
            (model, "losses", property(losses)),
            (model, "__setattr__", Around(replacing_losses)),
        ],
    )


def model_in_training() -> Any:
    """Return the model whose training step is being made in this thread, or None."""
    return _local.trained


def after_step(call: Callable[[], Any]) -> None:
    """Call a function at the end of the step that is being made in this thread, behind the move of the weights."""
    if _local.after is not None:
        _local.after.append(call)


def compiling(original: Callable[..., Any], kind: Any, is_shared: Callable[[Any], bool]) -> Callable[..., Any]:
    """``compile`` that keeps which weights are trainable now, and shares an optimizer of a kind with other models."""

    @functools.wraps(original)
    def compile(self: Any, optimizer: Any = "rmsprop", *args: Any, **kwargs: Any) -> None:
        names = TRAINED if self.built else ()  # a model without weights yet trains what it will have
        vars(self).pop(attributes.STEPS, None)
        vars(self).pop(attributes.ONCE, None)
        forget_compiled(vars(self))
        targets = vars(self)[attributes.TARGETS] = kwargs.pop("target_tensors", None)
        if targets is not None and getattr(self, "output_names", None):
            given_targets(targets, list(self.output_names))
        vars(self)[attributes.TRAINED] = {name: getattr(self, name) for name in names}  # past Keras's tracking
        vars(self)[attributes.WEIGHT_MODE] = kwargs.pop("sample_weight_mode", None)
        loss, *others = args or (kwargs.pop("loss", None),)
        given = list(loss.values()) if isinstance(loss, dict) else loss
        if isinstance(given, (list, tuple)) and all(one is None for one in given):
            loss = None  # what is trained on was added with add_loss
        original(self, own_optimizer(optimizer, kind, is_shared), loss, *others, **kwargs)
        note_losses(self)

    return compile


def forget_compiled(own: dict[str, Any]) -> None:
    """Take from a model's attributes what was computed from an earlier ``compile``, or set in its place."""
    for name in [name for name in own if name.startswith(attributes.OWN)]:
        del own[name]
    for name in (attributes.COMPILED, attributes.FUNCTIONS):
        own.pop(name, None)
    if own.get(attributes.TENSORS) is not None:
        own[attributes.TENSORS].tensors, own[attributes.TENSORS].names = [], []


def own_optimizer(optimizer: Any, kind: Any, is_shared: Callable[[Any], bool]) -> Any:
    """Return the optimizer itself for the first model that is compiled with it, and where it has slots for each model
    anyway; for others one of its kind, with the same learning rate and step counter.
    """
    if not isinstance(optimizer, kind) or is_shared(optimizer):
        return optimizer
    if not vars(optimizer).get(attributes.USED):
        vars(optimizer)[attributes.USED] = True
        return optimizer
    twin = type(optimizer).from_config(optimizer.get_config())
    shared = {id(getattr(twin, name)): getattr(optimizer, name) for name in ("_iterations", "_learning_rate")}
    twin._variables[:] = [shared.get(id(variable), variable) for variable in twin._variables]
    vars(twin).update(
        _iterations=optimizer._iterations, _learning_rate=optimizer._learning_rate, **{attributes.USED: True}
    )
    return twin


def stepping(original: Callable[..., Any], what: str) -> Callable[..., Any]:
    """Return a method during which the model is ``trained``, with the weights it was compiled with, or ``tested`` or
    ``predicted``.
    """

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = getattr(_local, what), _local.after
        calls: list[Callable[[], Any]] = []
        setattr(_local, what, self)
        _local.after = calls
        try:
            result = original(self, *args, **kwargs)
            for call in calls:
                call()
            run_kept(self, what == "trained")
            return result
        finally:
            setattr(_local, what, before[0])
            _local.after = before[1]

    return method


def remembered(original: Any, name: str) -> property:
    """Return a list of weights that, while the model is being trained, is the one it was compiled with."""

    def weights(self: Any) -> list[Any]:
        kept = vars(self).get(attributes.TRAINED) if _local.trained is self else None
        return list(kept[name]) if kept else original.fget(self)

    return property(weights)


def adding(original: Callable[..., Any]) -> Callable[..., Any]:
    """``add_loss`` that takes symbolic tensors."""

    @functools.wraps(original)
    def add_loss(self: Any, losses: Any, inputs: Any = None, **kwargs: Any) -> None:
        given = losses if isinstance(losses, (list, tuple)) else [losses]
        if all(is_symbol(loss) for loss in given):
            vars(self).setdefault(attributes.LOSSES, []).extend(given)
        else:
            original(self, losses, **kwargs)

    return add_loss


def replacing_losses(original: Callable[..., None]) -> Callable[..., None]:
    """``Model.__setattr__`` by which ``model._losses = []``, before losses are added again, takes away those added so
    far.
    """

    @functools.wraps(original)
    def __setattr__(self: Any, name: str, value: Any) -> None:
        original(self, name, value)
        if name == "_losses":
            vars(self).pop(attributes.LOSSES, None)

    return __setattr__


def weight_losses(original: Callable[..., list[Any]], stateless: Callable[[], bool]) -> Callable[..., list[Any]]:
    """Return a layer's regularisation of its weights: symbolic where no step, function, tape or eager call computes it.

    That of frozen weights counts, too.

    Args:
        original: the method.
        stateless: whether a layer runs with values of its weights that were given to it.
    """

    @functools.wraps(original)
    def losses(self: Any) -> list[Any]:
        has_value = not tf.executing_eagerly() or evaluating() or taped() or stateless()
        added = [loss for layer in self._flatten_layers() for loss in vars(layer).get(attributes.WEIGHT_LOSSES, ())]
        if has_value or _local.valued or _local.trained is not None or has_values(self):
            trained = {id(weight) for weight in self.trainable_weights}
            frozen = [weight for weight in regularized(self) if id(weight) not in trained]
            values = [*original(self), *(weight.regularizer(weight) for weight in frozen)]
            return [*values, *(evaluate(added, {}, 0, nested=evaluating()) if added else ())]
        return [*(apply(weight.regularizer, (weight,), {}) for weight in regularized(self)), *added]

    return losses


def regularized(layer: Any) -> list[Any]:
    """Return the weights of a layer of Keras 3 with a regularizer, frozen or not."""
    return [weight for weight in layer.weights if getattr(weight, "regularizer", None) is not None]


def losses_of(self: Any, original: Any, keras: Any, of_weights: Callable[[Any], list[Any]] | None) -> list[Any]:
    """``model.losses`` with those added as symbolic tensors: their means, in a step of training their values; and with
    the penalties of weights and of what layers give as symbolic tensors, unless there are values of an eager call.

    Args:
        self: the model.
        original: the property of Keras.
        keras: its package.
        of_weights: gives pairs of a regularizer and a weight, where Keras computes these penalties.
    """
    added = [apply(tf.reduce_mean, (loss,), {}) for loss in added_losses(self)]
    _local.valued = has_values(self)
    try:
        found = original.fget(self)
    finally:
        _local.valued = False
    if not tf.executing_eagerly() or evaluating():
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
    regularized = [] if has_values(self) else [*penalties(self, keras), *losses_of_calls(self)]
    pairs = of_weights(self) if of_weights is not None and not taped() and not has_values(self) else []
    if len(pairs) == len(found):
        found = [apply(function, (weight,), {}) for function, weight in pairs]
    return [*(apply(function, (tensor,), {}) for function, tensor in regularized), *found, *added]


def losses_of_calls(model: Any) -> Iterator[tuple[Callable[..., Any], Any]]:
    """What the layers of a functional model add as losses when they are called.

    Yields:
        A function that gives the loss once the layer has been called, and the symbolic tensor it is called with.
    """
    functional = getattr(model, "_functional", None) or model
    for layer in functional.layers if hasattr(functional, "_nodes_by_depth") else ():
        number = len(vars(layer).get(attributes.CALL_LOSSES, ()))
        outputs = tf.nest.flatten(layer._inbound_nodes[-1].output_tensors) if number else []
        number -= len(outputs) if regularizer_of(layer) is not None else 0  # those of activity_regularizer= come last
        yield from ((functools.partial(loss_of_call, layer, index), outputs[0]) for index in range(number) if outputs)


def loss_of_call(layer: Any, index: int, output: Any) -> Any:
    """A loss that a layer's last call has added; of a call that gives a shape alone, a zero."""
    found = vars(layer).get(attributes.CALL_LOSSES, ())
    return tf.cast(found[index], tf.float32) if evaluating() and index < len(found) else tf.zeros(())


def has_values(model: Any) -> bool:
    """Return whether an eager call of a model left the penalties of its layers."""
    lists = (getattr(layer, name, ()) for layer in model._flatten_layers() for name in ("_losses", "_eager_losses"))
    return any(hasattr(loss, "numpy") for losses in lists for loss in losses)
