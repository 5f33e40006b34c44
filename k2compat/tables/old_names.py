"""Names that Keras 2 had under ``keras`` and Keras 3 has under another name, or in ``tensorflow.keras`` alone.

The import of k2compat brings them back, for the imports below it.
"""

from __future__ import annotations

from k2compat.tables.old_modules import OLD_MODULES

_OPTIMIZERS = "SGD RMSprop Adagrad Adadelta Adam Adamax Nadam"
# Module -> {name in Keras 2: name in Keras 3}.
ALIASES = {
    "constraints": {"maxnorm": "max_norm", "minmaxnorm": "min_max_norm", "nonneg": "non_neg", "unitnorm": "unit_norm"},
    "initializers": {"normal": "RandomNormal", "uniform": "RandomUniform", "zero": "Zeros", "one": "Ones"},
    "optimizers": {name.lower(): name for name in _OPTIMIZERS.split()},
}
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
        *(f"keras.layers.{name}" for name in (*THROUGH_LAYERS, "_Merge")),
        *(f"keras.models.{name}" for name in ("Input", "InputLayer")),
        *(f"keras.{module}" for module in OLD_MODULES),
    ]
)


def is_gone(dotted: str) -> bool:
    """Whether a module or name of ``keras`` or ``tensorflow.keras`` is not in Keras 3, but there once k2compat is
    imported.
    """
    parts = dotted.split(".")
    return any(".".join(parts[:number]) in _GONE for number in range(2, len(parts) + 1))
