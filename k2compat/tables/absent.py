"""What Keras 1 and 2 had, and neither a present Keras nor k2compat has under its old address.

Dotted names are without the package, as in ``keras3_moves``. They are those of Keras 1.2.2, 2.0.9, 2.1.6, 2.2.4 and
2.3.1; a test imports them all.
"""

from __future__ import annotations

from k2compat.tables import words
from k2compat.tables.keras3_moves import GONE, today

# Modules, with all that is below them.
MODULES = words(
    "applications.audio_conv_utils applications.mobilenetv2 applications.music_tagger_crnn "
    "engine.training_arrays engine.training_generator estimator initializations legacy.models "
    "utils.losses_utils utils.metrics_utils utils.training_utils utils.visualize_util "
)
# Module -> what of it is gone.
_NAMES: dict[str, str] = {
    "activations": "get_from_module",
    "callbacks.callbacks": "_PREDICT _TEST _TRAIN",
    "constraints": "get_from_module",
    "engine.base_layer": "_DISABLE_TRACKING _call_metric _collect_previous_mask _create_mean_metric disable_tracking",
    "engine.network": "_make_node_key _map_graph_network ask_to_proceed_with_overwrite print_layer_summary saving",
    "engine.saving": "H5Dict _convert_rnn_weights _deserialize_model _gcs_copy _is_gcs_location _need_convert_kernel "
    "_serialize_model _uniquify allow_read_from_gcs allow_write_to_gcs ask_to_proceed_with_overwrite "
    "getargspec h5dict load_from_binary_h5py model_from_yaml pickle_model save_to_binary_h5py tf_file_io "
    "unpickle_model",
    "engine.sequential": "layer_module network",
    "engine.topology": "_collect_previous_mask _convert_rnn_weights _is_all_none _load_attributes_from_hdf5_group "
    "_need_convert_kernel _object_list_uid _save_attributes_to_hdf5_group _to_list "
    "ask_to_proceed_with_overwrite initializations print_layer_summary",
    "engine.training": "_check_array_lengths _check_loss_and_target_compatibility _collect_metrics "
    "_get_metrics_from_layers cbks check_array_length_consistency check_array_lengths "
    "check_loss_and_target_compatibility collect_metrics losses_utils "
    "objectives slice_X training_arrays training_generator weighted_objective",
    "engine.training_utils": "call_metric_function check_array_length_consistency check_generator_arguments "
    "check_loss_and_target_compatibility collect_metrics collect_per_output_metric_info get_input_shape_and_dtype "
    "get_loss_function get_metric_function get_metric_name get_output_sample_weight_and_mode "
    "get_static_batch_size losses_utils prepare_loss_functions prepare_loss_weights prepare_sample_weights "
    "should_run_validation",
    "layers": "AutoEncoder ConvLSTM2DCell ConvRecurrent2D Node TimeDistributedDense",
    "layers.advanced_activations": "ParametricSoftplus SReLU initializations",
    "layers.convolutional": "_Cropping _UpSampling _ZeroPadding initializations",
    "layers.convolutional_recurrent": "ConvLSTM2DCell ConvRNN2D ConvRecurrent2D initializations",
    "layers.core": "TimeDistributedDense get_from_module initializations",
    "layers.cudnn_recurrent": "_CuDNNRNN",
    "layers.embeddings": "initializations",
    "layers.local": "initializations",
    "layers.normalization": "initializations",
    "layers.recurrent": "disable_tracking initializations time_distributed_dense",
    "layers.wrappers": "_object_list_uid disable_tracking",
    "legacy.interfaces": "batchnorm_args_preprocessor conv3d_args_preprocessor convlstm2d_args_preprocessor "
    "deconv2d_args_preprocessor embedding_kwargs_preprocessor generator_methods_args_preprocessor "
    "separable_conv2d_args_preprocessor zeropadding2d_args_preprocessor",
    "legacy.layers": "ConvRecurrent2D func_dump func_load has_arg",
    "losses": "_maybe_convert_labels is_categorical_crossentropy losses_utils",
    "metrics": "BaseMeanIoU Reduce SensitivitySpecificityBase _ConfusionMatrixConditionCount f1score fbeta_score "
    "fmeasure fscore get_from_module losses_utils matthews_correlation metrics_utils precision recall",
    "models": "Graph Merge Node _clone_functional_model _clone_sequential_model ask_to_proceed_with_overwrite "
    "layer_module legacy_layers legacy_models model_from_yaml optimizer_from_config topology",
    "objectives": "get_from_module",
    "optimizers": "get_from_module optimizer_from_config",
    "preprocessing.image": "_PIL_INTERPOLATION_METHODS _count_valid_files_in_directory _iter_valid_files "
    "_list_valid_filenames_in_directory",
    "preprocessing.text": "maketrans",
    "regularizers": "ActivityRegularizer EigenvalueRegularizer L1L2Regularizer WeightRegularizer get_from_module",
    "utils": "H5Dict convert_kernel count_params h5dict losses_utils metrics_utils",
    "utils.data_utils": "_SEQUENCE_COUNTER _SHARED_SEQUENCES _extract_archive get_index init_pool init_pool_generator "
    "next_sample urlretrieve",
    "utils.generic_utils": "_GLOBAL_CUSTOM_OBJECTS get_from_module make_tuple",
    "utils.io_utils": "H5Dict HDF5_OBJECT_HEADER_LIMIT _is_path_instance h5dict load_array load_from_binary_h5py "
    "save_array save_to_binary_h5py",
    "utils.layer_utils": "count_total_params get_from_module layer_from_config",
    "utils.multi_gpu_utils": "_get_available_devices _normalize_device_name",
    "utils.np_utils": "accuracy binary_logloss conv_input_length conv_output_length convert_kernel multiclass_logloss",
    "utils.test_utils": "tf_file_io tf_file_io_proxy",
    "utils.vis_utils": "_check_pydot add_edge is_model is_wrapped_model",
}
# The same for each module of ``applications``.
_APPLICATIONS = frozenset(
    words(
        "BASE_WEIGHT_PATH BASE_WEIGHT_URL CLASS_INDEX CLASS_INDEX_PATH DENSENET121_WEIGHT_PATH "
        "DENSENET121_WEIGHT_PATH_NO_TOP DENSENET169_WEIGHT_PATH DENSENET169_WEIGHT_PATH_NO_TOP "
        "DENSENET201_WEIGHT_PATH DENSENET201_WEIGHT_PATH_NO_TOP DenseNet NASNET_LARGE_WEIGHT_PATH "
        "NASNET_LARGE_WEIGHT_PATH_NO_TOP NASNET_MOBILE_WEIGHT_PATH NASNET_MOBILE_WEIGHT_PATH_NO_TOP NASNet "
        "TF_WEIGHTS_PATH TF_WEIGHTS_PATH_NO_TOP TH_WEIGHTS_PATH TH_WEIGHTS_PATH_NO_TOP WEIGHTS_PATH "
        "WEIGHTS_PATH_NO_TOP _IMAGENET_MEAN _adjust_block _conv_block _depthwise_conv_block _normal_a_cell "
        "_preprocess_numpy_input _preprocess_symbolic_input _reduction_a_cell _separable_conv_block conv2d_bn "
        "conv_block dense_block identity_block inception_resnet_block merge resnet resnet_v2 transition_block"
    )
)
NAMES: dict[str, frozenset[str]] = {module: frozenset(words(names)) for module, names in _NAMES.items()}
# Name -> what to write, where that is more than copying it.
_ADVICE: dict[str, str] = {
    "model_from_yaml": "save the architecture with `model.to_json()`, and read it by `model_from_json`.",
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
    return GONE.get(today(name)[1]) or COPY
