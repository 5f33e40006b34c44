"""A program's own ``tf.Variable``, in a shell that lets expressions of it stay live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.adapters.registry import adapter
from k2compat.naming import scopes
from k2compat.tensorflow_internals import TensorType

# Methods that Python looks up on the class.
DELEGATED = ("__bool__", "__complex__", "__float__", "__index__", "__int__", "__iter__", "__repr__")
# Those of the base class that belong to the shell: it is known to others as itself.
ITS_OWN = ("_variable_call", "experimental_ref", "ref")


class OwnVariable(tf.Variable, TensorType):
    """A shell around a TensorFlow variable that a graph-mode program has made.

    TensorFlow reads the value of its own variables without asking anybody, so that an expression of them cannot be
    recorded. It asks the shell, which is a ``tf.Variable`` to everybody, and has its methods from the variable inside.

    Attributes:
        variable: the TensorFlow variable inside.
    """

    # NumPy arrays on the left of an operator leave the operation to us.
    __array_priority__ = 1000

    def __init__(self, variable: Any):
        self.variable = variable
        self._holder: Any = None

    def __getattr__(self, name: str) -> Any:
        if name == "variable":  # a copy that has none yet
            raise AttributeError(name)
        return getattr(self.variable, name)

    @property
    def holder(self) -> Any:
        """What a layer has for a weight that keeps the variable as an attribute."""
        if self._holder is None:
            self._holder = adapter().weight_of(self)
        return self._holder

    @property
    def name(self) -> str:
        return str(self.variable.name)

    @property
    def op(self) -> scopes.Operation:
        return scopes.operation(lambda: self.name, scopes.caller(), "VarHandleOp")

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        return tf.convert_to_tensor(self.variable, dtype, name)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.asarray(self.variable.numpy(), dtype)

    def __eq__(self, other: Any) -> Any:
        """Compare values with numbers and arrays; with variables and tensors identity, as in TensorFlow 1."""
        if self is other or tf.is_tensor(other) or hasattr(other, "dtype") and hasattr(other, "name"):
            return self is other
        return self.variable == other

    def __ne__(self, other: Any) -> Any:
        equal = self == other
        return not equal if isinstance(equal, bool) else tf.logical_not(equal)

    def __hash__(self) -> int:
        return id(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return type(self)(self.variable.__deepcopy__(memo))

    def _should_act_as_resource_variable(self) -> None:
        """Say that it has a resource: TensorFlow looks whether there is such a method."""


def delegate(name: str) -> property:
    """Return an attribute that is that of the variable inside."""
    return property(lambda self: getattr(self.variable, name), lambda self, value: setattr(self.variable, name, value))


def delegated() -> Iterator[str]:
    """Yield the names of what the base class has of its own, which would hide the attributes of the variable inside."""
    for name in dir(tf.Variable):
        if not (name.startswith("__") or name in ITS_OWN or name in vars(OwnVariable) or hasattr(object, name)):
            yield name
    yield from DELEGATED


for _name in list(delegated()):
    setattr(OwnVariable, _name, delegate(_name))
