"""Where the public names of Keras 1 and 2 are in Keras 3, and what to write for those that are nowhere.

Dotted names are without the package: ``layers.Dense`` is ``keras.layers.Dense`` or ``tensorflow.keras.layers.Dense``.
"""

from __future__ import annotations

from k2compat.tables import words
from k2compat.tables.imported_names import IMPORTED, PLACES
from k2compat.tables.old_modules import LAYER_FILES
from k2compat.tables.old_names import THROUGH_LAYERS

# The Keras packages: the one of its own, and the one below TensorFlow, which kept more names.
KERAS, TENSORFLOW = "keras", "tensorflow.keras"

_LAYER_MODULES = [f"layers.{file}" for file in [*LAYER_FILES.split(), "convolutional_recurrent", "core"]]
_OPTIMIZERS = ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam")
_UTILITIES = (
    "data_utils generic_utils io_utils layer_utils np_utils vis_utils visualize_util training_utils multi_gpu_utils"
)
_ENGINE = "base_layer input_layer network sequential topology training training_v1 saving functional"

# Module that is gone -> the one that has most of its names.
MODULES: dict[str, str] = {
    **dict.fromkeys(_LAYER_MODULES, "layers"),
    "layers.convolutional_transpose": "layers",
    "engine": "layers",
    **{f"engine.{file}": "layers" for file in _ENGINE.split()},
    "legacy.layers": "layers",
    **{f"utils.{file}": "utils" for file in _UTILITIES.split()},
    **{f"layers.{name}": name for name in THROUGH_LAYERS},
    "objectives": "losses",
    "initializations": "initializers",
    "optimizer_v2": "optimizers",
    "layers.normalization.batch_normalization": "layers",
    "layers.normalization.layer_normalization": "layers",
    **{f"optimizers.optimizer_v2.{name}": "optimizers" for name in ("adam", "gradient_descent", "rmsprop")},
    **{f"optimizer_v2.{name}": "optimizers" for name in ("adam", "gradient_descent", "rmsprop")},
    "preprocessing.text": "preprocessing.text",
}

# The public modules of Keras 3, without "src" and what is generated around it; the last only below TensorFlow.
HOMES = frozenset(
    words(
        "activations applications applications.convnext applications.densenet applications.efficientnet "
        "applications.efficientnet_v2 applications.imagenet_utils applications.inception_resnet_v2 "
        "applications.inception_v3 applications.mobilenet applications.mobilenet_v2 applications.mobilenet_v3 "
        "applications.nasnet applications.resnet applications.resnet50 applications.resnet_v2 applications.vgg16 "
        "applications.vgg19 applications.xception backend callbacks config constraints datasets "
        "datasets.boston_housing datasets.california_housing datasets.cifar10 datasets.cifar100 "
        "datasets.fashion_mnist datasets.imdb datasets.mnist datasets.reuters distillation distribution "
        "dtype_policies export initializers layers legacy legacy.saving losses metrics mixed_precision models ops "
        "ops.image ops.linalg ops.nn ops.numpy optimizers optimizers.legacy optimizers.schedules preprocessing "
        "preprocessing.image preprocessing.sequence quantizers random regularizers saving tree utils "
        "utils.bounding_boxes utils.legacy visualization wrappers preprocessing.text"
    )
)
# What begins the names of private modules that Keras 3 has.
INNER = ("src", "api", "_tf_keras")

