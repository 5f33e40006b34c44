"""What Keras 1 and 2 had, and neither a present Keras nor k2compat has under its old address.

Dotted names are without the package, as in ``keras3_moves``. They are those of Keras 1.2.2, 2.0.9, 2.1.6, 2.2.4 and
2.3.1; a test imports them all.
"""

from __future__ import annotations

from k2compat.tables import words
from k2compat.tables.keras3_moves import GONE, STARRED, today

# Modules, with all that is below them.
MODULES = words(
    "applications.audio_conv_utils applications.mobilenetv2 applications.music_tagger_crnn datasets.cifar "
    "engine.training_arrays engine.training_generator engine.training_utils estimator initializations "
    "legacy.models utils.losses_utils utils.metrics_utils utils.test_utils utils.training_utils "
    "utils.visualize_util "
)
# Module -> what of it is gone.
_NAMES: dict[str, str] = {
    "activations": "Layer deserialize_keras_object get_from_module",
    "applications": "backend layers models utils",
    "callbacks": "BaseLogger Layer Progbar standardize_input_data",
    "callbacks.callbacks": "BaseLogger Progbar _PREDICT _TEST _TRAIN standardize_input_data",
    "callbacks.tensorboard_v1": "standardize_input_data",
    "constraints": "deserialize_keras_object get_from_module serialize_keras_object",
    "datasets.boston_housing": "get_file",
    "datasets.cifar10": "get_file load_batch",
    "datasets.cifar100": "get_file load_batch",
    "datasets.fashion_mnist": "get_file",
    "datasets.imdb": "_remove_long_seq get_file",
    "datasets.mnist": "get_file",
    "datasets.reuters": "_remove_long_seq get_file",
    "engine.base_layer": "_DISABLE_TRACKING _call_metric _collect_input_shape _collect_previous_mask "
    "_create_mean_metric _to_snake_case disable_tracking interfaces",
    "engine.input_layer": "interfaces",
    "engine.network": "_make_node_key _map_graph_network ask_to_proceed_with_overwrite interfaces print_layer_summary "
    "saving",
    "engine.saving": "H5Dict _convert_rnn_weights _deserialize_model _gcs_copy _is_gcs_location _need_convert_kernel "
    "_serialize_model _uniquify allow_read_from_gcs allow_write_to_gcs ask_to_proceed_with_overwrite "
    "conv_utils getargspec h5dict load_from_binary_h5py losses model_from_yaml optimizers "
    "pickle_model save_to_binary_h5py tf_file_io unpickle_model",
    "engine.sequential": "layer_module network",
    "engine.topology": "_collect_input_shape _collect_previous_mask _convert_rnn_weights _is_all_none "
    "_load_attributes_from_hdf5_group _need_convert_kernel _object_list_uid "
    "_save_attributes_to_hdf5_group _to_list _to_snake_case ask_to_proceed_with_overwrite "
    "initializations interfaces print_layer_summary",
    "engine.training": "_batch_shuffle _check_array_lengths _check_loss_and_target_compatibility _collect_metrics "
    "_get_metrics_from_layers _make_batches _slice_arrays _standardize_class_weights "
    "_standardize_input_data _standardize_sample_or_class_weights _standardize_sample_weights "
    "_standardize_weights _weighted_masked_objective batch_shuffle cbks "
    "check_array_length_consistency check_array_lengths check_loss_and_target_compatibility "
    "collect_metrics interfaces losses losses_utils make_batches metrics_module objectives optimizers "
    "slice_X standardize_class_weights standardize_input_data standardize_sample_or_class_weights "
    "standardize_sample_weights standardize_weights training_arrays training_generator training_utils "
    "weighted_masked_objective weighted_objective",
    "initializers": "_compute_fans deserialize_keras_object serialize_keras_object",
    "layers": "AutoEncoder ConvLSTM2DCell ConvRecurrent2D Highway MaxoutDense Node TimeDistributedDense "
    "deserialize_keras_object",
    "layers.advanced_activations": "ParametricSoftplus SReLU initializations interfaces",
    "layers.convolutional": "_Cropping _UpSampling _ZeroPadding conv_utils initializations interfaces",
    "layers.convolutional_recurrent": "ConvLSTM2DCell ConvRNN2D ConvRecurrent2D conv_utils initializations interfaces",
    "layers.core": "Highway MaxoutDense TimeDistributedDense conv_utils deserialize_keras_object get_from_module "
    "initializations interfaces",
    "layers.cudnn_recurrent": "_CuDNNRNN",
    "layers.embeddings": "initializations interfaces",
    "layers.local": "conv_utils initializations interfaces",
    "layers.noise": "interfaces",
    "layers.normalization": "initializations interfaces",
    "layers.pooling": "conv_utils interfaces",
    "layers.recurrent": "disable_tracking initializations interfaces time_distributed_dense",
    "layers.wrappers": "_object_list_uid disable_tracking",
    "legacy.interfaces": "batchnorm_args_preprocessor conv3d_args_preprocessor convlstm2d_args_preprocessor "
    "deconv2d_args_preprocessor embedding_kwargs_preprocessor generator_methods_args_preprocessor "
    "separable_conv2d_args_preprocessor zeropadding2d_args_preprocessor",
    "legacy.layers": "ConvRecurrent2D Highway MaxoutDense conv_utils func_dump func_load has_arg to_list",
    "losses": "LossFunctionWrapper _maybe_convert_labels deserialize_keras_object is_categorical_crossentropy "
    "losses_utils serialize_keras_object",
    "metrics": "BaseMeanIoU Layer Reduce SensitivitySpecificityBase _ConfusionMatrixConditionCount accuracy "
    "clone_metric clone_metrics cosine_similarity deserialize_keras_object f1score fbeta_score "
    "fmeasure fscore get_from_module losses_utils matthews_correlation metrics_utils precision recall "
    "serialize_keras_object",
    "models": "Graph Layer Merge Node _clone_functional_model _clone_sequential_model "
    "ask_to_proceed_with_overwrite get_source_inputs has_arg interfaces layer_module legacy_layers "
    "legacy_models model_from_yaml optimizer_from_config optimizers to_list topology",
    "objectives": "get_from_module",
    "optimizers": "clip_norm deserialize_keras_object get_custom_objects get_from_module interfaces "
    "optimizer_from_config serialize_keras_object",
    "preprocessing": "backend utils",
    "preprocessing.image": "Sequence _PIL_INTERPOLATION_METHODS _count_valid_files_in_directory "
    "_iter_valid_files _list_valid_filenames_in_directory backend generic_utils utils",
    "preprocessing.sequence": "Sequence _remove_long_seq utils",
    "preprocessing.text": "maketrans",
    "regularizers": "ActivityRegularizer EigenvalueRegularizer L1L2Regularizer WeightRegularizer "
    "deserialize_keras_object get_from_module serialize_keras_object",
    "utils": "H5Dict convert_kernel count_params h5dict losses_utils metrics_utils",
    "utils.data_utils": "_SEQUENCE_COUNTER _SHARED_SEQUENCES _extract_archive get_index init_pool init_pool_generator "
    "next_sample urlretrieve",
    "utils.generic_utils": "_GLOBAL_CUSTOM_OBJECTS get_from_module make_tuple",
    "utils.io_utils": "H5Dict HDF5_OBJECT_HEADER_LIMIT _is_path_instance h5dict load_array load_from_binary_h5py "
    "save_array save_to_binary_h5py",
    "utils.layer_utils": "Model Sequential count_total_params get_from_module layer_from_config",
    "utils.multi_gpu_utils": "Lambda Model _get_available_devices _normalize_device_name "
    "clone_model concatenate to_list",
    "utils.np_utils": "accuracy binary_logloss conv_input_length conv_output_length convert_kernel multiclass_logloss",
    "utils.vis_utils": "Model Wrapper _check_pydot add_edge is_model is_wrapped_model",
    "wrappers.scikit_learn": "Sequential losses to_categorical",
}
# The same for each module of ``applications``.
_APPLICATIONS = frozenset(
    words(
        "Activation AveragePooling2D BASE_WEIGHT_PATH BASE_WEIGHT_URL BatchNormalization CLASS_INDEX "
        "CLASS_INDEX_PATH Concatenate Conv2D Convolution2D Cropping2D DENSENET121_WEIGHT_PATH "
        "DENSENET121_WEIGHT_PATH_NO_TOP DENSENET169_WEIGHT_PATH DENSENET169_WEIGHT_PATH_NO_TOP "
        "DENSENET201_WEIGHT_PATH DENSENET201_WEIGHT_PATH_NO_TOP Dense DenseNet DepthwiseConv2D Dropout Flatten "
        "GlobalAveragePooling2D GlobalMaxPooling2D Input InputSpec Lambda MaxPooling2D Model "
        "NASNET_LARGE_WEIGHT_PATH NASNET_LARGE_WEIGHT_PATH_NO_TOP NASNET_MOBILE_WEIGHT_PATH "
        "NASNET_MOBILE_WEIGHT_PATH_NO_TOP NASNet Reshape SeparableConv2D TF_WEIGHTS_PATH TF_WEIGHTS_PATH_NO_TOP "
        "TH_WEIGHTS_PATH TH_WEIGHTS_PATH_NO_TOP WEIGHTS_PATH WEIGHTS_PATH_NO_TOP ZeroPadding2D _IMAGENET_MEAN "
        "_adjust_block _conv_block _depthwise_conv_block _normal_a_cell _obtain_input_shape _preprocess_numpy_input "
        "_preprocess_symbolic_input _reduction_a_cell _separable_conv_block add concatenate constraints conv2d_bn "
        "conv_block conv_utils convert_all_kernels_in_model dense_block get_file get_source_inputs identity_block "
        "imagenet_utils inception_resnet_block initializers layer_utils layers merge regularizers relu6 resnet "
        "resnet_v2 transition_block "
    )
)
NAMES: dict[str, frozenset[str]] = {module: frozenset(words(names)) for module, names in _NAMES.items()}
# What modules of Keras had imported from elsewhere -> the module of Keras that it is in.
_HOMES: dict[str, str] = {
    **{name: module for module, names in STARRED.items() if module for name in names},
    **dict.fromkeys(words("deserialize_keras_object serialize_keras_object get_file get_source_inputs"), "utils"),
    **dict.fromkeys(words("Layer InputSpec Wrapper Lambda"), "layers"),
    **dict.fromkeys(words("conv_utils layer_utils Progbar Sequence"), "utils"),
    "interfaces": "legacy",
}
# Name -> what to write, where that is more than copying it.
_ADVICE: dict[str, str] = {
    "_obtain_input_shape": "write the shape out, as in `(224, 224, 3)`.",
    "relu6": 'write `keras.layers.ReLU(6.0)`, or `{"relu6": lambda x: tf.nn.relu6(x)}` where files name it.',
    "model_from_yaml": "save the architecture with `model.to_json()`, and read it by `model_from_json`.",
    "BaseLogger": "take it out: Keras averages the metrics itself.",
    "ConvRNN2D": "write `ConvLSTM2D`, or a layer of your own.",
    "Node": "read `layer.input` and `layer.output` instead.",
}
COPY = "it was a helper of Keras itself; copy what is needed of it into the program."


def absent(name: str) -> str | None:
    """Return what to do where a module or name of an old Keras is nowhere, even with k2compat; None for all others."""
    module, _, last = name.rpartition(".")
    parts = name.split(".")
    if any(".".join(parts[:count]) in MODULES for count in range(1, len(parts) + 1)):
        return COPY
    in_application = module.startswith("applications") and last in _APPLICATIONS
    if not in_application and last not in NAMES.get(module, ()):
        return None
    if last in _ADVICE:
        return _ADVICE[last]
    if last in _HOMES:
        return f"import it from `keras.{_HOMES[last]}`."
    return GONE.get(today(name)[1]) or COPY
