"""The tests of Keras that fail with k2compat because a repair says the opposite: test id -> (repair, reason).

Several repairs are joined by " and ".

The Keras 3 is 3.15, the Keras 2 tf_keras 2.21. What is listed here has to fail, and to pass with that repair undone.
"""

LIST = "Keras 2 gave the predictions of several outputs as a list, also those of a tuple of outputs."

STEP = "The step of Keras 2 gives other weights than that of Keras 3."
DENSE = (
    "Keras 2 moved the state of all rows of an embedding, so that the gradient is dense where the optimizer has state."
)
LAYER = "keras/src/layers/layer_test.py::LayerTest"
MERGED = "Keras 2 kept the steps that none of the masks takes out, and ignored inputs without a mask."
GRU = "GRU(units) without reset_after= is that of Keras 2; the numbers of the test are those of reset_after=True."

CALLBACKS = "keras/src/callbacks"

KERAS3 = {
    "keras/src/callbacks/csv_logger_test.py::CSVLoggerTest::test_stop_training_csv": (
        "training_loop",
        "In Keras 2 no validation followed on a batch that stopped the training.",
    ),
    "keras/src/trainers/trainer_test.py::TestTrainer::test_callback_methods_keys": (
        "training_loop",
        "The logs of batches had the number and the size of the batch in Keras 2.",
    ),
    "keras/src/saving/saving_api_test.py::SaveModelTests::test_save_unsupported_extension": (
        "legacy_weights",
        "Keras 2 wrote a model to a file of any name.",
    ),
    f"{CALLBACKS}/early_stopping_test.py::EarlyStoppingTest::test_early_stopping": (
        "callback_rules",
        "A monitored value that is not there was a warning in Keras 2, and no error.",
    ),
    f"{CALLBACKS}/early_stopping_test.py::EarlyStoppingTest::"
    "test_early_stopping_final_weights_when_restoring_model_weights": (
        "callback_rules",
        "Keras 2 put back the best weights when it stopped a training, and not at the end of each.",
    ),
    f"{CALLBACKS}/learning_rate_scheduler_test.py::LearningRateSchedulerTest::test_learning_rate_in_history": (
        "callback_rules",
        "The learning rate was called lr in the logs of Keras 2.",
    ),
    f"{CALLBACKS}/model_checkpoint_test.py::ModelCheckpointTest::test_model_checkpoint_options": (
        "callback_rules",
        "Keras 2 did not save the best model while the monitored value was missing.",
    ),
    **{
        f"keras/src/models/model_test.py::ModelTest::test_functional_struct_outputs_struct_losses{number}": (
            "predicted_list",
            LIST,
        )
        for number in (0, 1)
    },
    "keras/src/optimizers/adagrad_test.py::AdagradTest::test_single_step": (
        "optimizer_steps and optimizer_defaults",
        "The accumulators of Keras 2 began at 0, and epsilon was added behind the root.",
    ),
    "keras/src/optimizers/nadam_test.py::NadamTest::test_correctness_with_golden": ("optimizer_steps", STEP),
    "keras/src/optimizers/nadam_test.py::NadamTest::test_single_step": ("optimizer_steps", STEP),
    **{
        f"keras/src/optimizers/optimizer_sparse_test.py::OptimizerSparseTest::test_sparse_gradients_{kind}": (
            "optimizer_steps",
            DENSE,
        )
        for kind in ("adadelta", "adagrad", "rmsprop")
    },
    "keras/src/optimizers/optimizer_test.py::OptimizerTest::test_clip_args": (
        "optimizer_lr",
        "Keras 2 took clipnorm and clipvalue together, and applied the norm first.",
    ),
    "keras/src/optimizers/optimizer_test.py::OptimizerTest::test_set_weights": (
        "optimizer_base",
        "The error of Keras 2 names the numbers of arrays, and set_weights takes those of get_weights.",
    ),
    **{
        f"keras/src/layers/rnn/stacked_rnn_cells_test.py::StackedRNNTest::test_{name}": (
            "stacked_states",
            "The states of several cells are one flat list, as in Keras 2.",
        )
        for name in ("correctness_two_states_stack", "return_state_stacked_lstm_cell")
    },
    **{
        f"keras/src/layers/rnn/gru_test.py::GRUTest::test_{name}": ("gru_reset_after", GRU)
        for name in (
            "correctness0",
            "correctness1",
            "legacy_implementation_argument",
            "masking",
            "pass_initial_state",
            "pass_return_state",
            "statefulness",
        )
    },
    **{
        f"keras/src/layers/rnn/bidirectional_test.py::SimpleRNNTest::test_{name}": ("gru_reset_after", GRU)
        for name in ("correctness", "fused_gru_eligibility", "masking")
    },
    **{
        f"keras/src/layers/merging/merging_test.py::MergingLayersTest::test_{name}_with_mask": ("merged_masks", MERGED)
        for name in ("add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate")
    },
    "keras/src/layers/rnn/conv_lstm2d_test.py::ConvLSTM2DTest::test_correctness": (
        "conv_lstm_activation",
        "The gates of ConvLSTM2D had hard_sigmoid by default.",
    ),
    f"{LAYER}::test_masking_with_explicit_kwarg_propagation": (
        "layer_masks",
        "A mask given by hand ended with its layer.",
    ),
    **{
        f"{LAYER}::test_activity_regularization_batch_normalization_batch_size_{size}": (
            "activity_regularizer",
            "The penalty of Keras 2 was that of the whole batch.",
        )
        for size in (5, 10)
    },
    **{
        f"{LAYER}::test_{name}": (
            "layer_numbers",
            "Layers without a name are numbered from 1.",
        )
        for name in (
            "custom_layer_add_weight_in_build_name",
            "custom_layer_add_weight_in_init_name",
            "layer_variable_tracking_correct",
        )
    },
}
KERAS2 = {}
