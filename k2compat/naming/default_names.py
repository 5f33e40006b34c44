"""How Keras 2 named what a program gave no name."""

from __future__ import annotations

import re

# Why weights have their layers' names.
WEIGHT_NAMES = (
    "weight.name was dense_1/kernel:0 (bidirectional_1/forward_lstm_1/kernel:0, time_distributed_1/kernel:0), each "
    "name once, which dicts of weights and filters by a layer's name rely on; {now}. weight.op.name is that without "
    "the number. Keras itself goes on with its own names."
)
# Why tensors are named after the operation that made them.
TENSOR_NAMES = (
    "tensor.name was dense_1/BiasAdd:0, the layer and the operation that made it, each name once (dense_1_1/BiasAdd:0 "
    "of the second call), and input_1:0 of an input; {now}. tensor.op.name and tensor.op.type are there, and "
    "model.input_names. Keras itself goes on with its own names."
)
# Why layers are numbered from 1.
NUMBERING = (
    "Layers, models and metrics without a name were numbered from 1 (dense_1, input_1, model_1, auc_1), which "
    "get_layer, dicts of losses, keys of histories and weights loaded by name rely on; now the first has no number, "
    "which it had not in tensorflow.keras of TensorFlow 1 either: where code imports Keras from TensorFlow and not by "
    "its own name, the first is dense, and a functional model is model."
)


def snake_case(kind: str) -> str:
    """Return the name of a class as names of layers begin with it."""
    words = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", kind)
    name = re.sub("([a-z])([A-Z])", r"\1_\2", words).lower()
    return f"private{name}" if name.startswith("_") else name
