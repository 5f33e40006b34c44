"""A step of training made of an optimizer's own ``get_updates``, as Keras 2 made its training function."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

from k2compat.errors import K2RuntimeError, K2ValueError, sentence_parts, three_parts
from k2compat.graph.evaluation import Evaluation, Plan
from k2compat.graph.record import record
from k2compat.graph.updates import as_update
from k2compat.ops.config import floatx
from k2compat.runtime.executor import Work
from k2compat.runtime.function import updates_in


class OwnStep:
    """The updates of an optimizer for a model's weights: made once, and run in each step of training.

    The optimizer gets a symbolic loss whose value and gradients are those of the step that is being run, so that the
    forward pass is computed once, by Keras.

    Args:
        optimizer: gives the updates by ``get_updates``.
        params: the weights to train.
        reached: those of them that the loss depends on.
    """

    def __init__(self, optimizer: Any, params: Sequence[Any], reached: Sequence[Any]):
        self._now: tuple[Any, Sequence[Any]] | None = None
        self._reached = [id(param) for param in reached]
        # tf.init_scope would stop tapes, too, those that find out which gradients of gradients there are.
        with contextlib.nullcontext() if tf.executing_eagerly() else tf.init_scope():
            loss = record(self._stand_in(), tuple(reached), {})
            updates = [as_update(update) for update in updates_in(asked(optimizer.get_updates, loss, list(params)))]
            self._work = Work([], updates)
            self._plan = Plan(self._work.targets, (), 1)

    def run(self, loss: Any, pairs: Sequence[tuple[Any, Any]]) -> None:
        """Move the weights.

        Args:
            loss: its value in this step; None if it is not known.
            pairs: (gradient, weight) for each weight.

        Raises:
            ValueError: a weight has no gradient that had one when the updates were made.
        """
        given = {id(weight): gradient for gradient, weight in pairs}
        missing = [weight.name for gradient, weight in pairs if gradient is None and id(weight) in self._reached]
        if missing:
            raise K2ValueError(
                sentence_parts(
                    f"An operation has `None` for gradient: the loss does not depend on {missing[0]!r}",
                    "a loss that depends differentiably on every weight that the optimizer's updates are made for.",
                    "freeze the layer before the model is compiled, or leave it out of the model.",
                )
            )
        value = tf.constant(float("nan"), floatx()) if loss is None else loss
        self._now = value, [tf.convert_to_tensor(given[key]) for key in self._reached]
        try:
            self._work.perform(Evaluation(self._plan), {})
        finally:
            self._now = None

    def _stand_in(self) -> Callable[..., Any]:
        """Return the loss as a function of the weights, with value and gradients of the present step."""

        def training_loss(*params: Any) -> Any:
            if not params:  # no weight to train: the updates need nothing of the loss but its value
                return tf.zeros([], floatx()) if self._now is None else self._now[0]
            if self._now is None:  # shapes and dependencies are being found out
                value: Any = tf.add_n([tf.cast(tf.reduce_sum(param), floatx()) for param in params])
                gradients: Any = [tf.ones_like(param) for param in params]
            else:
                value, gradients = self._now

            @tf.custom_gradient
            def known(*values: Any) -> tuple[Any, Callable[..., Any]]:
                def backward(upstream: Any) -> list[Any]:
                    return [
                        once(gradient, values) * tf.cast(upstream, gradient.dtype)
                        for gradient, value in zip(gradients, values, strict=True)
                    ]

                return tf.identity(value), backward

            return known(*params)

        return training_loss


def once(gradient: Any, values: Sequence[Any]) -> Any:
    """Return a gradient that cannot be differentiated again: what it is made of is not known here."""

    @tf.custom_gradient
    def kept(gradient: Any, *values: Any) -> tuple[Any, Callable[..., Any]]:
        def backward(upstream: Any) -> Any:
            raise K2RuntimeError(
                three_parts(
                    "a gradient of the training loss's gradient in an optimizer's get_updates",
                    "gradients of first order where the step is one of fit or train_on_batch.",
                    "build the training function with K.function from model.total_loss and the optimizer's updates.",
                )
            )

        return tf.identity(gradient), backward

    return kept(gradient, *values)


def asked(get_updates: Callable[..., Any], loss: Any, params: list[Any]) -> Any:
    """Return the updates of a method as Keras 2 asked for them, by keywords; and as Keras 1 did, with constraints."""
    get_updates = tf.autograph.experimental.do_not_convert(get_updates)
    if "constraints" in inspect.signature(get_updates).parameters:
        return get_updates(params=params, constraints=Constraints(params), loss=loss)
    return get_updates(params=params, loss=loss)


class Constraints(Mapping[Any, Any]):
    """The constraints of weights as Keras 1 kept them, by the weight itself."""

    def __init__(self, params: Sequence[Any]):
        self._params = [param for param in params if getattr(param, "constraint", None) is not None]

    def __getitem__(self, param: Any) -> Any:
        found = next((one for one in self._params if one is param), None)
        if found is None:
            raise KeyError(getattr(param, "name", param))
        return found.constraint

    def __iter__(self) -> Iterator[Any]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)
