"""Repairs of layers and activations that compute, or are set by default, otherwise than in Keras 2."""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from k2compat.errors import K2TypeError, sentence_parts
from k2compat.ops import nn
from k2compat.repair.keras3.namespaces import namespaces, registered
from k2compat.repair.shared import activity_regularizer, batch_normalization
from k2compat.repair.shared.channels_first import turning
from k2compat.repair.shared.layers import bilinear, upsampling
from k2compat.repair.table import Elsewhere, Repair, with_default


def repairs() -> list[Repair]:
    """Return the repairs of what layers take and compute by default."""
    return [*default_repairs(), *argument_repairs(), *computing_repairs()]


def default_repairs() -> list[Repair]:
    """Repairs of activations and default arguments."""

    def hard_sigmoid(x: Any) -> Any:
        return nn.hard_sigmoid(x)

    modules = namespaces("activations")
    layers = keras.layers
    return [
        Repair(
            "hard_sigmoid",
            'The activation "hard_sigmoid" was 0.2 * x + 0.5 limited to [0, 1], and the default inside LSTM and GRU '
            "until Keras 2.3; in Keras 3 the slope is 1/6, and models saved by Keras 2 give other numbers. (Models "
            "saved by Keras 3 with this activation do so while the repair is applied.)",
            [
                *((module, "hard_sigmoid", hard_sigmoid) for module in modules),
                *((module, "get", naming(module.get, hard_sigmoid)) for module in (keras.src.activations, *modules)),
                *registered({keras.activations.hard_sigmoid: hard_sigmoid}),
            ],
            elsewhere=Elsewhere(
                lambda layer, _: any(value is hard_sigmoid for value in vars(layer).values()),
                "the slope of the activation is 1/6 instead of 0.2.",
                "Give the layer lambda x: keras.ops.clip(0.2 * x + 0.5, 0, 1).",
            ),
        ),
        relu_repair(),
        Repair(
            "gru_reset_after",
            "GRU(units) built in a script has reset_after=True in Keras 3, so that weights of Keras 2, which had "
            "False, do not fit.",
            [with_default(layer.__init__, reset_after=False) for layer in (layers.GRU, layers.GRUCell)],
        ),
        Repair(
            "pool_size",
            "AveragePooling1D(), 2D() and 3D() had a pool size of 2 by default, as MaxPooling still has.",
            [
                with_default(layers.AveragePooling1D.__init__, pool_size=2, data_format="channels_last"),
                with_default(layers.AveragePooling2D.__init__, pool_size=(2, 2)),
                with_default(layers.AveragePooling3D.__init__, pool_size=(2, 2, 2)),
            ],
        ),
    ]


def argument_repairs() -> list[Repair]:
    """Repairs of further defaults, and of an argument."""
    layers = keras.layers
    sequences = (
        *(getattr(layers, f"{kind}1D") for kind in ("MaxPooling", "Conv", "SeparableConv")),
        *(getattr(layers, f"Global{kind}Pooling1D") for kind in ("Average", "Max")),
    )
    return [
        Repair(
            "conv_lstm_activation",
            "The gates of ConvLSTM2D had hard_sigmoid by default; in Keras 3 they have sigmoid.",
            [with_default(layers.ConvLSTM2D.__init__, recurrent_activation="hard_sigmoid")],
        ),
        Repair(
            "sequence_data_format",
            "Layers of sequences (Conv1D, MaxPooling1D and so on) have their channels behind unless they are told "
            "otherwise; in Keras 3 K.set_image_data_format('channels_first') turns them, too.",
            [with_default(layer.__init__, data_format="channels_last") for layer in sequences],
        ),
        Repair(
            "constant_initializer",
            "Constant([1., 2., 3., 4.]) fills a weight of four numbers in their order, whatever its shape; Keras 3 "
            "repeats them along the other axes.",
            [(keras.initializers.Constant, "__call__", filling(keras.initializers.Constant.__call__))],
        ),
    ]


