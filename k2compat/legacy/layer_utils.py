"""``keras.utils.layer_utils``: what is counted, printed and turned around in models."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2compat.legacy.conv_utils import convert_kernel
from k2compat.ops.variables import batch_set_value, get_value

CONVOLUTIONS = {"Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose"}


def count_params(weights: Any) -> int:
    """Return how many numbers are in weights, each counted once."""
    return int(sum(np.prod(tuple(weight.shape)) for weight in {id(weight): weight for weight in weights}.values()))


def print_summary(model: Any, line_length: Any = None, positions: Any = None, print_fn: Any = None) -> None:
    """Print the layers of a model."""
    model.summary(line_length=line_length, positions=positions, print_fn=print_fn)


def convert_all_kernels_in_model(model: Any) -> None:
    """Turn around the kernels of a model's convolutions, from Theano's order to TensorFlow's or back."""
    kernels = [layer.kernel for layer in model.layers if type(layer).__name__ in CONVOLUTIONS]
    batch_set_value([(kernel, convert_kernel(get_value(kernel))) for kernel in kernels])


def convert_dense_weights_data_format(
    dense: Any, previous_feature_map_shape: Any, target_data_format: str = "channels_first"
) -> None:
    """Turn around the kernel of a ``Dense`` behind a ``Flatten``, for feature maps of the other data format."""
    kernel, bias = dense.get_weights()
    if target_data_format == "channels_first":
        channels, rows, columns = previous_feature_map_shape
        maps = kernel.reshape((rows, columns, channels, -1)).transpose((2, 0, 1, 3))
    else:
        rows, columns, channels = previous_feature_map_shape
        maps = kernel.reshape((channels, rows, columns, -1)).transpose((1, 2, 0, 3))
    dense.set_weights([maps.reshape(kernel.shape), bias])
