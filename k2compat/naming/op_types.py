"""The names of the operations that Keras 2 made on TensorFlow 1: those that the tensors of layers are named after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Activation -> operation; of the linear one there is none.
ACTIVATIONS = {
    "relu": "Relu",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "elu": "Elu",
    "selu": "mul_1",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "hard_sigmoid": "clip_by_value",
    "exponential": "Exp",
    "exp": "Exp",
    "leaky_relu": "LeakyRelu",
}
# Layer -> operations of its sum with the bias, and without a bias.
LINEAR = {
    "Conv1D": ("add", "convolution/Squeeze"),
    "Conv2D": ("BiasAdd", "convolution"),
    "Conv3D": ("add", "convolution"),
    "SeparableConv1D": ("add", "Squeeze"),
    "SeparableConv2D": ("BiasAdd", "separable_conv2d"),
    "DepthwiseConv2D": ("BiasAdd", "depthwise"),
    "Conv2DTranspose": ("BiasAdd", "conv2d_transpose"),
    "Conv3DTranspose": ("add_3", "conv3d_transpose"),
}
# Other layers whose operation is always the same.
FIXED = {
    "BatchNormalization": "cond/Merge",
    "GaussianNoise": "cond/Merge",
    "AlphaDropout": "cond/Merge",
    "SpatialDropout1D": "cond/Merge",
    "SpatialDropout2D": "cond/Merge",
    "SpatialDropout3D": "cond/Merge",
    "LeakyReLU": "LeakyRelu",
    "PReLU": "add",
    "ELU": "Elu",
    "ThresholdedReLU": "mul",
    "ActivityRegularization": "Identity",
    "RepeatVector": "Tile",
    "Permute": "transpose",
    "Reshape": "Reshape",
    "Flatten": "Reshape",
    "Masking": "mul",
    "Embedding": "embedding_lookup/Identity_1",
    "UpSampling1D": "concat",
    "UpSampling3D": "concat_2",
    "Average": "truediv",
    "Subtract": "sub",
    "Concatenate": "concat",
    "LocallyConnected1D": "add",
    "LocallyConnected2D": "add",
}
# Operation -> its type, where that is not its name.
TYPES = {
    "add": "AddV2",
    "sub": "Sub",
    "mul": "Mul",
    "truediv": "RealDiv",
    "pow": "Pow",
    "concat": "ConcatV2",
    "strided_slice": "StridedSlice",
    "transpose": "Transpose",
    "stack": "Pack",
    "clip_by_value": "Maximum",
}
# Merging layer -> the operation it repeats for each further input.
REPEATED = {"Add": "add", "Multiply": "mul", "Maximum": "Maximum", "Minimum": "Minimum"}
# Recurrent cell -> numbers of slices it makes: with ``implementation=2``, 1, and for no bias 2 and 1.
SLICES = {"LSTMCell": (16, 12, 12, 8), "GRUCell": (16, 9, 13, 6), "SimpleRNNCell": (0, 0, 0, 0)}
# Function of K, TensorFlow or Python -> its operation, where it is not the name in capitals.
FUNCTIONS = {
    **{name: name for name in ("add", "sub", "mul", "truediv", "pow", "transpose", "concat", "clip_by_value", "stack")},
    "_add_dispatch": "add",
    "subtract": "sub",
    "multiply": "mul",
    "divide": "truediv",
    "neg": "Neg",
    "negative": "Neg",
    "mod": "mod",
    "truedivide": "truediv",
    "power": "pow",
    "matmul": "MatMul",
    "dot": "MatMul",
    "batch_dot": "MatMul",
    "getitem": "strided_slice",
    "_slice_helper": "strided_slice",
    "std": "Sqrt",
    "var": "Mean",
    "argmax": "ArgMax",
    "argmin": "ArgMin",
    "flatten": "Reshape",
    "batch_flatten": "Reshape",
    "concatenate": "concat",
    "clip": "clip_by_value",
    "hard_sigmoid": "clip_by_value",
    "permute_dimensions": "transpose",
    "repeat": "Tile",
    "gather": "embedding_lookup/Identity",
    "logsumexp": "ReduceLogSumExp/Add",
    "categorical_crossentropy": "Neg",
    "binary_crossentropy": "Neg",
    "in_train_phase": "cond/Merge",
    "in_test_phase": "cond/Merge",
    "switch": "cond/Merge",
    "dropout": "dropout/mul_1",
    "gt": "Greater",
    "lt": "Less",
    "ge": "GreaterEqual",
    "le": "LessEqual",
    "constant": "Const",
    **{name: name for name in ("random_normal", "random_uniform", "zeros_like", "ones_like", "l2_normalize")},
}


def of_function(name: str) -> str:
    """Return the operation of a recorded function: ``mean`` and ``reduce_mean`` make a ``Mean``."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    words = [word for word in name.removeprefix("reduce_").strip("_<>").split("_") if word.isidentifier()]
    return "".join(word[:1].upper() + word[1:] for word in words) or "Identity"