# A name as it would be in the module above -> where it is.
NAMES: dict[str, str] = {
    # What modules of utilities had imported for their own use.
    **{
        f"utils.{name}": PLACES[name]
        for module, names in IMPORTED.items()
        if module.startswith("utils.")
        for name in names
        if PLACES[name].startswith(("layers.", "models."))
    },
    **{f"layers.{name}": f"models.{name}" for name in ("Model", "Sequential")},
    "layers.Network": "models.Model",
    "layers.Container": "models.Model",
    **{f"layers.{name}": f"utils.{name}" for name in ("GeneratorEnqueuer", "OrderedEnqueuer", "Progbar", "Sequence")},
    "layers.get_source_inputs": "utils.get_source_inputs",
    "layers.count_params": "utils.count_params",
    **{f"layers.{name}": f"models.{name}" for name in ("load_model", "save_model", "model_from_json")},
    **{f"models.{name}": f"layers.{name}" for name in ("Input", "InputLayer")},
    "layers.AtrousConv1D": "layers.Conv1D",
    "layers.AtrousConv2D": "layers.Conv2D",
    "layers.AtrousConvolution1D": "layers.Conv1D",
    "layers.AtrousConvolution2D": "layers.Conv2D",
    "layers.Deconv2D": "layers.Conv2DTranspose",
    "layers.Deconv3D": "layers.Conv3DTranspose",
    "layers.Deconvolution2D": "layers.Conv2DTranspose",
    "layers.Deconvolution3D": "layers.Conv3DTranspose",
    "utils.plot": "utils.plot_model",
    "regularizers.l1l2": "regularizers.l1_l2",
    **{f"regularizers.activity_{name}": f"regularizers.{name}" for name in ("l1", "l2")},
    "regularizers.activity_l1l2": "regularizers.l1_l2",
    "constraints.maxnorm": "constraints.max_norm",
    "constraints.nonneg": "constraints.non_neg",
    "constraints.unitnorm": "constraints.unit_norm",
    "constraints.minmaxnorm": "constraints.min_max_norm",
    "initializers.normal": "initializers.RandomNormal",
    "initializers.uniform": "initializers.RandomUniform",
    "initializers.zero": "initializers.Zeros",
    "initializers.one": "initializers.Ones",
    **{f"optimizers.{name.lower()}": f"optimizers.{name}" for name in _OPTIMIZERS},
    "losses.huber_loss": "losses.huber",
}
_ERRORS = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
}
_ERRORS_OF_KERAS = {
    **_ERRORS,
    **{short.upper(): name for short, name in _ERRORS.items()},
    "kld": "kl_divergence",
    "KLD": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
}
# Functions of losses have their long names in the one Keras; those of mean errors their short ones in the other.
_OF_ONE: dict[str, dict[str, str]] = {
    KERAS: {
        f"{module}.{short}": f"{module}.{name}"
        for module in ("losses", "metrics")
        for short, name in _ERRORS_OF_KERAS.items()
    },
    TENSORFLOW: {
        f"{module}.{name}": f"{module}.{short}" for module in ("losses", "metrics") for short, name in _ERRORS.items()
    },
}
# What only the Keras below TensorFlow has: whole modules, and names.
ONLY_TENSORFLOW = frozenset(
    ["preprocessing.text", "layers.ThresholdedReLU"]
    + [
        f"preprocessing.image.{name}"
        for name in words(
            "ImageDataGenerator Iterator DirectoryIterator NumpyArrayIterator apply_affine_transform "
            "apply_brightness_shift apply_channel_shift random_brightness random_channel_shift random_rotation "
            "random_shear random_shift random_zoom"
        )
    ]
    + [f"preprocessing.sequence.{name}" for name in ("TimeseriesGenerator", "make_sampling_table", "skipgrams")]
)