def filling(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Constant.__call__`` that takes lists and arrays as TensorFlow 1 did.

    Raises:
        TypeError: there are neither as many numbers as the shape has nor one.
    """

    @functools.wraps(original)
    def __call__(self: Any, shape: Any, dtype: Any = None) -> Any:
        if not isinstance(self.value, (list, tuple, np.ndarray)) or np.shape(self.value) == ():
            return original(self, shape, dtype)
        value, sizes = np.asarray(self.value), tuple(shape)
        if value.size not in (1, math.prod(sizes)):
            raise K2TypeError(
                sentence_parts(
                    f"Expected Tensor's shape: {sizes}, got {value.shape}: an initializer Constant",
                    "as many numbers as the weight has, or one.",
                    "give it all numbers, np.broadcast_to(value, shape) repeats them.",
                )
            )
        filled = np.full(sizes, value.item()) if value.size == 1 else value.reshape(sizes)
        return keras.ops.convert_to_tensor(filled, dtype=keras.backend.standardize_dtype(dtype))

    return __call__


def computing_repairs() -> list[Repair]:
    """Repairs of layers that compute otherwise."""
    layers = keras.layers
    defining: Any = sys.modules[layers.Layer.__module__]
    # Keras 3.14 began to divide penalties by the batch size.
    divided = [(defining, "ops", activity_regularizer.Undivided(defining.ops))] if hasattr(defining, "ops") else []
    return [
        Repair(
            "masked_bidirectional",
            "Bidirectional(LSTM(return_sequences=True)) repeats its last output at masked steps; in Keras 3 it gives "
            "zeros there, and refuses a layer that goes backwards.",
            [(layers.Bidirectional, "__init__", repeating(layers.Bidirectional.__init__))],
            elsewhere=Elsewhere(
                is_masked_sequence,
                "at masked steps it gives zeros instead of its last output.",
                "Set zero_output_for_mask = False on its forward_layer and backward_layer.",
            ),
        ),
        Repair(
            "bilinear_upsampling",
            'UpSampling2D(interpolation="bilinear") mapped corners; Keras 3 maps the centres of pixels.',
            [(layers.UpSampling2D, "call", upsampling(layers.UpSampling2D.call))],
            elsewhere=bilinear(layers.UpSampling2D),
        ),
        batch_normalization.repair(layers.BatchNormalization),
        activity_regularizer.repair(
            [
                *divided,
                (layers.TimeDistributed, "__init__", activity_regularizer.handing_on(layers.TimeDistributed.__init__)),
                (
                    layers.SimpleRNN,
                    "__init__",
                    activity_regularizer.regularizing(layers.SimpleRNN.__init__, regularizer),
                ),
            ]
        ),
        *channels_first_repairs(),
    ]


def regularizer(identifier: Any) -> Any:
    """Return what is named, by ``regularizers.get`` as it is by then."""
    return keras.regularizers.get(identifier)


def channels_first_repairs() -> list[Repair]:
    """Repairs of convolutions with the channels in front."""
    return [
        Repair(
            "channels_first_bias",
            "A convolution with data_format='channels_first' adds its bias along the wrong axis where pictures are as "
            "wide as there are filters.",
            [(keras.src.backend.numpy, "add", adding(keras.src.backend.numpy.add))],
            elsewhere=Elsewhere(
                is_square_convolution,
                "the bias may be added along the last axis instead of that of the channels.",
                "Let the layer have no bias, and add tf.reshape(bias, (-1, 1, 1)) behind it.",
            ),
        ),
        Repair(
            "channels_first_on_cpu",
            "TensorFlow has kernels for channels_first convolutions on some processors only; Keras 2 turned the "
            "pictures around on the others.",
            [
                (
                    keras.src.backend.nn,
                    name,
                    turning(getattr(keras.src.backend.nn, name), keras.config.image_data_format),
                )
                for name in ("conv", "conv_transpose")
            ],
        ),
    ]


def relu_repair() -> Repair:
    """Return the repair of ``relu``."""
    relu = with_alpha(keras.activations.relu)
    return Repair(
        "relu_alpha",
        "keras.activations.relu(x, alpha=0.1): Keras 3 calls the slope negative_slope.",
        [
            *((module, "relu", relu) for module in (keras.src.activations, *namespaces("activations"))),
            (keras.src.activations.ALL_OBJECTS_DICT, "relu", relu),  # the same object by its name
            *registered({keras.activations.relu: relu}),
        ],
    )


def with_alpha(original: Callable[..., Any]) -> Callable[..., Any]:
    """``activations.relu`` with the arguments of Keras 2."""

    @functools.wraps(original)
    def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0, **kwargs: Any) -> Any:
        return original(x, **{"negative_slope": alpha, "max_value": max_value, "threshold": threshold, **kwargs})

    return relu


def naming(original: Callable[..., Any], hard_sigmoid: Callable[..., Any]) -> Callable[..., Any]:
    """``activations.get`` that knows Keras 2's function by its name."""

    def get(identifier: Any) -> Any:
        return hard_sigmoid if identifier == "hard_sigmoid" else original(identifier)

    return get


def repeating(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Bidirectional.__init__`` that leaves masked steps to the layers."""

    @functools.wraps(original)
    def __init__(
        self: Any,
        layer: Any,
        merge_mode: Any = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        if backward_layer is None and getattr(layer, "go_backwards", False):
            backward_layer = type(layer).from_config({**layer.get_config(), "go_backwards": False, "name": None})
        original(self, layer, merge_mode=merge_mode, weights=weights, backward_layer=backward_layer, **kwargs)
        for inner in (self.forward_layer, self.backward_layer):
            inner.zero_output_for_mask = False

    return __init__


def is_masked_sequence(layer: Any, training: int | None) -> bool:
    """Return whether a layer goes both ways through a sequence that has a mask."""
    if not (isinstance(layer, keras.layers.Bidirectional) and layer.return_sequences):
        return False
    tensors = [tensor for node in layer._inbound_nodes for tensor in node.input_tensors]
    return any(getattr(tensor, "_keras_mask", None) is not None for tensor in tensors)


def is_square_convolution(layer: Any, training: int | None) -> bool:
    """Return whether a layer with a bias gives channels in front, and may give as many as its pictures are wide."""
    if getattr(layer, "data_format", "") != "channels_first" or not getattr(layer, "use_bias", False):
        return False
    return any(
        tensor.shape[-1] in (None, tensor.shape[1]) for node in layer._inbound_nodes for tensor in node.output_tensors
    )


def adding(original: Callable[..., Any]) -> Callable[..., Any]:
    """``ops.add`` that lets shapes that broadcast do so, where Keras would take the last axis for the channels."""

    @functools.wraps(original)
    def add(x1: Any, x2: Any) -> Any:
        dense = isinstance(x1, tf.Tensor) and isinstance(x2, tf.Tensor)  # not the gradient of an embedding
        if dense and x1.dtype == x2.dtype and is_channels_first_bias(x1, x2):
            return tf.add(x1, x2)
        return original(x1, x2)

    return add


def is_channels_first_bias(x1: Any, x2: Any) -> bool:
    """Return whether the second is one number for each index of the first's axis 1, and that axis as long as the
    last.
    """
    sizes, added = x1.shape, x2.shape
    return (
        sizes.rank is not None
        and sizes.rank == added.rank
        and sizes.rank > 2
        and sizes[-1] == added[1] != 1
        and all(size == 1 for axis, size in enumerate(added) if axis != 1)
    )