def of_layer(layer: Any, shapes: list[Any], index: int) -> str | None:
    """Return the operation that makes a layer's output.

    Args:
        layer: a layer of Keras.
        shapes: static shapes of its inputs.
        index: which output.

    Returns:
        None for a layer that Keras 2 did not have, or one that does what a script says.
    """
    kind = type(layer).__name__
    rank = len(shapes[0]) if shapes else 2
    if kind in LINEAR:
        return activated(layer, LINEAR[kind][not layer.use_bias], max(rank, 3))
    if kind in FIXED:
        return FIXED[kind]
    if kind in REPEATED:
        return numbered(REPEATED[kind], len(shapes) - 2)
    found = KINDS.get(kind)
    return found(layer, rank, index) if found else None


def numbered(name: str, number: int) -> str:
    """Return the name of the operation made after so many of the same name."""
    return f"{name}_{number}" if number > 0 else name


def activated(layer: Any, linear: str, rank: int) -> str:
    """Return the operation of a layer's activation, or the one before it where that is linear."""
    activation = getattr(layer, "activation", None)
    name = getattr(activation, "__name__", None)
    if activation is None or name == "linear":
        return linear
    if name == "softmax":
        return "Softmax" if rank == 2 else "truediv"
    if name is None:  # a layer
        return f"{activation.name}/{of_layer(activation, [(None,) * rank], 0) or 'Identity'}"
    return ACTIVATIONS.get(name) or of_function(name)


def dense(layer: Any, rank: int, index: int) -> str:
    if layer.use_bias:
        return activated(layer, "add" if rank in (3, 5) else "BiasAdd", rank)
    return activated(layer, "MatMul" if rank == 2 else "Reshape_2", rank)


def slices(cell: Any) -> int:
    """Return the number of slices a cell of a recurrent layer makes; of one of a script's own it is not known."""
    cells = getattr(cell, "cells", None)
    if cells is not None:
        return sum(map(slices, cells))
    counts = SLICES.get(type(cell).__name__)
    if counts is None:
        return 0
    if getattr(cell, "reset_after", False):
        return 20 if cell.implementation == 2 else 14
    return counts[(getattr(cell, "implementation", 2) != 2) + 2 * (not cell.use_bias)]


def recurrent(layer: Any, rank: int, index: int) -> str:
    if index:
        return f"while/Exit_{index + 2}"
    return "transpose_1" if layer.return_sequences else numbered("strided_slice", 2 + slices(layer.cell))


def convolutional_recurrent(layer: Any, rank: int, index: int) -> str:
    if index:
        return f"while/Exit_{index + 2}"
    return "transpose_1" if layer.return_sequences else "strided_slice_14"


def bidirectional(layer: Any, rank: int, index: int) -> str:
    kind = type(layer.forward_layer).__name__
    additions = {"LSTM": 4, "GRU": 8, "SimpleRNN": 2}.get(kind, 0)
    if layer.merge_mode is None:
        return "ReverseV2" if index else recurrent(layer.forward_layer, rank, 0)
    return {"concat": "concat", "ave": "truediv", "mul": "mul_6"}.get(layer.merge_mode) or numbered("add", additions)


def time_distributed(layer: Any, rank: int, index: int) -> str:
    return "Reshape_2" if type(layer.layer).__name__ == "Flatten" else "Reshape_1"


def dropout(layer: Any, rank: int, index: int) -> str:
    return "cond/Merge" if 0 < layer.rate < 1 else "Identity"


def rectified(layer: Any, rank: int, index: int) -> str:
    if layer.negative_slope:
        return "LeakyRelu"
    if layer.threshold:
        return "mul"
    return "Relu6" if layer.max_value == 6 else "clip_by_value" if layer.max_value is not None else "Relu"


def pooling(kernel: str, count: int) -> str:
    """Return the operation of a pooling layer by the number of its axes; pooling one axis squeezes another away."""
    return {1: "Squeeze", 2: kernel}.get(count, f"{kernel}3D")


def enlarged(layer: Any, rank: int, index: int) -> str:
    return "ResizeBilinear" if layer.interpolation == "bilinear" else "ResizeNearestNeighbor"


def contracted(layer: Any, rank: int, index: int) -> str:
    return "Squeeze" if rank == 2 else "MatMul"


KINDS: dict[str, Callable[[Any, int, int], str]] = {
    "Dense": dense,
    "Activation": lambda layer, rank, _: activated(layer, "Identity", rank),
    "Softmax": lambda layer, rank, _: "Softmax" if rank == 2 else "truediv",
    "Dropout": dropout,
    "GaussianDropout": dropout,
    "ReLU": rectified,
    "Dot": contracted,
    "UpSampling2D": enlarged,
    "TimeDistributed": time_distributed,
    "Bidirectional": bidirectional,
    "ConvLSTM2D": convolutional_recurrent,
    **dict.fromkeys(("RNN", "LSTM", "GRU", "SimpleRNN"), recurrent),
}
for count in (1, 2, 3):
    FIXED.update(
        {
            f"MaxPooling{count}D": pooling("MaxPool", count),
            f"AveragePooling{count}D": pooling("AvgPool", count),
            f"GlobalMaxPooling{count}D": "Max",
            f"GlobalAveragePooling{count}D": "Mean",
            f"ZeroPadding{count}D": "Pad",
            f"Cropping{count}D": "strided_slice",
        }
    )
