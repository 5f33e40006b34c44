"""What modules of old Keras versions had imported for their own use, and programs took from there.

``from keras.losses import *`` gave a program ``K``; models of ``keras.applications`` were copied with imports like
``from keras.applications.vgg16 import Dense, _obtain_input_shape``.
"""

from __future__ import annotations

from k2compat.tables import words
from k2compat.tables.old_modules import LAYER_FILES

_LEGACY = "k2compat.legacy"
_LAYERS = words(
    "Activation AveragePooling2D BatchNormalization Concatenate Conv2D Convolution2D Cropping2D Dense DepthwiseConv2D "
    "Dropout Flatten GlobalAveragePooling2D GlobalMaxPooling2D Input InputSpec Lambda Layer MaxPooling2D Reshape "
    "SeparableConv2D Wrapper ZeroPadding2D add concatenate"
)
_UTILITIES = words(
    "Progbar Sequence conv_utils deserialize_keras_object generic_utils get_file "
    "get_source_inputs layer_utils serialize_keras_object"
)
# Name -> where it is: below the Keras in use, except for those of k2compat.
PLACES: dict[str, str] = {
    **{name: f"layers.{name}" for name in _LAYERS},
    **{name: f"utils.{name}" for name in _UTILITIES},
    **{name: name for name in ("constraints", "initializers", "layers", "losses", "models")},
    **{name: name for name in ("optimizers", "regularizers", "utils")},
    "K": "k2compat.backend",
    "Model": "models.Model",
    "Sequential": "models.Sequential",
    "backend": "k2compat.backend",
    "clone_model": "models.clone_model",
    "convert_all_kernels_in_model": f"{_LEGACY}.layer_utils.convert_all_kernels_in_model",
    "get_custom_objects": "utils.get_custom_objects",
    "has_arg": f"{_LEGACY}.generic_utils.has_arg",
    "imagenet_utils": "applications.imagenet_utils",
    "interfaces": "legacy.interfaces",
    "load_batch": "src.datasets.cifar.load_batch",
    "metrics_module": "metrics",
    "model_from_json": "models.model_from_json",
    "relu6": f"{_LEGACY}.imagenet_utils.relu6",
    "standardize_input_data": f"{_LEGACY}.training_utils.standardize_input_data",
    "training_utils": "engine.training_utils",
    "to_categorical": "utils.to_categorical",
    "to_list": f"{_LEGACY}.generic_utils.to_list",
    "_obtain_input_shape": f"{_LEGACY}.imagenet_utils._obtain_input_shape",
}
_SERIALIZERS = words("deserialize_keras_object serialize_keras_object")
_OF_LAYERS = words("K conv_utils interfaces")
_OF_APPLICATIONS = (
    *(name for name in _LAYERS if name not in ("Layer", "Wrapper")),
    *words("K Model conv_utils convert_all_kernels_in_model constraints get_file get_source_inputs imagenet_utils "),
    *words("initializers layer_utils layers regularizers relu6 _obtain_input_shape"),
)
# The modules of ``keras.applications`` that there are in all Keras versions.
APPLICATIONS = words(
    "densenet imagenet_utils inception_resnet_v2 inception_v3 mobilenet mobilenet_v2 nasnet resnet resnet50 resnet_v2 "
    "vgg16 vgg19 xception"
)
# Module -> what it had imported.
IMPORTED: dict[str, tuple[str, ...]] = {
    "activations": words("K Layer deserialize_keras_object"),
    "applications": words("backend layers models utils"),
    "callbacks": words("K Layer Progbar standardize_input_data"),
    "callbacks.callbacks": words("K Progbar standardize_input_data"),
    "callbacks.tensorboard_v1": words("K standardize_input_data"),
    "constraints": ("K", *_SERIALIZERS),
    **{f"datasets.{name}": ("get_file",) for name in words("boston_housing fashion_mnist imdb mnist reuters")},
    **{f"datasets.{name}": words("K get_file load_batch") for name in ("cifar10", "cifar100")},
    **{f"engine.{name}": words("K interfaces") for name in words("base_layer input_layer network topology")},
    "engine.saving": words("K conv_utils losses optimizers"),
    "engine.sequential": ("K",),
    "engine.training": words("K interfaces losses metrics_module optimizers training_utils"),
    "engine.training_utils": words("K Sequence generic_utils losses metrics_module to_list"),
    "initializers": ("K", *_SERIALIZERS),
    "layers": ("deserialize_keras_object",),
    **{f"layers.{name}": _OF_LAYERS for name in LAYER_FILES.split()},
    "layers.core": (*_OF_LAYERS, "deserialize_keras_object"),
    "legacy.layers": words("K conv_utils to_list"),
    "losses": ("K", *_SERIALIZERS),
    "metrics": ("K", "Layer", *_SERIALIZERS),
    "models": words("K Layer get_source_inputs has_arg interfaces optimizers to_list"),
    "objectives": ("K", *_SERIALIZERS),
    "optimizers": ("K", "get_custom_objects", "interfaces", *_SERIALIZERS),
    "preprocessing": words("backend utils"),
    "preprocessing.image": words("Sequence backend generic_utils utils"),
    "preprocessing.sequence": words("Sequence utils"),
    "regularizers": ("K", *_SERIALIZERS),
    **{f"utils.{name}": ("K",) for name in ("conv_utils", "layer_utils")},
    "utils.test_utils": words("Input K Model Sequential has_arg model_from_json"),
    "utils.layer_utils": words("K Model Sequential"),
    "utils.multi_gpu_utils": words("K Lambda Model clone_model concatenate to_list"),
    "utils.vis_utils": words("Model Wrapper"),
    "wrappers.scikit_learn": words("Sequential losses to_categorical"),
    **{f"applications.{name}": _OF_APPLICATIONS for name in APPLICATIONS},
}
