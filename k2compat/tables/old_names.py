"""Names that Keras 2 had under ``keras`` and Keras 3 has under another name, or in ``tensorflow.keras`` alone.

The import of k2compat brings them back, for the imports below it.
"""

from __future__ import annotations

from k2compat.tables.old_modules import OLD_MODULES

TENSORFLOW = "tensorflow.keras"
_OPTIMIZERS = "SGD RMSprop Adagrad Adadelta Adam Adamax Nadam"
# Module -> {name in Keras 2: name in Keras 3}.
ALIASES = {
    "constraints": {"maxnorm": "max_norm", "minmaxnorm": "min_max_norm", "nonneg": "non_neg", "unitnorm": "unit_norm"},
    "initializers": {"normal": "RandomNormal", "uniform": "RandomUniform", "zero": "Zeros", "one": "Ones"},
    "optimizers": {name.lower(): name for name in _OPTIMIZERS.split()},
    "regularizers": {"l1l2": "l1_l2", "activity_l1": "l1", "activity_l2": "l2", "activity_l1l2": "l1_l2"},  # of Keras 1
}
# Module -> {what no Keras has there: the file of k2compat.legacy that has it}.
ADDED = {
    "initializers": {"_compute_fans": "base_layer"},
    "metrics": dict.fromkeys(("accuracy", "clone_metric", "clone_metrics"), "metrics"),
    "optimizers": {"clip_norm": "base_layer"},
    "utils": {
        "HDF5Matrix": "io_utils",
        "GeneratorEnqueuer": "data_utils",
        "OrderedEnqueuer": "data_utils",
        "SequenceEnqueuer": "data_utils",
        "convert_all_kernels_in_model": "layer_utils",
        "multi_gpu_model": "multi_gpu_utils",
        "print_summary": "layer_utils",
    },
    **dict.fromkeys(("datasets.imdb", "datasets.reuters", "preprocessing.sequence"), {"_remove_long_seq": "sequence"}),
    "preprocessing.image": dict.fromkeys(
        ("apply_transform", "flip_axis", "list_pictures", "transform_matrix_offset_center"), "image"
    ),
}
# The layers of Keras 2 that no Keras has now.
_CONVOLUTIONS = [f"{name}{rank}D" for name in ("AtrousConv", "AtrousConvolution") for rank in (1, 2)]
REMOVED_LAYERS = (
    *("Recurrent", "CuDNNLSTM", "CuDNNGRU", "LocallyConnected1D", "LocallyConnected2D", "Merge"),
    *("MaxoutDense", "Highway"),
    *_CONVOLUTIONS,
    *(f"{name}{rank}D" for name in ("Deconv", "Deconvolution") for rank in (2, 3)),
)
# What the modules of layers had imported for their own use, and scripts took from there.
THROUGH_LAYERS = ("activations", "constraints", "initializers", "regularizers")
_LOSSES = "KLD MAE MAPE MSE MSLE kld kullback_leibler_divergence logcosh mae mape mse msle"
# Module -> what only ``tensorflow.keras`` has of it.
KEPT_BY_TENSORFLOW = {
    "layers": "RandomHeight RandomWidth ThresholdedReLU",
    "losses": "Reduction " + _LOSSES,
    "metrics": _LOSSES,
    "preprocessing": "text",
    "preprocessing.image": "DirectoryIterator ImageDataGenerator Iterator NumpyArrayIterator apply_affine_transform "
    "apply_brightness_shift apply_channel_shift random_brightness random_channel_shift random_rotation random_shear "
    "random_shift random_zoom",
    "preprocessing.sequence": "TimeseriesGenerator make_sampling_table skipgrams",
}
# What ``tensorflow.keras.losses`` and ``tensorflow.keras.metrics`` have under its short name alone.
LEFT_OUT_BY_TENSORFLOW = (
    "kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error mean_squared_error "
    "mean_squared_logarithmic_error"
)
_GONE = frozenset(
    [
        *(
            f"tensorflow.keras.{kind}.{name}"
            for kind in ("losses", "metrics")
            for name in LEFT_OUT_BY_TENSORFLOW.split()
        ),
        *(f"keras.{module}.{name}" for module, names in ALIASES.items() for name in names),
        *(f"keras.{module}.{name}" for module, names in KEPT_BY_TENSORFLOW.items() for name in names.split()),
        *(f"keras.{module}.{name}" for module, names in ADDED.items() for name in names),
        *(f"keras.layers.{name}" for name in (*THROUGH_LAYERS, *REMOVED_LAYERS, "_Conv", "_Merge")),
        "keras.models.model_from_config",
        *(f"keras.models.{name}" for name in ("Input", "InputLayer")),
        *(f"keras.{module}" for module in OLD_MODULES),
    ]
)


def is_gone(dotted: str) -> bool:
    """Return whether a module or name of ``keras`` or ``tensorflow.keras`` is not in Keras 3, but there once k2compat
    is imported.
    """
    if dotted.startswith(f"{TENSORFLOW}.") and is_gone_from_tensorflow(dotted):
        return True
    parts = dotted.removeprefix("tf_").split(".")
    if parts[0] != dotted.partition(".")[0]:  # tf_keras, which lacks the modules alone
        return any(".".join(parts[1:number]) in OLD_MODULES for number in range(2, len(parts) + 1))
    return any(".".join(parts[:number]) in _GONE for number in range(2, len(parts) + 1))


def is_gone_from_tensorflow(dotted: str) -> bool:
    """Return the same for a name below ``tensorflow.keras`` that is gone from there as from ``keras``."""
    name = dotted.removeprefix(f"{TENSORFLOW}.")
    module, _, last = name.rpartition(".")
    return (
        last in ADDED.get(module, ())
        or (module == "layers" and last in REMOVED_LAYERS)
        or any(f"{name}.".startswith(f"{old}.") for old in OLD_MODULES)
    )
