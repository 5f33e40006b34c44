"""The names that TensorFlow 1 had and TensorFlow 2 has not, or has elsewhere; without ``tensorflow`` in front."""

from __future__ import annotations

from k2compat.tables import words

# Name -> where the very same function is in TensorFlow 2.
RENAMED: dict[str, str] = dict(
    pair.split(":")
    for pair in words(
        "FixedLenFeature:io.FixedLenFeature FixedLenSequenceFeature:io.FixedLenSequenceFeature NoGradient:no_gradient "
        "NotDifferentiable:no_gradient QUANTIZED_DTYPES:dtypes.QUANTIZED_DTYPES SparseFeature:io.SparseFeature "
        "VarLenFeature:io.VarLenFeature accumulate_n:math.accumulate_n angle:math.angle "
        "assert_proper_iterable:debugging.assert_proper_iterable "
        "assert_same_float_dtype:debugging.assert_same_float_dtype betainc:math.betainc ceil:math.ceil "
        "check_numerics:debugging.check_numerics cholesky:linalg.cholesky cholesky_solve:linalg.cholesky_solve "
        "conj:math.conj cross:linalg.cross cumprod:math.cumprod decode_base64:io.decode_base64 "
        "decode_compressed:io.decode_compressed decode_json_example:io.decode_json_example "
        "dequantize:quantization.dequantize deserialize_many_sparse:io.deserialize_many_sparse "
        "diag:linalg.tensor_diag diag_part:linalg.tensor_diag_part digamma:math.digamma div_no_nan:math.divide_no_nan "
        "encode_base64:io.encode_base64 erf:math.erf erfc:math.erfc expm1:math.expm1 "
        "fake_quant_with_min_max_args:quantization.fake_quant_with_min_max_args "
        "fake_quant_with_min_max_args_gradient:quantization.fake_quant_with_min_max_args_gradient "
        "fake_quant_with_min_max_vars:quantization.fake_quant_with_min_max_vars "
        "fake_quant_with_min_max_vars_gradient:quantization.fake_quant_with_min_max_vars_gradient "
        "fake_quant_with_min_max_vars_per_channel:quantization.fake_quant_with_min_max_vars_per_channel "
        "fft:signal.fft fft2d:signal.fft2d fft3d:signal.fft3d floordiv:math.floordiv floormod:math.mod "
        "global_norm:linalg.global_norm ifft:signal.ifft ifft2d:signal.ifft2d ifft3d:signal.ifft3d igamma:math.igamma "
        "igammac:math.igammac imag:math.imag invert_permutation:math.invert_permutation is_finite:math.is_finite "
        "is_inf:math.is_inf is_nan:math.is_nan is_non_decreasing:math.is_non_decreasing "
        "is_numeric_tensor:debugging.is_numeric_tensor is_strictly_increasing:math.is_strictly_increasing "
        "lbeta:math.lbeta lgamma:math.lgamma lin_space:linspace log:math.log log1p:math.log1p "
        "log_sigmoid:math.log_sigmoid logical_xor:math.logical_xor matching_files:io.matching_files "
        "matrix_band_part:linalg.band_part matrix_determinant:linalg.det matrix_diag:linalg.diag "
        "matrix_diag_part:linalg.diag_part matrix_inverse:linalg.inv matrix_set_diag:linalg.set_diag "
        "matrix_solve:linalg.solve matrix_solve_ls:linalg.lstsq matrix_transpose:linalg.matrix_transpose "
        "matrix_triangular_solve:linalg.triangular_solve mod:math.mod "
        "parse_single_sequence_example:io.parse_single_sequence_example parse_tensor:io.parse_tensor "
        "polygamma:math.polygamma qr:linalg.qr quantize:quantization.quantize "
        "quantized_concat:quantization.quantized_concat random_crop:image.random_crop random_gamma:random.gamma "
        "random_normal:random.normal random_shuffle:random.shuffle random_uniform:random.uniform "
        "read_file:io.read_file real:math.real reciprocal:math.reciprocal regex_replace:strings.regex_replace "
        "reverse_v2:reverse rint:math.rint rsqrt:math.rsqrt segment_max:math.segment_max "
        "segment_mean:math.segment_mean segment_min:math.segment_min segment_prod:math.segment_prod "
        "segment_sum:math.segment_sum self_adjoint_eig:linalg.eigh self_adjoint_eigvals:linalg.eigvalsh "
        "serialize_tensor:io.serialize_tensor sparse_fill_empty_rows:sparse.fill_empty_rows sparse_mask:sparse.mask "
        "sparse_maximum:sparse.maximum sparse_minimum:sparse.minimum sparse_reorder:sparse.reorder "
        "sparse_reset_shape:sparse.reset_shape sparse_reshape:sparse.reshape sparse_retain:sparse.retain "
        "sparse_slice:sparse.slice sparse_softmax:sparse.softmax "
        "sparse_tensor_dense_matmul:sparse.sparse_dense_matmul sparse_tensor_to_dense:sparse.to_dense "
        "sparse_to_indicator:sparse.to_indicator sparse_transpose:sparse.transpose "
        "squared_difference:math.squared_difference string_join:strings.join string_strip:strings.strip "
        "string_to_hash_bucket_fast:strings.to_hash_bucket_fast "
        "string_to_hash_bucket_strong:strings.to_hash_bucket_strong svd:linalg.svd "
        "tensor_scatter_add:tensor_scatter_nd_add tensor_scatter_sub:tensor_scatter_nd_sub "
        "tensor_scatter_update:tensor_scatter_nd_update trace:linalg.trace truncated_normal:random.truncated_normal "
        "unsorted_segment_max:math.unsorted_segment_max unsorted_segment_mean:math.unsorted_segment_mean "
        "unsorted_segment_min:math.unsorted_segment_min unsorted_segment_prod:math.unsorted_segment_prod "
        "unsorted_segment_sqrt_n:math.unsorted_segment_sqrt_n unsorted_segment_sum:math.unsorted_segment_sum "
        "sets.set_difference:sets.difference sets.set_intersection:sets.intersection sets.set_size:sets.size "
        "sets.set_union:sets.union where_v2:where write_file:io.write_file zeta:math.zeta"
    )
)
# What is in ``tf.compat.v1`` only, and does there what it did, without a graph.
KEPT_IN_COMPAT = frozenset(
    words(
        "to_bfloat16 to_complex128 to_complex64 to_double to_float to_int32 to_int64 div floor_div arg_max arg_min "
        "bincount confusion_matrix count_nonzero batch_gather batch_to_space_nd space_to_depth depth_to_space "
        "clip_by_average_norm convert_to_tensor_or_sparse_tensor convert_to_tensor_or_indexed_slices decode_csv "
        "decode_raw dimension_at_index dimension_value extract_image_patches multinomial parse_example "
        "parse_single_example py_func Print random_poisson reduce_join serialize_many_sparse serialize_sparse "
        "set_random_seed get_seed setdiff1d sparse_add sparse_concat sparse_matmul sparse_merge sparse_reduce_max "
        "sparse_reduce_max_sparse sparse_reduce_sum sparse_reduce_sum_sparse sparse_segment_mean "
        "sparse_segment_sqrt_n sparse_segment_sum sparse_split sparse_to_dense string_split string_to_hash_bucket "
        "string_to_number substr verify_tensor_all_finite Dimension OpError SparseTensorValue VERSION GIT_VERSION "
        "COMPILER_VERSION glorot_normal_initializer glorot_uniform_initializer orthogonal_initializer "
        "truncated_normal_initializer variance_scaling_initializer uniform_unit_scaling_initializer "
        "assert_greater_equal assert_integer assert_less_equal assert_near assert_negative assert_non_negative "
        "assert_non_positive assert_none_equal assert_positive assert_rank_at_least assert_rank_in assert_scalar "
        "assert_type app flags gfile logging python_io manip spectral resource_loader "
        "fake_quant_with_min_max_vars_per_channel_gradient image.resize_area image.resize_bicubic "
        "image.resize_bilinear image.resize_nearest_neighbor image.resize_images image.resize_image_with_crop_or_pad "
        "image.resize_image_with_pad image.transpose_image image.extract_image_patches nn.depthwise_conv2d_native "
        "nn.fused_batch_norm nn.relu_layer nn.xw_plus_b nn.softmax_cross_entropy_with_logits_v2 nn.ctc_loss_v2 "
        "nn.max_pool_v2 nn.avg_pool_v2 nn.conv2d_backprop_input nn.conv2d_backprop_filter losses.absolute_difference "
        "losses.cosine_distance losses.hinge_loss losses.huber_loss losses.log_loss "
        "losses.mean_pairwise_squared_error losses.mean_squared_error losses.sigmoid_cross_entropy "
        "losses.softmax_cross_entropy losses.sparse_softmax_cross_entropy losses.compute_weighted_loss "
        "random.set_random_seed random.multinomial linalg.transpose train.NewCheckpointReader test.get_temp_dir"
    )
)
# Those of both that draw random numbers: again at each run of a graph.
DRAWS = frozenset(
    words(
        "random_crop random_gamma random_normal random_poisson random_shuffle random_uniform truncated_normal "
        "multinomial"
    )
)
# What needs a graph or a session, or is a matter of its own; ``tf.compat.v1`` has most of it.
GONE = frozenset(
    words(
        "AUTO_REUSE AttrValue CXX11_ABI_FLAG CXX_VERSION ConditionalAccumulator ConditionalAccumulatorBase "
        "ConfigProto Event FIFOQueue FixedLengthRecordReader GPUOptions GRAPH_DEF_VERSION "
        "GRAPH_DEF_VERSION_MIN_CONSUMER GRAPH_DEF_VERSION_MIN_PRODUCER GraphDef GraphKeys GraphOptions HistogramProto "
        "IdentityReader InteractiveSession LMDBReader LogMessage MONOLITHIC_BUILD MetaGraphDef NameAttrList NodeDef "
        "OptimizerOptions PaddingFIFOQueue PriorityQueue QueueBase RandomShuffleQueue ReaderBase RunMetadata "
        "RunOptions Session SessionLog SparseConditionalAccumulator Summary SummaryMetadata TFRecordReader TensorInfo "
        "TextLineReader VariableScope WholeFileReader add_check_numerics_ops add_to_collection add_to_collections "
        "all_variables assert_variables_initialized assign assign_add assign_sub batch_scatter_update colocate_with "
        "container control_flow_v2_enabled count_up_to create_partitioned_variables delete_session_tensor "
        "disable_control_flow_v2 disable_eager_execution disable_resource_variables disable_tensor_equality "
        "disable_v2_behavior disable_v2_tensorshape distributions enable_control_flow_v2 enable_eager_execution "
        "enable_resource_variables enable_tensor_equality enable_v2_behavior enable_v2_tensorshape "
        "executing_eagerly_outside_functions fixed_size_partitioner get_collection get_collection_ref "
        "get_default_graph get_default_session get_local_variable get_session_handle get_session_tensor get_variable "
        "get_variable_scope global_variables global_variables_initializer initialize_all_tables "
        "initialize_all_variables initialize_local_variables initialize_variables is_variable_initialized layers "
        "load_file_system_library local_variables local_variables_initializer make_template "
        "min_max_variable_partitioner mixed_precision model_variables moving_average_variables no_regularizer "
        "op_scope placeholder placeholder_with_default quantize_v2 report_uninitialized_variables reset_default_graph "
        "resource_variables_enabled scatter_add scatter_div scatter_max scatter_min scatter_mul scatter_nd_add "
        "scatter_nd_sub scatter_nd_update scatter_sub scatter_update sparse_placeholder tables_initializer "
        "trainable_variables user_ops variable_axis_size_partitioner variable_op_scope variable_scope "
        "variables_initializer wrap_function contrib nn.bidirectional_dynamic_rnn nn.conv3d_backprop_filter "
        "nn.conv3d_backprop_filter_v2 nn.ctc_beam_search_decoder_v2 nn.depthwise_conv2d_native_backprop_filter "
        "nn.depthwise_conv2d_native_backprop_input nn.dynamic_rnn nn.log_uniform_candidate_sampler "
        "nn.quantized_avg_pool nn.quantized_conv2d nn.quantized_max_pool nn.quantized_relu_x nn.raw_rnn nn.rnn_cell "
        "nn.static_bidirectional_rnn nn.static_rnn nn.static_state_saving_rnn nn.uniform_candidate_sampler "
        "losses.add_loss losses.get_losses losses.get_regularization_loss losses.get_regularization_losses "
        "losses.get_total_loss metrics.accuracy metrics.auc metrics.average_precision_at_k metrics.false_negatives "
        "metrics.false_negatives_at_thresholds metrics.false_positives metrics.false_positives_at_thresholds "
        "metrics.mean metrics.mean_absolute_error metrics.mean_cosine_distance metrics.mean_iou "
        "metrics.mean_per_class_accuracy metrics.mean_relative_error metrics.mean_squared_error metrics.mean_tensor "
        "metrics.percentage_below metrics.precision metrics.precision_at_k metrics.precision_at_thresholds "
        "metrics.precision_at_top_k metrics.recall metrics.recall_at_k metrics.recall_at_thresholds "
        "metrics.recall_at_top_k metrics.root_mean_squared_error metrics.sensitivity_at_specificity "
        "metrics.sparse_average_precision_at_k metrics.sparse_precision_at_k metrics.specificity_at_sensitivity "
        "metrics.true_negatives metrics.true_negatives_at_thresholds metrics.true_positives "
        "metrics.true_positives_at_thresholds train.AdadeltaOptimizer train.AdagradDAOptimizer train.AdagradOptimizer "
        "train.AdamOptimizer train.CheckpointSaverHook train.CheckpointSaverListener train.ChiefSessionCreator "
        "train.FeedFnHook train.FinalOpsHook train.FtrlOptimizer train.GlobalStepWaiterHook "
        "train.GradientDescentOptimizer train.LoggingTensorHook train.LooperThread train.MomentumOptimizer "
        "train.MonitoredSession train.MonitoredTrainingSession train.NanLossDuringTrainingError train.NanTensorHook "
        "train.Optimizer train.ProfilerHook train.ProximalAdagradOptimizer train.ProximalGradientDescentOptimizer "
        "train.QueueRunner train.RMSPropOptimizer train.Saver train.SaverDef train.Scaffold train.SecondOrStepTimer "
        "train.Server train.SessionCreator train.SessionManager train.SessionRunArgs train.SessionRunContext "
        "train.SessionRunHook train.SessionRunValues train.SingularMonitoredSession train.StepCounterHook "
        "train.StopAtStepHook train.SummarySaverHook train.Supervisor train.SyncReplicasOptimizer train.VocabInfo "
        "train.WorkerSessionCreator train.add_queue_runner train.assert_global_step train.basic_train_loop "
        "train.batch train.batch_join train.checkpoint_exists train.cosine_decay train.cosine_decay_restarts "
        "train.create_global_step train.do_quantize_training_on_graphdef train.exponential_decay "
        "train.export_meta_graph train.generate_checkpoint_state_proto train.get_checkpoint_mtimes "
        "train.get_global_step train.get_or_create_global_step train.global_step train.import_meta_graph "
        "train.init_from_checkpoint train.input_producer train.inverse_time_decay train.limit_epochs "
        "train.linear_cosine_decay train.match_filenames_once train.maybe_batch train.maybe_batch_join "
        "train.maybe_shuffle_batch train.maybe_shuffle_batch_join train.natural_exp_decay "
        "train.noisy_linear_cosine_decay train.piecewise_constant train.piecewise_constant_decay "
        "train.polynomial_decay train.queue_runner train.range_input_producer train.remove_checkpoint "
        "train.replica_device_setter train.sdca_fprint train.sdca_optimizer train.sdca_shrink_l1 train.shuffle_batch "
        "train.shuffle_batch_join train.slice_input_producer train.start_queue_runners train.string_input_producer "
        "train.summary_iterator train.update_checkpoint_state train.warm_start train.write_graph summary.Event "
        "summary.FileWriter summary.FileWriterCache summary.SessionLog summary.Summary summary.SummaryDescription "
        "summary.TaggedRunMetadata summary.all_v2_summary_ops summary.get_summary_description summary.initialize "
        "summary.merge summary.merge_all summary.tensor_summary data.get_output_classes data.get_output_shapes "
        "data.get_output_types data.make_initializable_iterator data.make_one_shot_iterator "
        "feature_column.input_layer feature_column.linear_model feature_column.shared_embedding_columns "
        "saved_model.Builder saved_model.LEGACY_INIT_OP_KEY saved_model.MAIN_OP_KEY saved_model.build_signature_def "
        "saved_model.build_tensor_info saved_model.builder saved_model.classification_signature_def "
        "saved_model.constants saved_model.get_tensor_from_tensor_info saved_model.is_valid_signature "
        "saved_model.load_v2 saved_model.loader saved_model.main_op saved_model.main_op_with_restore "
        "saved_model.maybe_saved_model_directory saved_model.predict_signature_def "
        "saved_model.regression_signature_def saved_model.signature_constants saved_model.signature_def_utils "
        "saved_model.simple_save saved_model.tag_constants saved_model.utils "
        "graph_util.convert_variables_to_constants graph_util.extract_sub_graph graph_util.must_run_on_cpu "
        "graph_util.remove_training_nodes graph_util.tensor_shape_from_node_def_name profiler.AdviceProto "
        "profiler.GraphNodeProto profiler.MultiGraphNodeProto profiler.OpLogProto profiler.ProfileOptionBuilder "
        "profiler.Profiler profiler.advise profiler.profile profiler.write_op_log "
        "sparse.SparseConditionalAccumulator sparse.matmul "
        "sparse.merge sparse.placeholder sparse.reduce_max_sparse sparse.reduce_sum_sparse debugging.is_finite "
        "debugging.is_inf debugging.is_nan debugging.is_non_decreasing debugging.is_strictly_increasing "
        "initializers.global_variables initializers.local_variables initializers.tables_initializer "
        "initializers.uniform_unit_scaling initializers.variables io.PaddingFIFOQueue io.PriorityQueue io.QueueBase "
        "io.RandomShuffleQueue io.TFRecordCompressionType io.tf_record_iterator"
    )
)
# The streaming metrics: functions that give a value and an update.
STREAMING = tuple(
    words(
        "accuracy auc average_precision_at_k false_negatives false_negatives_at_thresholds false_positives "
        "false_positives_at_thresholds mean mean_absolute_error mean_cosine_distance mean_iou mean_per_class_accuracy "
        "mean_relative_error mean_squared_error mean_tensor percentage_below precision precision_at_k "
        "precision_at_thresholds precision_at_top_k recall recall_at_k recall_at_thresholds recall_at_top_k "
        "root_mean_squared_error sensitivity_at_specificity sparse_average_precision_at_k sparse_precision_at_k "
        "specificity_at_sensitivity true_negatives true_negatives_at_thresholds true_positives "
        "true_positives_at_thresholds"
    )
)
# The optimizers of ``tf.train``, and what of it needs no graph.
TRAINERS = tuple(
    words(
        "AdadeltaOptimizer AdagradDAOptimizer AdagradOptimizer AdamOptimizer FtrlOptimizer GradientDescentOptimizer "
        "MomentumOptimizer Optimizer ProximalAdagradOptimizer ProximalGradientDescentOptimizer RMSPropOptimizer"
    )
)
# Of the names above, what k2compat gives at run time: a file that imports it needs no other.
AT_RUN_TIME = frozenset(
    words(
        "layers losses.get_regularization_loss losses.get_regularization_losses summary.Event summary.FileWriter "
        "summary.SessionLog summary.Summary summary.SummaryDescription summary.merge summary.merge_all "
        "train.summary_iterator AUTO_REUSE AttrValue ConfigProto Event GPUOptions GraphDef GraphKeys GraphOptions "
        "HistogramProto "
        "InteractiveSession MetaGraphDef NameAttrList NodeDef OptimizerOptions RunMetadata RunOptions Session "
        "SessionLog Summary TensorInfo VariableScope add_to_collection all_variables assign assign_add assign_sub "
        "get_collection get_collection_ref get_default_graph get_default_session get_variable get_variable_scope "
        "global_variables global_variables_initializer initialize_all_tables initialize_all_variables "
        "initialize_local_variables initialize_variables is_variable_initialized local_variables "
        "local_variables_initializer no_regularizer placeholder placeholder_with_default "
        "report_uninitialized_variables reset_default_graph scatter_add scatter_sub scatter_update sparse_placeholder "
        "tables_initializer train.cosine_decay train.cosine_decay_restarts train.create_global_step "
        "train.exponential_decay train.get_global_step train.get_or_create_global_step train.inverse_time_decay "
        "train.linear_cosine_decay train.natural_exp_decay train.noisy_linear_cosine_decay train.piecewise_constant "
        "train.piecewise_constant_decay train.polynomial_decay trainable_variables variable_scope "
        "variables_initializer"
    )
    + tuple(f"metrics.{name}" for name in STREAMING)
    + tuple(f"train.{name}" for name in TRAINERS)
)
# Old names of arguments -> their present names.
_REDUCTION = {"keep_dims": "keepdims", "reduction_indices": "axis"}
_REDUCED = words("reduce_sum reduce_mean reduce_prod reduce_max reduce_min reduce_all reduce_any reduce_logsumexp")
# Function -> old name of an argument -> its present name.
OLD_ARGUMENTS: dict[str, dict[str, str]] = {
    **dict.fromkeys(_REDUCED, _REDUCTION),
    **{f"math.{name}": _REDUCTION for name in _REDUCED},
    **dict.fromkeys(words("argmax argmin math.argmax math.argmin"), {"dimension": "axis"}),
    "norm": {"keep_dims": "keepdims"},
    "expand_dims": {"dim": "axis"},
    "squeeze": {"squeeze_dims": "axis"},
    "concat": {"concat_dim": "axis"},
    "split": {"split_dim": "axis", "num_split": "num_or_size_splits"},
    "reverse_sequence": {"seq_dim": "seq_axis", "batch_dim": "batch_axis"},
    "zeros_like": {"tensor": "input"},
    "ones_like": {"tensor": "input"},
    "cond": {"fn1": "true_fn", "fn2": "false_fn"},
    "gather_nd": {},
    "scatter_nd": {},
    "one_hot": {},
    "nn.softmax": {"dim": "axis"},
    "nn.log_softmax": {"dim": "axis"},
    "nn.l2_normalize": {"dim": "axis"},
    "math.l2_normalize": {"dim": "axis"},
    "linalg.l2_normalize": {"dim": "axis"},
    "nn.softmax_cross_entropy_with_logits": {"dim": "axis"},
    "nn.weighted_cross_entropy_with_logits": {"targets": "labels"},
    "nn.moments": {"keep_dims": "keepdims"},
    "nn.weighted_moments": {"keep_dims": "keepdims"},
    "nn.dropout": {"keep_prob": "rate"},
    "nn.conv1d": {"value": "input"},
    "nn.conv2d": {"filter": "filters"},
    "nn.conv3d": {"filter": "filters"},
    "nn.conv2d_transpose": {"value": "input", "filter": "filters"},
    "nn.conv3d_transpose": {"value": "input", "filter": "filters"},
    "nn.convolution": {"filter": "filters", "dilation_rate": "dilations"},
    "nn.depthwise_conv2d": {"rate": "dilations"},
    "nn.separable_conv2d": {"rate": "dilations"},
    "nn.max_pool": {"value": "input"},
    "nn.avg_pool": {"value": "input"},
    "image.crop_and_resize": {"box_ind": "box_indices"},
    "boolean_mask": {},
}
# Arguments without effect on results that some functions no longer take.
DROPPED_ARGUMENTS = frozenset(words("validate_indices use_cudnn_on_gpu partition_strategy optimize strict"))
# Name in ``tf.contrib`` -> the same in TensorFlow's core.
CONTRIB: dict[str, str] = {
    "keras": "keras",
    "framework.nest": "nest",
    "layers.softmax": "nn.softmax",
    "losses.absolute_difference": "compat.v1.losses.absolute_difference",
    "losses.cosine_distance": "compat.v1.losses.cosine_distance",
    "losses.hinge_loss": "compat.v1.losses.hinge_loss",
    "losses.mean_squared_error": "compat.v1.losses.mean_squared_error",
    "losses.sigmoid_cross_entropy": "compat.v1.losses.sigmoid_cross_entropy",
    "losses.softmax_cross_entropy": "compat.v1.losses.softmax_cross_entropy",
    "metrics.confusion_matrix": "math.confusion_matrix",
    "data.shuffle_and_repeat": "data.experimental.shuffle_and_repeat",
    "data.AUTOTUNE": "data.experimental.AUTOTUNE",
    "distributions.Normal": "compat.v1.distributions.Normal",
}
# What of ``tf.contrib`` TensorFlow has no function for, and k2compat wrote again.
CONTRIB_WRITTEN = words(
    "layers.flatten layers.l1_regularizer layers.l2_regularizer layers.xavier_initializer "
    "layers.xavier_initializer_conv2d layers.one_hot_encoding layers.variance_scaling_initializer "
    "layers.l1_l2_regularizer"
)
_BATCHES = "give the dataset itself to `fit`, or write `for batch in dataset:` and feed it."
# First part of a removed name -> what to do.
ADVICE = {
    "Session": "`K.get_session()` runs what k2compat records; a session of a graph needs `tf.compat.v1`.",
    "placeholder": "write `K.placeholder(shape)`, and give it to the inputs of `K.function`.",
    "placeholder_with_default": "write `K.placeholder(shape)`, and give it to the inputs of `K.function`.",
    "global_variables_initializer": "take it out: variables have their values when they are made.",
    "initialize_all_variables": "take it out: variables have their values when they are made.",
    "local_variables_initializer": "take it out: variables have their values when they are made.",
    "get_variable": "write `K.variable(value)`.",
    "variable_scope": "take it out; give the variables names, or make a layer that has them.",
    "get_default_graph": "write `tf.compat.v1.get_default_graph()` for its `gradient_override_map`, which is "
    "honoured; else take it out: there is no graph to choose.",
    "reset_default_graph": "write `K.clear_session()`.",
    "train.Saver": "write `model.save_weights(path)` and `model.load_weights(path)`, or `tf.train.Checkpoint`.",
    "data.make_one_shot_iterator": _BATCHES,
    "data.make_initializable_iterator": _BATCHES,
    "nn.dynamic_rnn": "write `keras.layers.RNN(cell)`.",
    "nn.rnn_cell": "write the cells of `keras.layers`.",
    "layers": "write the layers of `keras.layers`; under `k2compat run` and `import k2compat.auto` its functions work.",
    "contrib": "`tf.contrib` is removed; some of it is in the packages tensorflow-addons and tf-slim.",
    "summary": "write `tf.summary.create_file_writer` and its functions, or use the callback `TensorBoard`; what a "
    "session writes works under `k2compat run` and `import k2compat.auto`.",
}
OTHERS = "run tf_upgrade_v2, which comes with TensorFlow, or look at `tf.compat.v1`; it may need a graph."


def advice(name: str) -> str:
    """Return what to write for a name that is gone."""
    return ADVICE.get(name) or ADVICE.get(name.partition(".")[0]) or OTHERS
