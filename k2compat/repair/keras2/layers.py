"""Repairs of Keras 2's layers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.base import SourceCall
from k2compat.adapters.keras2.adapter import ADAPTER
from k2compat.adapters.keras2.internals import Layer, inner, keras
from k2compat.adapters.keras2.nodes import RecordedTensor, is_plain, takes_training
from k2compat.adapters.keras2.weights import being_called
from k2compat.graph.context import evaluating, held, hold
from k2compat.graph.symbols import LIVE, Variable
from k2compat.naming import scopes
from k2compat.repair.shared import activity_regularizer, batch_normalization
from k2compat.repair.shared.added_updates import Kinds
from k2compat.repair.shared.channels_first import turned
from k2compat.repair.shared.initializers import reuse_repair
from k2compat.repair.shared.layer_protocol import adding_updates, layer_updates
from k2compat.repair.shared.layers import (
    bilinear,
    called,
    follows_phase,
    phased,
    pinned,
    symbol_of,
    taking_symbols,
    upsampling,
)
from k2compat.repair.shared.stacked import flattened, is_nested, packed, stacked_repair
from k2compat.repair.shared.states import all_updates, updates_for, updates_of_stateful
from k2compat.repair.shared.weight_lists import WeightList
from k2compat.repair.table import Repair, with_default

Conv: Any = inner("layers.convolutional.base_conv").Conv
BatchNormalization: Any = inner("layers.normalization.batch_normalization").BatchNormalizationBase
InputLayer: Any = keras.layers.InputLayer
RANDOM = ("RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Orthogonal")
keras_tf: Any = inner("engine.base_layer").tf  # the TensorFlow that Keras itself calls


def repairs() -> list[Repair]:
    """Repairs of ``Layer``."""
    return [
        *attribute_repairs(),
        *call_repairs(),
        *computing_repairs(),
        reuse_repair((getattr(keras.initializers, name) for name in RANDOM), advance),
    ]


def advance(initializer: Any) -> None:
    """Let an initializer give other numbers from now on."""
    numbers = initializer._random_generator
    if isinstance(numbers._seed, int):
        numbers._seed += 1
    initializer._used = False  # of which Keras would warn


def attribute_repairs() -> list[Repair]:
    """Repairs of what can be read off a layer, or set."""
    kinds = Kinds(
        model=keras.Model,
        normalization=BatchNormalization,
        recurrent=keras.layers.RNN,
        distributed=keras.layers.TimeDistributed,
        wrapper=keras.layers.Wrapper,
        value=held,
        inputs=lambda node: tf.nest.flatten(node.input_tensors),
        outputs=lambda node: tf.nest.flatten(node.outputs),
    )

    return [
        Repair(
            "layer_updates",
            "model.updates and layer.updates were the averages of batch normalization, the states of layers and what "
            "layers of a program's own add, to be passed to K.function(..., updates=...); in TensorFlow 2 they are "
            "empty.",
            [
                (Layer, "updates", property(lambda self: all_updates(self, kinds))),
                (Layer, "get_updates_for", lambda self, inputs: updates_for(self, inputs, kinds)),
                (keras.Model, "state_updates", property(lambda self: updates_of_stateful(self, kinds))),
            ],
        ),
        Repair(
            "uses_learning_phase",
            "Old code asks model.uses_learning_phase whether K.learning_phase() has to be among the inputs.",
            [(Layer, "uses_learning_phase", phased(is_plain, takes_training))],
        ),
        Repair(
            "layer_weights",
            "A K.variable kept as attribute of a layer is a weight of it, and layers written for Keras 1 and 2 set "
            "their trainable_weights and _trainable_weights, or add to these lists.",
            [
                (Layer, "__setattr__", tracking(Layer.__setattr__)),
                *((Layer, name, all_weights(getattr(Layer, name), f"_{name}")) for name in KINDS_OF_WEIGHTS),
                *((Layer, f"_{name}", own_weights(f"_{name}")) for name in KINDS_OF_WEIGHTS),
            ],
        ),
    ]


def tracking(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer.__setattr__`` that makes weights of K.variables, as it does of TensorFlow's own."""

    def __setattr__(self: Any, name: str, value: Any) -> None:
        original(self, name, value)
        if isinstance(value, Variable) and "_trainable_weights" in vars(self):
            track("_trainable_weights", self, value.holder)

    return __setattr__


