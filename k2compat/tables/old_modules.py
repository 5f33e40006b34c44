"""The modules of Keras 2 that are gone, and where their names are today."""

from __future__ import annotations

LAYER_FILES = (
    "advanced_activations convolutional convolutional_recurrent core cudnn_recurrent embeddings local merge noise "
    "normalization pooling recurrent wrappers"
)
RECURRENT_FILES = "convolutional_recurrent recurrent"
ENGINE_FILES = "base_layer input_layer network sequential topology training"
UTILITY_FILES = "conv_utils data_utils generic_utils io_utils layer_utils multi_gpu_utils np_utils vis_utils"
# The files of ``k2compat.legacy`` that have what no Keras has of these modules.
_WRITTEN_ANEW = ["conv_utils", "data_utils", "generic_utils", "io_utils", "layer_utils", "multi_gpu_utils", "np_utils"]
_LEGACY = "k2compat.legacy"
# What modules of layers and of the engine had imported for their own use, and programs took from there.
_BEHIND = tuple(f"{_LEGACY}.{file}" for file in ("generic_utils", "conv_utils", "layer_utils"))

# Module of Keras 2 -> where its names are now, in the order they are looked for; below the Keras in use, except for
# those of k2compat.
OLD_MODULES: dict[str, tuple[str, ...]] = {
    "engine": ("layers", "models", "utils", *_BEHIND),
    **{f"engine.{file}": ("layers", "models", "utils", f"{_LEGACY}.saving", *_BEHIND) for file in ENGINE_FILES.split()},
    **{
        f"engine.{file}": ("layers", "models", "utils", f"{_LEGACY}.base_layer", f"{_LEGACY}.saving", *_BEHIND)
        for file in ("base_layer", "topology")
    },
    "engine.saving": ("models", f"{_LEGACY}.saving"),
    "engine.training": ("layers", "models", "utils", f"{_LEGACY}.training_utils", *_BEHIND),
    "engine.training_utils": (f"{_LEGACY}.training_utils",),
    **{f"layers.{file}": ("layers", *_BEHIND) for file in LAYER_FILES.split()},
    **{f"layers.{file}": ("layers", f"{_LEGACY}.recurrent", *_BEHIND) for file in RECURRENT_FILES.split()},
    "datasets.cifar": ("src.datasets.cifar",),
    "legacy": (),
    "legacy.interfaces": (f"{_LEGACY}.interfaces",),
    "legacy.layers": ("layers",),
    "objectives": ("losses",),
    "callbacks.callbacks": ("callbacks",),
    "callbacks.tensorboard_v1": ("callbacks",),
    "callbacks.tensorboard_v2": ("callbacks",),
    **{
        f"utils.{file}": (*((f"{_LEGACY}.{file}",) if file in _WRITTEN_ANEW else ()), "utils", "src.saving")
        for file in UTILITY_FILES.split()
    },
    "utils.test_utils": (f"{_LEGACY}.test_utils",),
    "wrappers": (),
    "wrappers.scikit_learn": (f"{_LEGACY}.scikit_learn",),
}
