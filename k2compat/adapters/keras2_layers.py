"""Repairs of Keras 2's layers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters import activity, batch_norm
from k2compat.adapters.calls import SourceCall
from k2compat.adapters.channels_first import turned
from k2compat.adapters.keras2 import ADAPTER
from k2compat.adapters.keras2_calls import RecordedTensor, is_plain, takes_training
from k2compat.adapters.keras2_package import Layer, inner, keras
from k2compat.adapters.keras2_weights import being_called
from k2compat.adapters.layers import bilinear, called, follows_phase, phased, pinned, taking_symbols, with_setter
from k2compat.adapters.repair import Repair, with_default

Conv: Any = inner("layers.convolutional.base_conv").Conv
BatchNormalization: Any = inner("layers.normalization.batch_normalization").BatchNormalizationBase
InputLayer: Any = keras.layers.InputLayer


def layer_repairs(engine: Any) -> list[Repair]:
    """Repairs of ``Layer``."""
    return [*attribute_repairs(engine), *call_repairs(engine), *computing_repairs(engine)]


def attribute_repairs(engine: Any) -> list[Repair]:
    """Repairs of what can be read off a layer, or set."""

    def updates(self: Any, inputs: Any = None) -> list[Any]:
        return batch_norm.updates_in(self, BatchNormalization, engine)

    return [
        Repair(
            "layer_updates",
            "model.updates and layer.updates were the moving averages of batch normalization, to be passed to "
            "K.function(..., updates=...); in TensorFlow 2 they are empty.",
            [
                (Layer, "updates", property(updates)),
                (Layer, "get_updates_for", updates),
                (keras.Model, "state_updates", property(updates)),
            ],
        ),
        Repair(
            "uses_learning_phase",
            "Old code asks model.uses_learning_phase whether K.learning_phase() has to be among the inputs.",
            [(Layer, "uses_learning_phase", phased(is_plain, takes_training))],
        ),
        Repair(
            "layer_weights",
            "A K.variable kept as attribute of a layer is a weight of it, and layers written for Keras 2.0 set their "
            "trainable_weights.",
            [
                (Layer, "__setattr__", tracking(Layer.__setattr__, engine)),
                *(
                    (Layer, name, with_setter(getattr(Layer, name), functools.partial(track, f"_{name}")))
                    for name in ("trainable_weights", "non_trainable_weights")
                ),
            ],
        ),
    ]


def tracking(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``Layer.__setattr__`` that makes weights of K.variables, as it does of TensorFlow's own."""

    def __setattr__(self: Any, name: str, value: Any) -> None:
        original(self, name, value)
        if isinstance(value, engine.Variable) and "_trainable_weights" in vars(self):
            track("_trainable_weights", self, value.holder)

    return __setattr__


def track(kind: str, layer: Any, variable: Any) -> None:
    """Puts a variable among a layer's weights of a kind."""
    own = getattr(layer, kind)
    if all(variable is not known for known in (*layer.trainable_weights, *layer.non_trainable_weights)):
        own.append(variable)


def call_repairs(engine: Any) -> list[Repair]:
    """Repairs of what layers take and how they run."""
    first = [(kind, "__call__", with_symbols(kind.__call__, engine)) for kind in stateful_kinds()]
    add_update: Callable[..., Any] = Layer.add_update

    def update(self: Any, updates: Any) -> None:
        if not engine.evaluating():
            add_update(self, updates)

    return [
        Repair(
            "layer_state",
            "Layers move their averages whenever they run in the training phase; in K functions only updates change "
            "state. Always applied.",
            [(Layer, "add_update", update)],
            needed=True,
        ),
        Repair(
            "layer_call",
            "Layers take K.variables and expressions of them as inputs; and a layer built after K.set_learning_phase "
            "keeps that phase whatever the model around it runs in.",
            [(Layer, "__call__", called(Layer.__call__, ADAPTER, being_called, engine)), *first],
            elsewhere=pinned(
                lambda layer: is_pinned_by_repair(layer) and follows_phase(layer, is_plain, takes_training)
            ),
        ),
        Repair(
            "input_tensor",
            "Input(tensor=...) makes an input that needs no feed; Keras refuses tensors of other kinds than its own, "
            "and makes the given one forget how it is computed.",
            [(InputLayer, "__init__", with_tensor(InputLayer.__init__, engine))],
        ),
    ]