_CELLS = "write it with `keras.layers.RNN(cell)`, or as a layer of your own."
_OWN_LAYER = "write it as a layer of your own: a subclass of `keras.layers.Layer`."
_SKLEARN = "use the package scikeras, or `SKLearnClassifier` and `SKLearnRegressor` of `keras.wrappers`."
# What Keras 3 has nowhere -> what to do.
GONE: dict[str, str] = {
    "layers.Merge": "build the model with the functional API, with `keras.layers.concatenate`, `add`, `dot`...",
    "layers.Highway": _OWN_LAYER,
    "layers.MaxoutDense": _OWN_LAYER,
    "layers.LocallyConnected1D": _OWN_LAYER,
    "layers.LocallyConnected2D": _OWN_LAYER,
    "layers.TimeDistributedDense": "write `TimeDistributed(Dense(units))`.",
    "layers.Recurrent": _CELLS,
    "layers.ConvRecurrent2D": _CELLS,
    "layers.ConvLSTM2DCell": _CELLS,
    "layers.CuDNNLSTM": "write `LSTM(units)`, which takes the cuDNN kernel where it can; old weights have two biases.",
    "layers.CuDNNGRU": "write `GRU(units)` with `reset_after=True`, which takes the cuDNN kernel where it can.",
    "layers.Node": "`keras.src.ops.node.Node` is private to Keras; read `layer.input` and `layer.output` instead.",
    "legacy.interfaces": "take its decorators out: the arguments have the names of today.",
    "utils.multi_gpu_model": "build and compile the model in `with tf.distribute.MirroredStrategy().scope():`.",
    "utils.HDF5Matrix": "read the file with h5py, or through a subclass of `keras.utils.Sequence`.",
    "utils.print_summary": "call `model.summary()`.",
    "utils.count_params": "call `model.count_params()` or `layer.count_params()`.",
    "utils.convert_all_kernels_in_model": "kernels of Theano are to be turned around by hand.",
    "utils.convert_kernel": "kernels of Theano are to be turned around by hand.",
    "utils.conv_utils": "its functions are private to Keras; write those that are needed.",
    "utils.GeneratorEnqueuer": "pass the generator to `fit`, or write a `keras.utils.Sequence`.",
    "utils.OrderedEnqueuer": "pass the sequence to `fit` or `predict`.",
    "utils.SequenceEnqueuer": "pass the sequence to `fit` or `predict`.",
    "models.model_from_yaml": "save the architecture with `model.to_json()`, and read it by `model_from_json`.",
    "models.model_from_config": "use `keras.Model.from_config` or `keras.Sequential.from_config`.",
    "models.Graph": "build the model with the functional API.",
    "regularizers.WeightRegularizer": "write `keras.regularizers.l1_l2(l1, l2)`.",
    "regularizers.ActivityRegularizer": "write `keras.regularizers.l1_l2(l1, l2)`.",
    "layers.AutoEncoder": "build the model with the functional API.",
    "callbacks.BaseLogger": "Keras averages the metrics itself.",
    "losses.cosine_proximity": "`keras.losses.cosine_similarity`; the sign was the other one before Keras 2.3.",
    "losses.cosine": "`keras.losses.cosine_similarity`; the sign was the other one before Keras 2.3.",
    "metrics.cosine_proximity": "use `keras.metrics.CosineSimilarity()`.",
    "optimizers.TFOptimizer": "use an optimizer of `keras.optimizers`.",
    "wrappers.scikit_learn": _SKLEARN,
    "wrappers.scikit_learn.KerasClassifier": _SKLEARN,
    "wrappers.scikit_learn.KerasRegressor": _SKLEARN,
    "layers.experimental": "preprocessing layers are in `keras.layers` itself.",
    "applications.mobilenet.relu6": "use `keras.layers.ReLU(6.)`, or `keras.ops.relu6`.",
    "applications.mobilenet.DepthwiseConv2D": "use `keras.layers.DepthwiseConv2D`.",
}
_PRIVATE = "it was private to Keras; write it out, or do without it."
_LAYER_FUNCTIONS = words("add average concatenate deserialize dot maximum merge minimum multiply serialize subtract")
_PRIVATE_UTILITIES = words(
    "H5Dict ask_to_proceed_with_overwrite check_for_unexpected_keys conv_output_length func_dump func_load getargspec "
    "has_arg is_all_none normalize_tuple object_list_uid slice_arrays to_list transpose_shape unpack_singleton "
    "validate_file"
)
# Names that only k2compat has, and only where they were in Keras 2.
_AT_OLD_ADDRESS = frozenset(
    words(
        "engine.saving.HDF5_OBJECT_HEADER_LIMIT engine.topology.HDF5_OBJECT_HEADER_LIMIT "
        "utils.layer_utils.convert_dense_weights_data_format utils.np_utils.categorical_probas_to_classes "
        "utils.np_utils.probas_to_classes"
    )
)

