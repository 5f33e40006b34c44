"""Keyword arguments of Keras 1 and what they are called since Keras 2, by the name of what is called today."""

from __future__ import annotations

from k2compat.tables import words

_INITIALIZER = {"init": "kernel_initializer"}
_KERNEL = {
    **_INITIALIZER,
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "bias": "use_bias",
}
_FRAME = {"border_mode": "padding", "dim_ordering": "data_format"}
_CONVOLUTION = {**_KERNEL, **_FRAME, "nb_filter": "filters", "subsample": "strides", "atrous_rate": "dilation_rate"}
_SEPARABLE = {name: new for name, new in _CONVOLUTION.items() if not name.startswith("W_") and name != "init"}
_RECURRENT = {
    **_INITIALIZER,
    "output_dim": "units",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
}
_RATE = {"p": "rate"}
_POOLING_1D = {"pool_length": "pool_size", "stride": "strides", "border_mode": "padding"}
_ORDERING = {"dim_ordering": "data_format"}

# Called -> {its argument in Keras 1: its argument today}.
ARGUMENTS: dict[str, dict[str, str]] = {
    "layers.Dense": {**_KERNEL, "output_dim": "units"},
    **{
        f"layers.{name}": {
            **_KERNEL,
            "nb_filter": "filters",
            "filter_length": "kernel_size",
            "subsample_length": "strides",
            "border_mode": "padding",
            "atrous_rate": "dilation_rate",
        }
        for name in ("Conv1D", "Convolution1D")
    },
    **{
        f"layers.{name}": _CONVOLUTION
        for name in words(
            "Conv2D Convolution2D Conv3D Convolution3D Conv2DTranspose Convolution2DTranspose Conv3DTranspose "
            "Convolution3DTranspose"
        )
    },
    **{f"layers.{name}": _SEPARABLE for name in ("SeparableConv2D", "SeparableConvolution2D")},
    "layers.ConvLSTM2D": {**_CONVOLUTION, **_RECURRENT},
    **{f"layers.{name}": _RECURRENT for name in ("LSTM", "GRU", "SimpleRNN")},
    "layers.Embedding": {
        "init": "embeddings_initializer",
        "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint",
    },
    "layers.BatchNormalization": {"beta_init": "beta_initializer", "gamma_init": "gamma_initializer"},
    **{f"layers.{name}": _RATE for name in ("Dropout", "GaussianDropout", "SpatialDropout1D", "AlphaDropout")},
    **{f"layers.{name}": {**_RATE, **_ORDERING} for name in ("SpatialDropout2D", "SpatialDropout3D")},
    "layers.GaussianNoise": {"sigma": "stddev"},
    "layers.PReLU": {"init": "alpha_initializer"},
    **{f"layers.{name}": _POOLING_1D for name in ("MaxPooling1D", "AveragePooling1D")},
    **{
        f"layers.{name}": _FRAME
        for name in ("MaxPooling2D", "AveragePooling2D", "MaxPooling3D", "AveragePooling3D", "MaxPool2D", "AvgPool2D")
    },
    **{
        f"layers.{name}": _ORDERING
        for name in words(
            "GlobalMaxPooling2D GlobalAveragePooling2D GlobalMaxPooling3D GlobalAveragePooling3D UpSampling2D "
            "UpSampling3D ZeroPadding2D ZeroPadding3D Cropping2D Cropping3D"
        )
    },
    "layers.InputLayer": {"input_shape": "shape", "batch_input_shape": "batch_shape"},
    "layers.UpSampling1D": {"length": "size"},
    **{name: {"input": "inputs", "output": "outputs"} for name in ("Model", "models.Model")},
    **{f"constraints.{name}": {"m": "max_value"} for name in ("max_norm", "MaxNorm")},
    **{f"regularizers.{name}": {"l": name} for name in ("l1", "l2")},
    "utils.to_categorical": {"nb_classes": "num_classes"},
    **{f"preprocessing.image.{name}": _ORDERING for name in ("ImageDataGenerator", "img_to_array", "array_to_img")},
    "callbacks.ReduceLROnPlateau": {"epsilon": "min_delta"},
}

# The layers whose kernel was written as numbers one after the other, and how many.
KERNEL_NUMBERS: dict[str, tuple[str, ...]] = {
    **{
        f"layers.{name}": ("nb_row", "nb_col")
        for name in words(
            "Conv2D Convolution2D Conv2DTranspose Convolution2DTranspose SeparableConv2D "
            "SeparableConvolution2D ConvLSTM2D"
        )
    },
    **{
        f"layers.{name}": ("kernel_dim1", "kernel_dim2", "kernel_dim3")
        for name in ("Conv3D", "Convolution3D", "Conv3DTranspose", "Convolution3DTranspose")
    },
}
# The names that were those of Keras 1, and are other names of the same layers today.
NAMES_OF_KERAS1 = words(
    "Convolution2D Convolution3D Deconvolution2D Deconvolution3D AtrousConvolution2D SeparableConvolution2D"
)
DATA_FORMATS = {"tf": "channels_last", "th": "channels_first"}
# Arguments that Keras 3 does not take, and that changed no number: (called, argument) -> why.
WITHOUT_EFFECT: dict[tuple[str, str], str] = {
    **{
        (f"layers.{name}", "consume_less"): "it chose between computations with one result"
        for name in ("LSTM", "GRU", "SimpleRNN", "ConvLSTM2D")
    },
    ("callbacks.TensorBoard", "batch_size"): "Keras 3 takes what `fit` has",
}
