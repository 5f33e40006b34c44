"""Repairs of layers and activations that compute, or are set by default, otherwise than in Keras 2."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from k2compat.adapters import activity, batch_norm
from k2compat.adapters.channels_first import turning
from k2compat.adapters.keras3_addresses import namespaces
from k2compat.adapters.layers import bilinear
from k2compat.adapters.repair import Elsewhere, Repair, with_default


def default_repairs(engine: Any) -> list[Repair]:
    """Repairs of activations and default arguments."""

    def hard_sigmoid(x: Any) -> Any:
        return engine.hard_sigmoid(x)

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
            ],
            elsewhere=Elsewhere(
                lambda layer, _: any(value is hard_sigmoid for value in vars(layer).values()),
                "the slope of the activation is 1/6 instead of 0.2.",
                "Give the layer lambda x: keras.ops.clip(0.2 * x + 0.5, 0, 1).",
            ),
        ),
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
                with_default(
                    getattr(layers, f"AveragePooling{rank}D").__init__, pool_size=2 if rank == 1 else (2,) * rank
                )
                for rank in (1, 2, 3)
            ],
        ),
    ]


def computing_repairs(engine: Any) -> list[Repair]:
    """Repairs of layers that compute otherwise."""
    layers = keras.layers
    defining: Any = sys.modules[layers.Layer.__module__]
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
            [(layers.UpSampling2D, "call", upsampling(layers.UpSampling2D.call, engine))],
            elsewhere=bilinear(layers.UpSampling2D),
        ),
        batch_norm.repair(layers.BatchNormalization, engine),
        activity.repair(
            [
                (defining, "ops", activity.Undivided(defining.ops)),
                (layers.TimeDistributed, "__init__", activity.handing_on(layers.TimeDistributed.__init__)),
            ]
        ),
        *channels_first_repairs(),
    ]


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


def upsampling(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``UpSampling2D.call`` with Keras 2's bilinear interpolation."""

    @functools.wraps(original)
    def call(self: Any, inputs: Any) -> Any:
        if self.interpolation != "bilinear":
            return original(self, inputs)
        return engine.resize_images(inputs, *self.size, self.data_format, "bilinear")

    return call


def is_masked_sequence(layer: Any, training: int | None) -> bool:
    """Whether a layer goes both ways through a sequence that has a mask."""
    if not (isinstance(layer, keras.layers.Bidirectional) and layer.return_sequences):
        return False
    tensors = [tensor for node in layer._inbound_nodes for tensor in node.input_tensors]
    return any(getattr(tensor, "_keras_mask", None) is not None for tensor in tensors)


def is_square_convolution(layer: Any, training: int | None) -> bool:
    """Whether a layer with a bias gives channels in front, and may give as many as its pictures are wide."""
    if getattr(layer, "data_format", "") != "channels_first" or not getattr(layer, "use_bias", False):
        return False
    return any(
        tensor.shape[-1] in (None, tensor.shape[1]) for node in layer._inbound_nodes for tensor in node.output_tensors
    )


def adding(original: Callable[..., Any]) -> Callable[..., Any]:
    """``ops.add`` that lets shapes that broadcast do so, where Keras would take the last axis for the channels."""

    @functools.wraps(original)
    def add(x1: Any, x2: Any) -> Any:
        if tf.is_tensor(x1) and tf.is_tensor(x2) and x1.dtype == x2.dtype and is_channels_first_bias(x1, x2):
            return tf.add(x1, x2)
        return original(x1, x2)

    return add


def is_channels_first_bias(x1: Any, x2: Any) -> bool:
    """Whether the second is one number for each index of the first's axis 1, and that axis as long as the last."""
    sizes, added = x1.shape, x2.shape
    return (
        sizes.rank is not None
        and sizes.rank == added.rank
        and sizes.rank > 2
        and sizes[-1] == added[1] != 1
        and all(size == 1 for axis, size in enumerate(added) if axis != 1)
    )