# What ``from keras.layers import *`` brings of which the rules ask, by the module of today.
STARRED: dict[str, tuple[str, ...]] = {
    "layers": words(
        "Activation ActivityRegularization Add AlphaDropout AtrousConv1D AtrousConv2D AtrousConvolution1D "
        "AtrousConvolution2D Average AveragePooling1D AveragePooling2D AveragePooling3D BatchNormalization "
        "Bidirectional Concatenate Conv1D Conv2D Conv2DTranspose Conv3D ConvLSTM2D Convolution1D Convolution2D "
        "Convolution3D Cropping2D CuDNNGRU CuDNNLSTM Deconv2D Deconvolution2D Dense DepthwiseConv2D Dot Dropout "
        "ELU Embedding Flatten GRU GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D "
        "GlobalMaxPooling1D GlobalMaxPooling2D Highway Input InputLayer LSTM Lambda Layer LeakyReLU "
        "LocallyConnected1D LocallyConnected2D Masking MaxPooling1D MaxPooling2D MaxPooling3D MaxoutDense Maximum "
        "Merge Minimum Multiply PReLU Permute ReLU RepeatVector Reshape SeparableConv2D SeparableConvolution2D "
        "SimpleRNN Softmax SpatialDropout1D SpatialDropout2D Subtract ThresholdedReLU TimeDistributed "
        "TimeDistributedDense UpSampling1D UpSampling2D ZeroPadding1D ZeroPadding2D ZeroPadding3D add average "
        "concatenate dot maximum merge multiply subtract"
    ),
    "models": ("Model", "Sequential", "load_model", "model_from_json", "clone_model"),
    "optimizers": tuple(name for kind in _OPTIMIZERS for name in (kind, kind.lower())),
    "callbacks": words("Callback EarlyStopping LearningRateScheduler ModelCheckpoint ReduceLROnPlateau TensorBoard"),
    "utils": words(
        "CustomObjectScope Progbar Sequence custom_object_scope deserialize_keras_object get_custom_objects get_file "
        "get_source_inputs model_to_dot normalize plot_model serialize_keras_object to_categorical"
    ),
    "": ("Model", "Sequential", "Input"),
}


def starred(module: str, name: str) -> bool:
    """Return whether ``from module import *`` of a Keras, without the package, brings a name."""
    return name in STARRED.get(today(module)[1], ())


def today(name: str, package: str = KERAS) -> tuple[str, str]:
    """Return where a name or module of an older Keras is.

    Args:
        name: without the package, as ``layers.core.Dense``.
        package: by which of the two packages it is reached.

    Returns:
        package and name; the same ones for what has not moved, or is gone.
    """
    module = next((old for old in _longest_first(name) if old in MODULES), None)
    if module is not None:
        name = f"{MODULES[module]}{name[len(module) :]}"
    name = _public(name)
    name = NAMES.get(name, name)
    name = _OF_ONE[package].get(name, name)
    if any(part in ONLY_TENSORFLOW for part in _longest_first(name)):
        package = TENSORFLOW
    return package, name


def _public(name: str) -> str:
    """Return a public name without the file that it was in: ``layers.Dense`` for ``layers.core.dense.Dense``."""
    home, _, rest = name.partition(".")
    parts = rest.split(".")
    known = next((number for number, part in enumerate(parts) if part in STARRED.get(home, ())), 0)
    files = parts[:known]
    if not files or not all(file.islower() for file in files) or f"{home}.{files[0]}" in HOMES:
        return name
    return ".".join([home, *parts[known:]])


def is_home(module: str) -> bool:
    """Return whether names can be imported from a module of Keras 3."""
    return not module or module in HOMES or module.partition(".")[0] in INNER


def is_listed(name: str) -> bool:
    """Return whether there is advice for a name or module of its own, or for one around it."""
    return any(part in GONE for part in [*_longest_first(name), *_longest_first(today(name)[1])])


def gone(name: str) -> str | None:
    """Return what to do where Keras 3 has a name nowhere; None for the others."""
    if name in _AT_OLD_ADDRESS or name.startswith("engine.training_utils."):
        return _PRIVATE
    _, new = today(name)
    found = next((GONE[part] for part in _longest_first(new) if part in GONE), None)
    module, _, last = new.rpartition(".")
    if module == "utils":
        private = last in _PRIVATE_UTILITIES or last.startswith("_")
    else:
        private = last.startswith("_") or (last[:1].islower() and last not in _LAYER_FUNCTIONS)
    return _PRIVATE if found is None and module in ("utils", "layers") and private else found


def _longest_first(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
