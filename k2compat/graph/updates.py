"""Updates: state changes that happen when they are run, never when they are made."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.errors import K2TypeError, K2ValueError, NoGradientError, three_parts
from k2compat.graph import context
from k2compat.graph.none_gradients import absence_note
from k2compat.graph.symbols import is_symbol, is_variable, spec_of, variable_of


class Update:
    """A change of a variable, to be run by ``K.function`` or a session.

    Attributes:
        target: the variable to change.
        value: a symbolic tensor, a variable or a number.
        how: ``assign``, ``assign_add`` or ``assign_sub``, the method of the TensorFlow variable.
        before: the symbolic tensors that it comes after, of the control dependencies it was made in.
    """

    before: tuple[Any, ...] = ()

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
        self.before = context.preceding()
        self._check()

    def _check(self) -> None:
        """Refuse at once what could not be run: nothing of a run should have happened by then."""
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
        own = [self.value] if is_symbol(self.value) and not is_variable(self.value) else []
        return [*own, *self.before]

    def new_value(self, computed: list[Any]) -> Any:
        """Return what ``run`` is given, from the values of what the update needs."""
        return computed[0] if len(computed) > len(self.before) else self.value

    def run(self, value: Any) -> tf.Tensor:
        """Change the variable.

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


class Assignment(Update):
    """What the ``assign`` of a layer's weight gives in an expression.

    Attributes:
        asked: whether anything was going to run it.
    """

    asked = True  # until it is complete

    def __init__(self, target: Any, value: Any, how: str = "assign"):
        super().__init__(target, value, how)
        self.asked = False

    @property
    def needs(self) -> list[Any]:
        self.asked = True
        return super().needs

    def run(self, value: Any) -> tf.Tensor:
        self.asked = True
        return super().run(value)

    def __del__(self) -> None:
        if not (self.asked or sys.is_finalizing()):
            message = three_parts(
                f"{self.how} of the weight {getattr(self.target, 'name', '')!r}, kept and never run",
                "K.get_session().run(...) or K.function(..., updates=[...]) of it, as in Keras 2.",
                "make it a statement of its own, or use K.set_value, to assign at once.",
            )
            warnings.warn(message, stacklevel=2)


class Waiting(Update):
    """An update that the ``call`` of a layer makes: ``add_update`` lets a step of training run it.

    Where it is used as a tensor, or something is made to depend on it, it happens at once.

    Attributes:
        result: the variable's value afterwards, once it has happened.
    """

    result: tf.Tensor | None = None

    def run(self, value: Any) -> tf.Tensor:
        """Change the variable, the first time."""
        if self.result is None:
            self.result = super().run(value)
        return self.result

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> tf.Tensor:
        """Happen, and give the variable's value."""
        result = self.run(self.value)
        return result if dtype is None else tf.cast(result, dtype)


def operator_of(name: str) -> Callable[..., Any]:
    """Return the method by which an update that is used as a tensor has an operator of tensors."""
    return lambda self, *others: getattr(self.__tf_tensor__(), name)(*others)


for _operator in tf.Tensor.OVERLOADABLE_OPERATORS - {"__eq__", "__ne__"}:
    setattr(Waiting, _operator, operator_of(_operator))


class Step(Update):
    """A change of several variables at once: a step of an optimizer of TensorFlow 1.

    Args:
        values: the symbolic tensors it is made from, such as gradients.
        perform: makes the step from their values.
    """

    how = "step"

    def __init__(self, values: Sequence[Any], perform: Callable[[list[Any]], Any]):
        self.target = None
        self.value = list(values)
        self.before = context.preceding()
        self._perform = perform

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.value)} tensors>"

    @property
    def needs(self) -> list[Any]:
        return [*self.value, *self.before]

    def new_value(self, computed: list[Any]) -> Any:
        return computed[: len(self.value)]

    def run(self, value: Any) -> tf.Tensor:
        self._perform(value)
        return tf.constant(True)


class Changed(Step):
    """A change of one variable, or of parts of it, which gives the variable's value, such as ``tf.scatter_add``.

    Args:
        target: the variable; or an update, which runs before: ``tf.scatter_update(tf.assign(v, 0), [1], [2])``.
        values: the symbolic tensors that the change is made from.
        perform: makes the change of a TensorFlow variable from their values.
    """

    def __init__(self, target: Any, values: Sequence[Any], perform: Callable[[Any, list[Any]], Any]):
        self._first = target if isinstance(target, Update) else None
        self.target = self._first.target if self._first else target
        self.value = list(values)
        self.before = context.preceding()
        self._change = perform

    @property
    def needs(self) -> list[Any]:
        return [*(self._first.needs if self._first else ()), *self.value, *self.before]

    def new_value(self, computed: list[Any]) -> Any:
        return computed[: len(computed) - len(self.before)]

    def run(self, value: Any) -> tf.Tensor:
        variable, before = variable_of(self.target), 0
        if self._first is not None:
            before = len(self._first.needs)
            self._first.run(self._first.new_value(value[:before]))
        self._change(variable, value[before:])
        return tf.convert_to_tensor(variable)


class Group(list[Any]):
    """Updates and symbolic tensors that run together."""


def as_update(thing: Any) -> Update:
    """Return an update, from one or from a pair (variable, new value).

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
