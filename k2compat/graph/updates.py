"""Updates: state changes that happen when they are run, never when they are made."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.errors import K2TypeError, K2ValueError, NoGradientError, three_parts
from k2compat.graph.connect import absence_note
from k2compat.graph.symbols import is_symbol, is_variable, spec_of, variable_of


class Update:
    """A change of a variable, to be run by ``K.function`` or a session.

    Attributes:
        target: the variable to change.
        value: a symbolic tensor, a variable or a number.
        how: ``assign``, ``assign_add`` or ``assign_sub``, the method of the TensorFlow variable.
    """

    def __init__(self, target: Any, value: Any, how: str = "assign"):
        if not is_variable(target):
            raise K2TypeError(
                three_parts(
                    f"an update of {target!r} of type {type(target).__name__}",
                    "a K.variable or a layer's weight; only they keep a value.",
                    "make the target with K.variable(...).",
                )
            )
        self.target = target
        self.value = value.copy() if isinstance(value, np.ndarray) else value
        self.how = how
        self._check()

    def _check(self) -> None:
        """Refuses at once what could not be run: nothing of a run should have happened by then."""
        if self.value is None:
            raise NoGradientError(
                three_parts(
                    f"an update of {self.target!r} with None" + absence_note(None),
                    "a new value.",
                    "check K.gradients(...)[i] is not None.",
                )
            )
        shape = tf.TensorShape(spec_of(self.target).shape)
        given = (
            spec_of(self.value).shape
            if is_symbol(self.value) or is_variable(self.value)
            else tf.TensorShape(np.shape(self.value))
        )
        if not shape.is_compatible_with(given):
            raise K2ValueError(
                three_parts(
                    f"an update of {self.target!r} with a value of shape {given}",
                    f"shape {shape}.",
                    "reduce or reshape the new value first.",
                )
            )

    def __repr__(self) -> str:
        return f"<Update {self.how} of {self.target!r}>"

    @property
    def needs(self) -> list[Any]:
        """What has to be computed before any update runs.

        A variable as new value is read when the update runs, so that it shows what earlier updates left in it.
        """
        return [self.value] if is_symbol(self.value) and not is_variable(self.value) else []

    def run(self, value: Any) -> tf.Tensor:
        """Changes the variable.

        Args:
            value: the computed new value (or increment).

        Returns:
            The variable's value afterwards.
        """
        variable = variable_of(self.target)
        if is_variable(value):
            value = variable_of(value)
        getattr(variable, self.how)(tf.cast(value, variable.dtype))
        return tf.convert_to_tensor(variable)


def as_update(thing: Any) -> Update:
    """An update, from one or from a pair (variable, new value).

    Raises:
        TypeError: it is neither.
    """
    if isinstance(thing, Update):
        return thing
    if isinstance(thing, (tuple, list)) and len(thing) == 2:
        return Update(*thing)
    raise K2TypeError(
        three_parts(
            f"{thing!r} of type {type(thing).__name__} among the updates",
            "what K.update, K.update_add, K.update_sub or K.moving_average_update returned, or a pair (variable, new "
            "value).",
            "wrap the change in K.update(variable, new_value).",
        )
    )
