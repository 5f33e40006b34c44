"""``keras.legacy.layers``: layers of Keras 1 that Keras 2 kept, with the arguments of Keras 1."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from k2compat.ops import math, nn

KINDS = {"init": "initializers", "regularizer": "regularizers", "constraint": "constraints"}
OF_BOTH = ("init", "W_regularizer", "b_regularizer", "W_constraint", "b_constraint", "bias", "input_dim")


class Keras1Layer:
    """What both layers do with their arguments; a mixin over ``Layer``.

    Attributes:
        keras: the Keras.
        further: names of arguments beside those of both.
    """

    keras: Any
    further: tuple[str, ...]
    input_dim: Any
    init: Any
    bias: Any
    add_weight: Callable[..., Any]
    set_weights: Callable[[Any], None]

    def start(self, given: dict[str, Any], weights: Any, activity_regularizer: Any, kwargs: dict[str, Any]) -> None:
        """Keep the arguments of ``__init__``: initializers, regularizers and constraints by what they name."""
        warnings.warn(f"The `{type(self).__name__}` layer is deprecated.", stacklevel=3)
        if given["input_dim"]:
            kwargs["input_shape"] = (given["input_dim"],)
        parent: Any = super()
        parent.__init__(activity_regularizer=self.keras.regularizers.get(activity_regularizer), **kwargs)
        for name, value in given.items():
            module = self.module_of(name)
            setattr(self, name, value if module is None else module.get(value))
        self.initial_weights = weights

    def module_of(self, name: str) -> Any:
        """Return the module of Keras that knows an argument by name, None for a number."""
        return getattr(self.keras, KINDS.get(name.rpartition("_")[2], ""), None)

    def add(self, name: str, shape: tuple[int, ...], initializer: Any = None, kind: str | None = None) -> Any:
        """Return a new weight, with the regularizer and constraint of a kind, ``W`` or ``b``."""
        further = {part: getattr(self, f"{kind}_{part}") for part in ("regularizer", "constraint") if kind}
        return self.add_weight(shape=shape, initializer=initializer or self.init, name=name, **further)

    def finish(self) -> None:
        """Set the weights that were given to the layer."""
        self.built = True
        if self.initial_weights is not None:
            self.set_weights(self.initial_weights)
            self.initial_weights = None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the layer."""
        parent: Any = super()
        config = parent.get_config()
        for name in (*OF_BOTH, *self.further):
            module, value = self.module_of(name), getattr(self, name)
            config[name] = value if module is None or value is None else module.serialize(value)
        return config


class MaxoutDense(Keras1Layer):
    """The largest of several linear functions, for each unit."""

    further = ("output_dim", "nb_feature")
    output_dim: int
    nb_feature: int

    def __init__(
        self,
        output_dim: int,
        nb_feature: int = 4,
        init: Any = "glorot_uniform",
        weights: Any = None,
        W_regularizer: Any = None,
        b_regularizer: Any = None,
        activity_regularizer: Any = None,
        W_constraint: Any = None,
        b_constraint: Any = None,
        bias: bool = True,
        input_dim: int | None = None,
        **kwargs: Any,
    ):
        given = {
            "output_dim": output_dim,
            "nb_feature": nb_feature,
            "init": init,
            "W_regularizer": W_regularizer,
            "b_regularizer": b_regularizer,
            "W_constraint": W_constraint,
            "b_constraint": b_constraint,
            "bias": bias,
            "input_dim": input_dim,
        }
        self.start(given, weights, activity_regularizer, kwargs)

    def build(self, input_shape: Any) -> None:
        """Make the weights."""
        self.W = self.add("W", (self.nb_feature, input_shape[-1], self.output_dim), kind="W")
        self.b = self.add("b", (self.nb_feature, self.output_dim), "zeros", kind="b") if self.bias else None
        self.finish()

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, int]:
        """Return the shape of the result."""
        return (input_shape[0], self.output_dim)

    def call(self, x: Any) -> Any:
        """Return the largest value of each unit."""
        output = math.dot(x, self.W)
        return math.max(output if self.b is None else output + self.b, axis=1)


class Highway(Keras1Layer):
    """A dense layer of which a gate decides how much of its input passes unchanged."""

    further = ("activation",)
    activation: Any

    def __init__(
        self,
        init: Any = "glorot_uniform",
        activation: Any = None,
        weights: Any = None,
        W_regularizer: Any = None,
        b_regularizer: Any = None,
        activity_regularizer: Any = None,
        W_constraint: Any = None,
        b_constraint: Any = None,
        bias: bool = True,
        input_dim: int | None = None,
        **kwargs: Any,
    ):
        kwargs.pop("transform_bias", None)  # ignored, as in Keras 2
        given = {
            "init": init,
            "activation": activation,
            "W_regularizer": W_regularizer,
            "b_regularizer": b_regularizer,
            "W_constraint": W_constraint,
            "b_constraint": b_constraint,
            "bias": bias,
            "input_dim": input_dim,
        }
        self.start(given, weights, activity_regularizer, kwargs)

    def module_of(self, name: str) -> Any:
        """Return the module of Keras that knows an argument by name, None for a number."""
        return self.keras.activations if name == "activation" else super().module_of(name)

    def build(self, input_shape: Any) -> None:
        """Make the weights."""
        size = input_shape[-1]
        self.W = self.add("W", (size, size), kind="W")
        self.W_carry = self.add("W_carry", (size, size))
        self.b = self.add("b", (size,), "zeros", kind="b") if self.bias else None
        self.b_carry = self.add("b_carry", (size,), "ones") if self.bias else None
        self.finish()

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the result, which is that of the input."""
        return input_shape

    def call(self, x: Any) -> Any:
        """Return the mixture of what is computed and of the input."""
        gate, new = math.dot(x, self.W_carry), math.dot(x, self.W)
        if self.bias:
            gate, new = gate + self.b_carry, new + self.b
        gate = nn.sigmoid(gate)
        return self.activation(new) * gate + (1 - gate) * x
