"""What a layer of a script's own may do in ``build`` and ``call`` as in Keras 2, for the layers of either Keras."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.added_updates import catching
from k2compat.adapters.registry import adapter
from k2compat.adapters.tensor_names import is_of_keras
from k2compat.graph.context import evaluating
from k2compat.graph.evaluation import evaluate
from k2compat.graph.symbols import Lazy, is_symbol, is_variable
from k2compat.graph.updates import Update, as_update
from k2compat.ops import once
from k2compat.repair.shared.training import after_step, model_in_training
from k2compat.repair.table import Around, Repair
from k2compat.tensorflow_internals import in_function

# The arguments of ``Layer.add_weight`` of Keras 2 after the name.
WEIGHT = ("shape", "dtype", "initializer", "regularizer", "trainable", "constraint")

# The ``call`` of a layer, and what AutoGraph makes of it.
CALLS = ("call", "tf__call")
BUILDS = ("build", "tf__build")


def weight_repair(layer: Any) -> Repair:
    """The repair of ``add_weight`` by position."""
    return Repair(
        "add_weight_positions",
        'add_weight("kernel", (3, 4)) gave the name first and the shape second; Keras 3 takes the shape first, and its '
        "initializer second, tf.keras of TensorFlow 2 the name. Either order is understood, whichever Keras it is. "
        "What call adds is made once.",
        [(layer, "add_weight", Around(by_position))],
    )


def by_position(original: Callable[..., Any]) -> Callable[..., Any]:
    """``add_weight`` that takes its first arguments in the order of Keras 2 or with the shape first."""

    @functools.wraps(original)
    def add_weight(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args:
            named = isinstance(args[0], str) or (args[0] is None and len(args) > 1)
            order = ("name", *WEIGHT) if named else ("shape", "initializer", "dtype")
            taken = dict(zip(order, args, strict=False))
            if len(args) > len(order) or taken.keys() & kwargs.keys():
                return original(self, *args, **kwargs)  # which says what is wrong
            kwargs = {**taken, **kwargs}
        if not isinstance(kwargs.get("shape", ()), (tuple, list, tf.TensorShape)) and kwargs["shape"] is not None:
            kwargs["shape"] = (kwargs["shape"],)
        frame = once.asking(sys._getframe(1))
        if frame is not None and frame.f_code.co_name in CALLS and frame.f_locals.get("self") is self:
            return made_in_call(self, frame, functools.partial(original, self, **kwargs), kwargs.get("name"))
        return original(self, **kwargs)

    return add_weight


def made_in_call(layer: Any, frame: Any, make: Callable[[], Any], name: Any) -> Any:
    """Return the weight that a line of ``call`` makes: the same one each time it is traced."""
    kept, line = once.place(frame, tf.compat.v1.get_default_graph() if in_function() else once.Pass())
    key = (*line, name)
    if key not in kept:
        kept[key] = make()
    return kept[key]


class LayerUpdates:
    """Whether ``add_update`` takes pairs, for a Keras that has the method and another repair of it.

    Attributes:
        are_taken: whether it does.
    """

    are_taken = False


layer_updates = LayerUpdates()


def update_repair(layer: Any) -> Repair:
    """The repair of ``add_update``."""
    has_own = hasattr(layer, "add_update")
    return Repair(
        "layer_add_update",
        "A layer that calls self.add_update((variable, value), inputs) moves the variable at each step of training, "
        "one with stateful = True in evaluate and predict, too; Keras 3 has no add_update, and that of Keras 2 in "
        "TensorFlow 2 takes no pairs and no inputs.",
        [(layer_updates, "are_taken", True) if has_own else (layer, "add_update", adding_updates())],
    )


def adding_updates(run_call: Callable[..., Any] | None = None) -> Callable[..., None]:
    """``add_update`` that runs updates after the step of training that is being made; of a stateful layer after any.

    All of a step read the values from before it, as in a session; a layer that is frozen updates nothing, unless it is
    stateful.

    Args:
        run_call: takes the layer and a function that is an update itself; by default that is called.
    """

    def add_update(self: Any, updates: Any, inputs: Any = None) -> None:
        conditional = tf.nest.flatten(inputs) or None if inputs is not None else None
        plain = is_of_keras(self, adapter())
        for update in each_update(updates, plain):
            is_update = isinstance(update, (tuple, list, Update))
            if is_update and not evaluating() and is_kept(self, update, sys._getframe(1)):
                vars(self).setdefault(attributes.KEPT_UPDATES, []).append((update, conditional))
                continue
            if not plain:
                vars(self)[attributes.UPDATES] = True
            if is_update and evaluating():
                catching.add(self, update, conditional)
            elif is_update and (is_stateful(self) or (model_in_training() is not None and self.trainable)):
                after_step(functools.partial(run, as_update(update)))
            elif callable(update):
                run_call(self, update) if run_call is not None else update()

    return add_update


def is_kept(layer: Any, update: Any, frame: Any) -> bool:
    """Return whether an update is given to a layer outside of calls, by ``build`` or by the program, with a new value
    that can be computed later.

    Args:
        layer: the layer.
        update: an update or a pair (variable, value).
        frame: of who gives it.
    """
    value = update.value if isinstance(update, Update) else update[1]
    if tf.is_tensor(value) and not (is_symbol(value) or is_variable(value) or hasattr(value, "numpy")):
        return False  # a value in a trace for shapes
    while frame is not None:
        owner, name = frame.f_locals.get("self"), frame.f_code.co_name
        if owner is layer and name in BUILDS:
            return True
        if name in CALLS and hasattr(owner, "_flatten_layers"):
            return False
        frame = frame.f_back
    return not adapter().computing()


def is_stateful(layer: Any) -> bool:
    """Return whether what a layer updates is its state."""
    return bool(getattr(layer, "stateful", False))


def each_update(updates: Any, plain: bool) -> Iterator[Any]:
    """The updates in what ``add_update`` is given.

    A tuple is one pair of variable and value, as in Keras 2: the two assignments of an LSTM's states are a list.

    Args:
        updates: what it is given.
        plain: whether the layer is Keras's own.

    Yields:
        Updates, pairs and functions; and tensors of assignments, which TensorFlow 2 runs itself, where they are not
        caught.
    """
    pair = isinstance(updates, tuple) and len(updates) == 2 and is_variable(updates[0])
    for update in [updates] if pair or not isinstance(updates, (tuple, list)) else updates:
        if update is not None:
            yield update if plain else catching.assignment(update)


def run(update: Update) -> None:
    """Run an update with the value that was computed for it."""
    update.run(update.value)


def loss_repair(layer: Any, takes_functions: bool) -> Repair:
    """The repair of ``add_loss``, of a Keras that may take functions as losses."""
    return Repair(
        "layer_add_loss",
        "A layer calls self.add_loss(loss, inputs=x) in call; Keras 3 does not take the inputs. And it adds an "
        "expression of weights in build, which counts in every step.",
        [(layer, "add_loss", adding_losses(layer.add_loss, takes_functions))],
    )


def adding_losses(original: Callable[..., Any], takes_functions: bool) -> Callable[..., None]:
    """``add_loss`` that takes the inputs a loss depends on, and expressions of weights, and leaves out None."""

    @functools.wraps(original)
    def add_loss(self: Any, losses: Any, inputs: Any = None, **kwargs: Any) -> None:
        for loss in losses if isinstance(losses, (tuple, list)) else [losses]:
            if isinstance(loss, Lazy):  # of weights alone, as build can add it
                if takes_functions:
                    original(self, functools.partial(value_of, loss), **kwargs)
                else:
                    vars(self).setdefault(attributes.WEIGHT_LOSSES, []).append(loss)
                continue
            if loss is not None and not callable(loss):
                vars(self).setdefault(attributes.CALL_LOSSES, []).append(loss)  # past Keras's own attribute tracking
            if loss is not None:
                original(self, loss, **kwargs)

    return add_loss


def value_of(loss: Any) -> Any:
    """Return what an expression of weights is now."""
    return evaluate([loss], {}, 0, nested=evaluating())[0]


def unlocked(original: Callable[..., Any], is_own: Callable[[Any], bool]) -> Callable[..., Any]:
    """``Layer._build_at_init`` of Keras 3's own layers alone: a script's layer above one gets its weights later."""

    @functools.wraps(original)
    def build_at_init(self: Any) -> None:
        if is_own(self):
            original(self)

    return build_at_init


def static(tensor: Any) -> tuple[int | None, ...]:
    """The static shape of a tensor, a tuple with None for what is not known."""
    return tuple(tensor.shape.as_list())


def noted(name: str, found: Callable[[Any], Any]) -> property:
    """A property that gives what was set under its name, or else what is found."""
    return property(
        lambda self: vars(self)[name] if name in vars(self) else found(self),
        lambda self, value: vars(self).__setitem__(name, value),
    )


def shape_repair() -> Repair:
    """The repair of what layers read off the tensors they are called on."""
    return Repair(
        "tensors_in_call",
        "Layers read x._keras_shape of what they are called on, and set tensor._uses_learning_phase; TensorFlow's own "
        "tensors have neither.",
        [
            (tf.Tensor, "_keras_shape", noted("_keras_shape", static)),
            (tf.Tensor, "_uses_learning_phase", noted("_uses_learning_phase", lambda self: False)),
        ],
    )


def protocol_repairs(layer: Any, takes_functions: bool = False) -> list[Repair]:
    """The repairs that both Keras versions have in common."""
    return [weight_repair(layer), update_repair(layer), loss_repair(layer, takes_functions)]
