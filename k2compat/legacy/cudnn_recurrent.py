"""``keras.layers.cudnn_recurrent``: the layers of cuDNN, on any device, and their weights in files.

cuDNN keeps each gate's kernel turned around, and two biases. The layers keep their weights so, as in Keras 2: files of
weights fit as they are, both biases are trained, and ``get_weights`` gives what it gave.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

# Weight -> the kinds of arguments it has.
WEIGHTS = ("kernel", "recurrent", "bias")
GATES = {"LSTM": 4, "GRU": 3}


class CuDNNCell:
    """The step of a layer of cuDNN; a mixin over ``Layer``.

    Attributes:
        gates: the number of gates.
        prepared: the kernels and biases as they are used, while the layer is called.
    """

    gates: int
    add_weight: Callable[..., Any]
    kernel: Any
    recurrent_kernel: Any
    bias: Any

    def __init__(self, units: int, options: dict[str, Any], **kwargs: Any):
        super().__init__(**kwargs)
        self.units = units
        self.options = options
        self.prepared: tuple[Any, ...] | None = None

    def build(self, input_shape: Any) -> None:
        """Make the weights, in the shapes of cuDNN."""
        width, gates = self.units, self.gates
        shapes: dict[str, tuple[Any, ...]] = {
            "kernel": (input_shape[-1], width * gates),
            "recurrent": (width, width * gates),
            "bias": (2 * width * gates,),
        }
        for kind, shape in shapes.items():
            name = "recurrent_kernel" if kind == "recurrent" else kind
            weight = self.add_weight(
                shape=shape,
                name=name,
                initializer=self.initial_bias() if kind == "bias" else self.options[f"{kind}_initializer"],
                regularizer=self.options[f"{kind}_regularizer"],
                constraint=self.options[f"{kind}_constraint"],
            )
            setattr(self, name, weight)
        self.built = True

    def get_config(self) -> dict[str, Any]:
        """Return nothing: the layer makes its cell itself."""
        return {}

    def initial_bias(self) -> Any:
        """Return the initializer of the two biases."""
        return self.options["bias_initializer"]

    def effective(self) -> tuple[Any, ...]:
        """Return the kernels and the two biases as they are used."""
        kernels = [turned(gate) for gate in tf.split(tf.convert_to_tensor(self.kernel), self.gates, axis=1)]
        recurrent = tf.split(tf.convert_to_tensor(self.recurrent_kernel), self.gates, axis=1)
        biases = tf.split(tf.convert_to_tensor(self.bias), 2)
        return tf.concat(kernels, 1), tf.concat([tf.transpose(gate) for gate in recurrent], 1), *biases


def turned(gate: Any) -> Any:
    """Return the kernel of a gate as it is used, from the numbers as cuDNN keeps them."""
    rows, columns = gate.shape
    return tf.transpose(tf.reshape(gate, (columns, rows)))


class LSTMCell(CuDNNCell):
    """The step of ``CuDNNLSTM``."""

    gates = GATES["LSTM"]

    @property
    def state_size(self) -> list[int]:
        """The sizes of the states h and c."""
        return [self.units, self.units]

    def initial_bias(self) -> Any:
        """Return the initializer of the two biases, ones for one of the forget gate."""
        initial = self.options["bias_initializer"]
        if not self.options["unit_forget_bias"]:
            return initial

        def bias_initializer(shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
            parts = [initial((self.units * 5,), dtype=dtype), initial((self.units * 2,), dtype=dtype)]
            return tf.concat([parts[0], tf.ones((self.units,), parts[0].dtype), parts[1]], 0)

        return bias_initializer

    def call(self, inputs: Any, states: Any, training: Any = None) -> tuple[Any, Any]:
        """Return the output of a step, and the next states."""
        kernel, recurrent, *biases = self.prepared or self.effective()
        hidden, carry = states
        sums = tf.matmul(inputs, kernel) + tf.matmul(hidden, recurrent) + (biases[0] + biases[1])
        taken, kept, new, shown = tf.split(sums, 4, axis=1)
        carry = tf.sigmoid(kept) * carry + tf.sigmoid(taken) * tf.tanh(new)
        hidden = tf.sigmoid(shown) * tf.tanh(carry)
        return hidden, [hidden, carry]


class GRUCell(CuDNNCell):
    """The step of ``CuDNNGRU``."""

    gates = GATES["GRU"]

    @property
    def state_size(self) -> int:
        """The size of the state."""
        return self.units

    def call(self, inputs: Any, states: Any, training: Any = None) -> tuple[Any, Any]:
        """Return the output of a step, and the next state."""
        kernel, recurrent, *biases = self.prepared or self.effective()
        hidden = states[0] if isinstance(states, (list, tuple)) else states
        given = tf.split(tf.matmul(inputs, kernel) + biases[0], 3, axis=1)
        kept = tf.split(tf.matmul(hidden, recurrent) + biases[1], 3, axis=1)
        update, reset = (tf.sigmoid(one + other) for one, other in zip(given[:2], kept[:2], strict=True))
        new = tf.tanh(given[2] + reset * kept[2])
        hidden = update * hidden + (1 - update) * new
        return hidden, [hidden]


class CuDNNRNN:
    """What the layers of cuDNN have in common; a mixin over ``RNN``.

    Attributes:
        keras: the Keras.
        cell_class: the class of the step.
        further: arguments that the layer alone has, and their defaults.
    """

    keras: Any
    cell_class: Any
    further: dict[str, Any] = {}
    cell: Any

    def __init__(self, units: int, *args: Any, **kwargs: Any):
        given = {**dict(zip(self.arguments(), args, strict=False)), **kwargs}
        values = {name: given.pop(name, default) for name, default in self.arguments().items()}
        outside = ("activity_regularizer", "return_sequences", "return_state", "stateful")
        given.update({name: values.pop(name) for name in outside})
        for name, value in values.items():
            kind = name.rpartition("_")[2] + "s"
            values[name] = getattr(self.keras, kind).get(value) if hasattr(self.keras, kind) else value
        if given["activity_regularizer"] is None:
            del given["activity_regularizer"]
        parent: Any = super()
        parent.__init__(self.cell_class(int(units), values), **given)

    @classmethod
    def arguments(cls) -> dict[str, Any]:
        """Return the arguments behind ``units``, in their order, and their defaults."""
        starts = {"kernel": "glorot_uniform", "recurrent": "orthogonal", "bias": "zeros"}
        found: dict[str, Any] = {f"{kind}_initializer": start for kind, start in starts.items()}
        found.update(cls.further)
        found.update({f"{kind}_regularizer": None for kind in (*WEIGHTS, "activity")})
        found.update({f"{kind}_constraint": None for kind in WEIGHTS})
        return {**found, "return_sequences": False, "return_state": False, "stateful": False}

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = None) -> Any:
        """Run the steps.

        Raises:
            ValueError: there is a mask.
        """
        if any(part is not None for part in tf.nest.flatten(mask)):
            raise ValueError("Masking is not supported for CuDNN RNNs.")
        self.cell.prepared = self.cell.effective()
        try:
            parent: Any = super()
            return parent.call(sequences, initial_state=initial_state, mask=None, training=training)
        finally:
            self.cell.prepared = None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        parent: Any = super()
        own = {name: self._serialized(name, value) for name, value in self.cell.options.items()}
        kept = {k: v for k, v in parent.get_config().items() if k not in ("cell", "unroll", "zero_output_for_mask")}
        kept.pop("time_major", None)
        return {**kept, "units": self.units, **own}

    def _serialized(self, name: str, value: Any) -> Any:
        kind = name.rpartition("_")[2] + "s"
        return getattr(self.keras, kind).serialize(value) if hasattr(self.keras, kind) and value else value

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
        """Return a layer of its arguments."""
        return cls(**config)

    @property
    def units(self) -> int:
        """The size of the output."""
        return self.cell.units

    @property
    def kernel(self) -> Any:
        """The kernel of all gates, as cuDNN keeps it."""
        return self.cell.kernel

    @property
    def recurrent_kernel(self) -> Any:
        """The recurrent kernel of all gates, as cuDNN keeps it."""
        return self.cell.recurrent_kernel

    @property
    def bias(self) -> Any:
        """The two biases, one behind the other."""
        return self.cell.bias


def converted(layer: Any, weights: Sequence[Any]) -> list[Any]:
    """Return weights for a layer, from those of the layer with or without cuDNN that was saved.

    Raises:
        ValueError: a ``GRU`` without ``reset_after`` computes otherwise.
    """
    kind, weights = type(layer).__name__, list(weights)
    if kind == "Bidirectional":
        half = len(weights) // 2
        return converted(layer.forward_layer, weights[:half]) + converted(layer.backward_layer, weights[half:])
    if kind == "TimeDistributed":
        return converted(layer.layer, weights)
    gates = GATES.get(kind.removeprefix("CuDNN"))
    if gates is None or len(weights) != 3:
        return weights
    kernel, recurrent, bias = (np.asarray(weight) for weight in weights)
    to_cudnn, two = kind.startswith("CuDNN"), 2 * recurrent.shape[0] * gates
    if (bias.shape == (two,)) == to_cudnn:
        return weights
    if gates == GATES["GRU"] and (to_cudnn and bias.ndim == 1 or not (to_cudnn or getattr(layer, "reset_after", True))):
        names = ("GRU(reset_after=False)", "CuDNNGRU")
        raise ValueError("{} is not compatible with {}".format(*(names if to_cudnn else names[::-1])))
    kernels = [by_cudnn(gate, to_cudnn) for gate in np.hsplit(kernel, gates)]
    return [
        np.hstack(kernels),
        np.hstack([gate.T for gate in np.hsplit(recurrent, gates)]),
        biases(bias, gates, to_cudnn),
    ]


def by_cudnn(gate: np.ndarray, to_cudnn: bool) -> np.ndarray:
    """Return the kernel of a gate as cuDNN keeps it, or back."""
    return gate.T.reshape(gate.shape, order="C" if to_cudnn else "F")


def biases(bias: np.ndarray, gates: int, to_cudnn: bool) -> np.ndarray:
    """Return the biases of a layer of cuDNN as the other layer has them, or back."""
    if gates == GATES["GRU"]:
        return bias.reshape(-1) if bias.ndim == 2 else bias.reshape(2, -1)
    return np.tile(0.5 * bias, 2) if to_cudnn else bias.reshape(2, -1).sum(axis=0)
