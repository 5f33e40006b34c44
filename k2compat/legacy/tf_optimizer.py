"""``keras.optimizers.TFOptimizer``: an optimizer of ``tf.train`` that trains a model of Keras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from k2compat.errors import NotOverriddenError, three_parts
from k2compat.graph.symbols import variable_of
from k2compat.ops.variables import update_add

OLD = tf.compat.v1.train.Optimizer


class TFOptimizer:
    """An optimizer of Keras whose steps are those of an optimizer of TensorFlow 1.

    Attributes:
        optimizer: that of ``tf.train``.
        iterations: the step counter, which goes up by two in each step, as in Keras 2.
        updates: what a step of training runs.
    """

    iterations: Any

    def __init__(self, optimizer: Any):
        super().__init__()
        self.optimizer = optimizer

    def get_updates(self, loss: Any, params: Any) -> list[Any]:
        """Return the updates of a step of training."""
        pairs = self.optimizer.compute_gradients(loss, var_list=params)
        counted = update_add(self.iterations, 1)
        self.updates = [counted, self.optimizer.apply_gradients(pairs, global_step=self.iterations)]
        return self.updates

    def takes_gradients(self) -> bool:
        """Return whether a step needs the gradients alone, and not the loss as an expression."""
        return type(self.optimizer).compute_gradients is OLD.compute_gradients

    def move(self, pairs: Sequence[tuple[Any, Any]]) -> None:
        """Make a step with gradients that are known; those of an embedding may be of the rows that were used.

        Args:
            pairs: (gradient or None, weight).
        """
        counter = variable_of(self.iterations)
        counter.assign_add(1)
        self.optimizer.apply_gradients(pairs, counter)

    @property
    def learning_rate(self) -> Any:
        """The learning rate, which Keras does not know.

        Raises:
            AttributeError: at each access, so that callbacks that set the rate say that they cannot.
        """
        raise AttributeError(f"{type(self).__name__!r} object has no attribute 'learning_rate'")

    lr = learning_rate

    @property
    def weights(self) -> list[Any]:
        """The state of the optimizer, which Keras does not know.

        Raises:
            NotImplementedError: at each access, as in Keras 2.
        """
        raise self._unknown("weights")

    def get_config(self) -> dict[str, Any]:
        """Raise an error: the settings of the optimizer are not known.

        Raises:
            NotImplementedError: as in Keras 2.
        """
        raise self._unknown("settings")

    def _unknown(self, what: str) -> NotOverriddenError:
        """Return the error of what an optimizer of TensorFlow 1 keeps to itself."""
        kind = type(self.optimizer).__name__
        return NotOverriddenError(
            three_parts(
                f"a request for the {what} of {kind}, an optimizer of TensorFlow 1",
                "an optimizer of Keras, which tells them.",
                f"compile the model with an optimizer of keras.optimizers; optimizer.optimizer is the {kind} itself.",
            )
        )