KINDS_OF_WEIGHTS = ("trainable_weights", "non_trainable_weights")


def all_weights(found: property, own: str) -> property:
    """The weights of a layer and of those in it; a script's own layer can set them, and add to them."""
    read: Any = found.fget

    def assign(self: Any, weights: Any) -> None:
        setattr(self, own, weights)

    def get(self: Any) -> Any:
        weights = read(self)
        if is_plain(self) or isinstance(self, keras.Model):
            return weights
        return WeightList(weights, lambda new: assign(self, new))

    return property(get, assign)


def own_weights(name: str) -> property:
    """The weights of a layer itself, in a list that takes K.variables."""

    def get(self: Any) -> Any:
        try:
            return vars(self)[name]
        except KeyError:
            raise AttributeError(name) from None

    def assign(self: Any, weights: Any) -> None:
        vars(self)[name] = WeightList(weights)

    return property(get, assign)


def track(kind: str, layer: Any, variable: Any) -> None:
    """Put a variable among a layer's weights of a kind."""
    own = getattr(layer, kind)
    if all(variable is not known for known in (*layer.trainable_weights, *layer.non_trainable_weights)):
        own.append(variable)


def call_repairs() -> list[Repair]:
    """Repairs of what layers take and how they run."""
    first = [(kind, "__call__", with_symbols(kind.__call__)) for kind in stateful_kinds()]
    add_update: Callable[..., Any] = Layer.add_update

    def update(self: Any, updates: Any, inputs: Any = None) -> None:
        if layer_updates.are_taken:
            take_updates(self, updates, inputs)
        elif not evaluating():
            add_update(self, updates)

    take_updates = adding_updates(lambda self, call: None if evaluating() else add_update(self, call))
    assign: Callable[..., Any] = keras_tf.compat.v1.assign

    def assign_state(ref: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        return hold(ref, value) if evaluating() else assign(ref, value, *args, **kwargs)

    return [
        Repair(
            "layer_state",
            "Layers move their averages whenever they run in the training phase, their states whenever they run; in K "
            "functions only updates change state. Always applied.",
            [(Layer, "add_update", update), (keras_tf.compat.v1, "assign", assign_state)],
            needed=True,
        ),
        Repair(
            "layer_call",
            "Layers take K.variables and expressions of them as inputs; a call that gives a list of one tensor gives "
            "the tensor; and a layer built after K.set_learning_phase keeps that phase whatever the model around it "
            "runs in.",
            [(Layer, "__call__", called(Layer.__call__, ADAPTER, being_called, takes_training)), *first],
            elsewhere=pinned(
                lambda layer: is_pinned_by_repair(layer) and follows_phase(layer, is_plain, takes_training)
            ),
        ),
        Repair(
            "input_tensor",
            "Input(tensor=...) makes an input that needs no feed; Keras refuses tensors of other kinds than its own, "
            "and makes the given one forget how it is computed.",
            [(InputLayer, "__init__", with_tensor(InputLayer.__init__))],
        ),
    ]


def is_pinned_by_repair(layer: Any) -> bool:
    """Return whether a layer's phase was not given with its calls; Keras keeps to one that was."""
    return not any("training" in node.call_kwargs for node in layer._inbound_nodes)


def stateful_kinds() -> list[Any]:
    """Return the classes of layers whose ``__call__`` looks at initial states before ``Layer``'s does."""
    layers = keras.layers
    return [kind for kind in (layers.RNN, layers.Bidirectional, layers.ConvLSTM2D) if "__call__" in vars(kind)]


def with_symbols(original: Callable[..., Any]) -> Callable[..., Any]:
    """``__call__`` of a recurrent layer that takes our own symbolic tensors as states."""

    @functools.wraps(original)
    def __call__(self: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = taking_symbols((inputs, *args), kwargs, ADAPTER)
        return original(self, *args, **kwargs)

    return __call__


def with_tensor(original: Callable[..., Any]) -> Callable[..., Any]:
    """``InputLayer.__init__`` with a tensor that has its value from a symbolic one."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, input_tensor: Any = None, **kwargs: Any) -> None:
        if isinstance(input_tensor, tf.Tensor) and tf.executing_eagerly():
            input_tensor = symbol_of(input_tensor)
        made = getattr(input_tensor, "_keras_history", None) is not None or isinstance(input_tensor, RecordedTensor)
        if not (made or isinstance(input_tensor, LIVE)):
            original(self, *args, input_tensor=input_tensor, **kwargs)
            vars(self)[attributes.NAME] = scopes.input_name(self)
            return
        for unwanted in ("input_shape", "batch_size", "batch_input_shape", "dtype"):
            kwargs.pop(unwanted, None)
        shape = tuple(input_tensor.shape.as_list())
        original(self, *args, batch_input_shape=shape, dtype=input_tensor.dtype.name, **kwargs)
        tensor = self._inbound_nodes[0].outputs
        setattr(tensor, attributes.SOURCE, SourceCall(input_tensor, tensor))

    return __init__


def repeating(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Bidirectional.__init__`` that leaves masked steps to the layers inside, as they were made."""

    @functools.wraps(original)
    def __init__(self: Any, layer: Any, *args: Any, **kwargs: Any) -> None:
        original(self, layer, *args, **kwargs)
        for one in (self.forward_layer, self.backward_layer):
            if getattr(one, "zero_output_for_mask", None) is not None:
                one.zero_output_for_mask = bool(getattr(layer, "zero_output_for_mask", False))

    return __init__


def computing_repairs() -> list[Repair]:
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
            "masked_bidirectional",
            "Bidirectional(LSTM(return_sequences=True)) repeats its last output at masked steps; in TensorFlow 2 it "
            "gives zeros there.",
            [(layers.Bidirectional, "__init__", repeating(layers.Bidirectional.__init__))],
        ),
        Repair(
            "bilinear_upsampling",
            'UpSampling2D(interpolation="bilinear") mapped corners; in TensorFlow 2 it maps the centres of pixels.',
            [(layers.UpSampling2D, "call", upsampling(layers.UpSampling2D.call))],
            elsewhere=bilinear(layers.UpSampling2D),
        ),
        batch_normalization.repair(BatchNormalization),
        stacked_repair(
            [
                (layers.RNN, "__call__", stacking(layers.RNN.__call__)),
                (layers.RNN, "call", flattened(layers.RNN.call)),
            ]
        ),
        activity_regularizer.repair([(Layer, "_handle_activity_regularization", penalizing())]),
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


def stacking(original: Callable[..., Any]) -> Callable[..., Any]:
    """``RNN.__call__`` that takes the states of several cells in a flat list."""

    @functools.wraps(original)
    def __call__(self: Any, inputs: Any, initial_state: Any = None, constants: Any = None, **kwargs: Any) -> Any:
        if is_nested(self):
            if isinstance(inputs, list) and len(inputs) > 1 and initial_state is None and constants is None:
                inputs, *rest = inputs
                known = len(rest) - (self._num_constants or 0)
                initial_state, constants = rest[:known] or None, rest[known:] or None
            initial_state = packed(self, initial_state)
        return original(self, inputs, initial_state=initial_state, constants=constants, **kwargs)

    return __call__


def penalizing() -> Callable[..., None]:
    """``Layer._handle_activity_regularization`` without the division by the batch size; eager K functions leave no
    penalties behind.
    """

    def handle_activity_regularization(self: Any, inputs: Any, outputs: Any) -> None:
        if self._activity_regularizer and not (evaluating() and tf.executing_eagerly()):
            for output in tf.nest.flatten(outputs):
                self.add_loss(tf.convert_to_tensor(self._activity_regularizer(output)))

    return handle_activity_regularization


def base_of(kind: Any) -> Any:
    """Return the class that a layer has its ``call`` from."""
    return next(base for base in kind.__mro__ if "call" in vars(base))
