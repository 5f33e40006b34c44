"""The modules of Keras 2 that are gone, and where their names are today."""

from __future__ import annotations

LAYER_FILES = (
    "advanced_activations convolutional convolutional_recurrent core cudnn_recurrent embeddings local merge noise "
    "normalization pooling recurrent wrappers"
)
ENGINE_FILES = "base_layer input_layer network sequential topology training"
UTILITY_FILES = "data_utils generic_utils io_utils layer_utils np_utils vis_utils"

# Module of Keras 2 -> where its names are now, in the order they are looked for; all below the Keras in use.
OLD_MODULES: dict[str, tuple[str, ...]] = {
    "engine": ("layers", "models"),
    **{f"engine.{file}": ("layers", "models") for file in ENGINE_FILES.split()},
    **{f"layers.{file}": ("layers",) for file in LAYER_FILES.split()},
    "objectives": ("losses",),
    **{f"utils.{file}": ("utils", "src.saving") for file in UTILITY_FILES.split()},
}
