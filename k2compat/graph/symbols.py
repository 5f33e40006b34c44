"""Symbolic tensors, in the place of values that are computed later.

A Keras symbolic tensor is used wherever a placeholder or a model input is below; ``Lazy`` is for the rest: expressions
of variables and constants, which Keras would take for inputs, and tensors of unknown rank, which Keras cannot hold.
"""

from __future__ import annotations

import itertools
from typing import Any, NoReturn

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.protocol import OwnSymbol
from k2compat.adapters.registry import adapter
from k2compat.adapters.tensor_names import operation_name
from k2compat.errors import NoLengthError, SymbolicUseError, three_parts
from k2compat.graph.own_variable import OwnVariable
from k2compat.naming import scopes

_numbers = itertools.count(1)


class Valueless:
    """What a symbolic tensor answers to being used as if it had a value."""

    def __bool__(self) -> NoReturn:  # noqa: PLE0304
        refuse("bool()", self, "use K.switch for a condition, or K.eval(x) for its value.")

    @property
    def __len__(self) -> NoReturn:  # noqa: PLE0303
        # Until TensorFlow 1.13 tensors had none; programs tell one output from several by it.
        refuse("len()", self, "use K.int_shape(x)[0], or K.shape(x)[0].", NoLengthError)

    def __iter__(self) -> Any:
        refuse("iteration", self, "use tf.unstack(x), or fetch its value with K.function or K.eval first.")

    def __array__(self, *_: Any, **__: Any) -> Any:
        refuse(
            "a NumPy array",
            self,
            "fetch it with K.function or K.eval(x); in an expression use K functions instead of NumPy's.",
        )

    def __float__(self) -> float:
        refuse("float()", self, "fetch it with K.function or K.eval(x); K.cast(x, 'float32') changes the dtype.")

    def __int__(self) -> int:
        refuse("int()", self, "fetch it with K.function or K.eval(x); K.cast(x, 'int32') changes the dtype.")


class Lazy(Valueless, OwnSymbol):
    """A symbolic tensor of our own.

    Attributes:
        call: the recorded call that makes it, None for a leaf.
        index: which result of that call it is.
        spec: its shape and dtype.
        feedable: whether a placeholder is below it.
        label: its name in messages.
    """

    # NumPy arrays on the left of an operator leave the operation to us.
    __array_priority__ = 1000

    def __init__(
        self, spec: tf.TypeSpec, call: Any = None, index: int = 0, feedable: bool = False, name: str | None = None
    ):
        self.spec = spec
        self.call = call
        self.index = index
        self.feedable = feedable
        self.label = name or f"{getattr(call, 'name', 'tensor')}_{next(_numbers)}"
        self._named: str | None = None

    @property
    def name(self) -> str:
        """The name TensorFlow 1 would have given; inside the package the label."""
        return self.label if scopes.asked_by_library(scopes.caller()) else self.old_name

    @property
    def op(self) -> scopes.Operation:
        """The name and type of the operation that makes it."""
        return scopes.operation(lambda: self.old_name, scopes.caller())

    @property
    def old_name(self) -> str:
        """The name TensorFlow 1 would have given: ``Mean:0`` of a ``K.mean``."""
        if self._named is None:
            self._named = f"{operation_name(self.call) if self.call else scopes.unique(self.label)}:{self.index}"
        return self._named

    @property
    def shape(self) -> tf.TensorShape:
        return self.spec.shape

    @property
    def dtype(self) -> tf.DType:
        return self.spec.dtype

    @property
    def ndim(self) -> int | None:
        return self.shape.rank

    @property
    def _keras_shape(self) -> tuple[int | None, ...]:
        return tuple(self.shape.as_list())

    def get_shape(self) -> tf.TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Narrow the static shape, as ``tf.Tensor.set_shape`` did."""
        self.spec = tf.TensorSpec(self.shape.merge_with(shape), self.dtype)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} shape={self.shape} dtype={self.dtype.name}>"


class Variable(Lazy):
    """What ``K.variable`` returns: live, so an expression of it follows later changes of its value.

    Attributes:
        holder: the variable of the running Keras that keeps the value.
        variable: the TensorFlow variable inside it.
        slot_of: the weight that an optimizer keeps it for, None for any other.
    """

    slot_of: Any = None

    def __init__(self, holder: Any, name: str | None = None, constraint: Any = None):
        self.holder = holder
        self.variable = adapter().variable(holder)
        self.constraint = constraint
        super().__init__(tf.TensorSpec(self.variable.shape, self.variable.dtype), name=name or self.variable.name)
        self._named = getattr(holder, attributes.NAME, None) or self.variable.name

    @property
    def op(self) -> scopes.Operation:
        return scopes.operation(lambda: self.old_name, scopes.caller(), "VarHandleOp")

    def numpy(self) -> Any:
        """Return the current value."""
        return self.variable.numpy()

    def value(self) -> Variable:
        """Itself: the variable is read wherever it is used."""
        return self

    read_value = initialized_value = value


class Phase(Lazy):
    """The learning phase: 0 for test, 1 for training; fed as a value, or 0."""

    def __init__(self) -> None:
        super().__init__(tf.TensorSpec((), tf.bool), name="keras_learning_phase")


# Our own classes of what has a value only when an expression is run.
LIVE = (Lazy, OwnVariable)


def refuse(what: str, tensor: Any, advice: str, kind: type[SymbolicUseError] = SymbolicUseError) -> NoReturn:
    """Raise the error for using a symbolic tensor as if it had a value."""
    raise kind(
        three_parts(
            f"{what} of the symbolic tensor {tensor!r}", "a tensor with a value; a symbolic one has none yet.", advice
        )
    )


def is_symbol(thing: Any) -> bool:
    """Return whether a thing is a symbolic tensor, a ``K.variable`` or a program's own live variable."""
    return isinstance(thing, (*LIVE, adapter().symbolic_type))


def is_variable(x: Any) -> bool:
    """Return whether a thing is a variable: ours, a Keras weight or a TensorFlow variable."""
    return isinstance(x, (Variable, adapter().variable_type, tf.Variable))


def is_feedable(thing: Any) -> bool:
    """Return whether a symbolic tensor depends on something that has to be fed."""
    return thing.feedable if isinstance(thing, Lazy) else isinstance(thing, adapter().symbolic_type)


def variable_of(thing: Any) -> tf.Variable:
    """Return the TensorFlow variable in any kind of variable."""
    if isinstance(thing, (Variable, OwnVariable)):
        return thing.variable
    return adapter().variable(thing) if isinstance(thing, adapter().variable_type) else thing


def spec_of(thing: Any) -> tf.TypeSpec:
    """Shape and dtype of a symbolic tensor or variable."""
    if isinstance(thing, Lazy):
        return thing.spec
    if is_variable(thing):
        variable = variable_of(thing)
        return tf.TensorSpec(variable.shape, variable.dtype)
    return adapter().spec(thing)