def is_pinned_by_repair(layer: Any) -> bool:
    """Whether a layer's phase was not given with its calls; Keras keeps to one that was."""
    return not any("training" in node.call_kwargs for node in layer._inbound_nodes)


def stateful_kinds() -> list[Any]:
    """The classes of layers whose ``__call__`` looks at initial states before ``Layer``'s does."""
    layers = keras.layers
    return [kind for kind in (layers.RNN, layers.Bidirectional, layers.ConvLSTM2D) if "__call__" in vars(kind)]


def with_symbols(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``__call__`` of a recurrent layer that takes our own symbolic tensors as states."""

    @functools.wraps(original)
    def __call__(self: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = taking_symbols((inputs, *args), kwargs, ADAPTER, engine)
        return original(self, *args, **kwargs)

    return __call__


def with_tensor(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``InputLayer.__init__`` with a tensor that has its value from a symbolic one."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, input_tensor: Any = None, **kwargs: Any) -> None:
        made = getattr(input_tensor, "_keras_history", None) is not None or isinstance(input_tensor, RecordedTensor)
        if not (made or isinstance(input_tensor, engine.Lazy)):
            original(self, *args, input_tensor=input_tensor, **kwargs)
            return
        for unwanted in ("input_shape", "batch_size", "batch_input_shape", "dtype"):
            kwargs.pop(unwanted, None)
        shape = tuple(input_tensor.shape.as_list())
        original(self, *args, batch_input_shape=shape, dtype=input_tensor.dtype.name, **kwargs)
        tensor = self._inbound_nodes[0].outputs
        tensor._k2compat_source = SourceCall(input_tensor, tensor)

    return __init__


def computing_repairs(engine: Any) -> list[Repair]:
    """Repairs of layers that compute, or are set by default, otherwise than in Keras 2.3.1."""
    layers = keras.layers
    pooling = [base_of(getattr(layers, f"{kind}Pooling{rank}D")) for kind in ("Max", "Average") for rank in (2, 3)]
    separable = [layers.SeparableConv1D, layers.SeparableConv2D, layers.DepthwiseConv1D]
    transposed = [layers.Conv1DTranspose, layers.Conv3DTranspose]
    return [
        Repair(
            "gru_reset_after",
            "GRU(units) built in a script has reset_after=True, so that weights of Keras 2.3, which had False, do not "
            "fit.",
            [with_default(layer.__init__, reset_after=False) for layer in (layers.GRU, layers.GRUCell)],
        ),
        Repair(
            "bilinear_upsampling",
            'UpSampling2D(interpolation="bilinear") mapped corners; in TensorFlow 2 it maps the centres of pixels.',
            [(layers.UpSampling2D, "call", upsampling(layers.UpSampling2D.call, engine))],
            elsewhere=bilinear(layers.UpSampling2D),
        ),
        batch_norm.repair(BatchNormalization, engine),
        activity.repair([(Layer, "_handle_activity_regularization", penalizing(engine))]),
        Repair(
            "channels_first_on_cpu",
            "TensorFlow has kernels for channels_first convolutions and pooling on some processors only; Keras 2 "
            "turned the pictures around them.",
            [
                (Conv, "convolution_op", turned(Conv.convolution_op)),
                *((kind, "call", turned(kind.call)) for kind in {*pooling, *separable, *transposed}),
            ],
        ),
    ]


def penalizing(engine: Any) -> Callable[..., None]:
    """``Layer._handle_activity_regularization`` without the division by the batch size; eager K functions leave no
    penalties behind.
    """

    def handle_activity_regularization(self: Any, inputs: Any, outputs: Any) -> None:
        if self._activity_regularizer and not (engine.evaluating() and tf.executing_eagerly()):
            for output in tf.nest.flatten(outputs):
                self.add_loss(tf.convert_to_tensor(self._activity_regularizer(output)))

    return handle_activity_regularization


def base_of(kind: Any) -> Any:
    """The class that a layer has its ``call`` from."""
    return next(base for base in kind.__mro__ if "call" in vars(base))


def upsampling(original: Callable[..., Any], engine: Any) -> Callable[..., Any]:
    """``UpSampling2D.call`` with the bilinear interpolation of Keras 2.3."""

    @functools.wraps(original)
    def call(self: Any, inputs: Any) -> Any:
        if self.interpolation != "bilinear":
            return original(self, inputs)
        return engine.resize_images(inputs, *self.size, self.data_format, "bilinear")

    return call
