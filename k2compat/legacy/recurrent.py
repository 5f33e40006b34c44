"""``keras.layers.recurrent``: the base class of recurrent layers before there were cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2compat.errors import K2ValueError, not_overridden
from k2compat.legacy.generic_utils import to_list
from k2compat.ops import math, nn, random, shapes, variables
from k2compat.ops.control_flow import in_train_phase
from k2compat.ops.rnn import rnn


class Recurrent:
    """A layer that runs its ``step`` over time; a mixin over ``Layer``.

    Attributes:
        spec: the class ``InputSpec`` of the Keras.
        units: the size of states and output, which subclasses set.
        states: the states of a stateful layer, which subclasses set.
    """

    spec: Any
    units: int
    states: list[Any]
    add_update: Callable[..., Any]
    name: str

    def __init__(
        self,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        implementation: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.implementation = implementation
        self.supports_masking = True
        self.input_spec = [self.spec(ndim=3)]
        self.state_spec = None
        self.dropout = 0
        self.recurrent_dropout = 0

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output, and of the states where they are given out."""
        if isinstance(input_shape, list):
            input_shape = input_shape[0]
        middle = (input_shape[1],) if self.return_sequences else ()
        output = (input_shape[0], *middle, self.units)
        return [output, *((input_shape[0], self.units) for _ in self.states)] if self.return_state else output

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        """Return the mask of the output."""
        mask = mask[0] if isinstance(mask, list) else mask
        output = mask if self.return_sequences else None
        return [output, *(None for _ in self.states)] if self.return_state else output

    def step(self, inputs: Any, states: Any) -> Any:
        """Return the output of a step, and the next states; subclasses have it."""
        raise not_overridden(self, "step(self, inputs, states)", "the output, and the list of the next states")

    def get_constants(self, inputs: Any, training: Any = None) -> list[Any]:
        """Return what is given to each step behind the states."""
        return []

    def get_initial_state(self, inputs: Any) -> list[Any]:
        """Return the states before the first step: zeros."""
        zeros = shapes.expand_dims(math.sum(variables.zeros_like(inputs), axis=(1, 2)))
        return [shapes.tile(zeros, [1, self.units]) for _ in self.states]

    def preprocess_input(self, inputs: Any, training: Any = None) -> Any:
        """Return what the steps are given."""
        return inputs

    def __call__(self, inputs: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        """Call the layer on a sequence, or on a list of it and the states."""
        if isinstance(inputs, (list, tuple)) and len(inputs) > 1 and initial_state is None:
            inputs, *initial_state = inputs
        if initial_state is not None:
            kwargs["initial_state"] = to_list(initial_state, allow_tuple=True)
        parent: Any = super()
        return parent.__call__(inputs, **kwargs)

    def call(self, inputs: Any, mask: Any = None, training: Any = None, initial_state: Any = None) -> Any:
        """Run the steps.

        Raises:
            ValueError: there are other states than those the layer has.
        """
        if isinstance(inputs, list):
            inputs, *initial_state = inputs
        elif initial_state is None:
            initial_state = self.states if self.stateful else self.get_initial_state(inputs)
        if len(initial_state) != len(self.states):
            raise K2ValueError(
                f"Layer has {len(self.states)} states but was passed {len(initial_state)} initial states."
            )
        last, outputs, states = rnn(
            self.step,
            self.preprocess_input(inputs, training=None),
            initial_state,
            go_backwards=self.go_backwards,
            mask=mask[0] if isinstance(mask, list) else mask,
            constants=self.get_constants(inputs, training=None),
            unroll=self.unroll,
            input_length=inputs.shape[1],
        )
        if self.stateful:
            self.add_update(list(zip(self.states, states, strict=True)), inputs)
        output = outputs if self.return_sequences else last
        return [output, *states] if self.return_state else output

    def reset_states(self, states: Any = None) -> None:
        """Set the states of a stateful layer, to zeros by default.

        Raises:
            AttributeError: it is not stateful.
            ValueError: the batch size is not known, or there are other states.
        """
        if not self.stateful:
            raise AttributeError("Layer must be stateful.")
        size = to_list(self.input_spec)[0].shape[0]
        if not size:
            raise K2ValueError(
                "If a RNN is stateful, it needs to know its batch size. Specify it by `batch_input_shape` of the first "
                "layer, or `batch_shape` of the Input."
            )
        if self.states[0] is None:
            self.states = [variables.zeros((size, self.units)) for _ in self.states]
            return
        values = [np.zeros((size, self.units))] * len(self.states) if states is None else to_list(states, True)
        if len(values) != len(self.states):
            raise K2ValueError(
                f"Layer {self.name} expects {len(self.states)} states, but it received {len(values)} state values."
            )
        variables.batch_set_value(zip(self.states, values, strict=True))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        parent: Any = super()
        names = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll", "implementation")
        return {**parent.get_config(), **{name: getattr(self, name) for name in names}}


def _time_distributed_dense(
    x: Any,
    w: Any,
    b: Any = None,
    dropout: float | None = None,
    input_dim: int | None = None,
    output_dim: int | None = None,
    timesteps: int | None = None,
    training: Any = None,
) -> Any:
    """Return ``x . w + b`` of each step, as the layers of Keras 2.0 computed it before their steps."""
    input_dim, timesteps = input_dim or x.shape[2], timesteps or x.shape[1]
    output_dim = output_dim or w.shape[1]
    if dropout is not None and 0.0 < dropout < 1.0:
        ones = variables.ones_like(shapes.reshape(x[:, 0, :], (-1, input_dim)))
        kept = shapes.repeat(random.dropout(ones, dropout), int(timesteps or 1))
        x = in_train_phase(x * kept, x, training=training)
    x = math.dot(shapes.reshape(x, (-1, input_dim)), w)
    if b is not None:
        x = nn.bias_add(x, b)
    return shapes.reshape(x, (-1, timesteps or -1, output_dim))


def _generate_dropout_mask(ones: Any, rate: float, training: Any = None, count: int = 1) -> Any:
    """Return one mask of dropout, or a list of them."""
    masks = [in_train_phase(lambda: random.dropout(ones, rate), ones, training=training) for _ in range(count)]
    return masks if count > 1 else masks[0]


def _standardize_args(inputs: Any, initial_state: Any, constants: Any, num_constants: Any) -> tuple[Any, Any, Any]:
    """Return the sequence, the states and the constants of a call, from a list of all of them too."""
    if isinstance(inputs, list):
        if num_constants:
            inputs, constants = inputs[:-num_constants], inputs[-num_constants:]
        initial_state = inputs[1:] if len(inputs) > 1 else initial_state
        inputs = inputs[0]

    def listed(x: Any) -> Any:
        return x if x is None or isinstance(x, list) else to_list(x, allow_tuple=True)

    return inputs, listed(initial_state), listed(constants)
