"""Every name outside the public interfaces of Keras and TensorFlow that the package relies on: listed, and there."""

import ast
import sys

import numpy as np
import tensorflow as tf
from helpers import dense_model
from kerases import KIND, keras, layers
from paths import PACKAGE

from k2compat import backend as K


def compiled_dense():
    model = dense_model()
    model.compile("sgd", "mse")
    return model


def compiled_metrics():
    model = dense_model()
    model.compile("sgd", "mse", metrics=["mae"])
    model.test_on_batch(np.ones((1, 4)), np.ones((1, 3)))
    return model._compile_metrics if KIND == "keras3" else model.compiled_metrics


def built_nadam():
    optimizer = keras.optimizers.Nadam()
    optimizer.build(dense_model().trainable_variables)
    return optimizer


def call_context():
    return keras.src.engine.base_layer_utils.call_context()


def called_initializer():
    initializer = keras.initializers.RandomNormal()
    initializer((2,))
    return initializer


# Names outside the public interface that the package relies on -> where they have to be found.
PRIVATE_OF_TENSORFLOW = {
    "_create_op_helper": lambda: tf.Graph,
    "_create_slots": lambda: tf.compat.v1.train.AdamOptimizer,
    "_set_attr": lambda: tf.Operation,
    "_variable_call": lambda: tf.Variable,
    "_variable_creator_stack": lambda: tf.Graph,
    "_inference_function": lambda: tf.function(lambda: tf.constant(1.0)).get_concrete_function(),
}
# What repairs give to models.
PRIVATE_OF_MODELS = {
    "_check_trainable_weights_consistency": compiled_dense,
    "_collected_trainable_weights": compiled_dense,
    "_feed_inputs": compiled_dense,
    "_feed_sample_weights": compiled_dense,
    "_feed_targets": compiled_dense,
}
PRIVATE_OF_KERAS_3 = {
    **PRIVATE_OF_TENSORFLOW,
    **PRIVATE_OF_MODELS,
    "_run_through_graph": dense_model,
    "_adjust_input_rank": dense_model,
    "_assert_input_compatibility": dense_model,
    "_build_at_init": lambda: keras.Layer,
    "_output_shape": lambda: layers.Lambda(abs),
    "_initialize": lambda: dense_model().layers[1].kernel,
    "_init_seed": keras.initializers.RandomNormal,
    "_initialize_with_initializer": lambda: dense_model().layers[1].kernel,
    "_set_monitor_op": keras.callbacks.EarlyStopping,
    "_iterations": keras.optimizers.SGD,
    "_non_trainable_variables": lambda: dense_model().layers[1],
    "_symbolic_build": dense_model,
    "_trainable_variables": lambda: dense_model().layers[1],
    "_variables": keras.optimizers.SGD,
    "_backend_update_step": keras.optimizers.Nadam,
    "_clip_gradients": keras.optimizers.SGD,
    "_clone_functional_model": lambda: keras.src.models.cloning,
    "_get_variable_index": keras.optimizers.SGD,
    "_assert_compile_called": dense_model,
    "_maybe_rebuild": keras.Sequential,
    "_maybe_reset_dropout_masks": lambda: layers.LSTM(1),
    "_num_constants": lambda: layers.LSTM(1),  # set by a repair, as Keras 2 called it
    "_set_weights": lambda: keras.src.legacy.saving.legacy_h5_format,
    "class_and_config_for_serialized_keras_object": lambda: keras.src.legacy.saving.serialization,
    "_auto_config": lambda: dense_model().layers[1],
    "_call_has_mask_arg": layers.Softmax,
    "_call_has_training_arg": lambda: layers.Dropout(0.5),
    "_call_signature": lambda: layers.Dropout(0.5),
    "_build_metrics_set": lambda: keras.src.trainers.compile_utils.CompileMetrics,
    "_compile_loss": compiled_dense,
    "_compile_metrics": compiled_dense,
    "_distribute_strategy": dense_model,
    "_filter_classes": lambda: keras.src.legacy.preprocessing.image.DataFrameIterator,
    "_flatten_layers": dense_model,
    "_flat_metrics": compiled_metrics,
    "_flat_weighted_metrics": compiled_metrics,
    "_flatten_metrics_in_order": dense_model,
    "_fn": keras.metrics.BinaryAccuracy,
    "_fn_kwargs": keras.losses.MeanSquaredError,
    "_functional": lambda: keras.Sequential([layers.Input((2,)), layers.Dense(1)]),
    "_getframe": lambda: sys,
    "_inbound_nodes": lambda: dense_model().layers[1],
    "_inputs_struct": dense_model,
    "_keras_history": lambda: dense_model().output,
    "_keras_logits": lambda: keras.activations.softmax(tf.zeros((1, 2))),
    "_keras_mask": lambda: layers.Embedding(3, 2, mask_zero=True)(np.array([[1, 0]])),
    "_layers": keras.Sequential,
    "_learning_rate": keras.optimizers.SGD,
    "_merge_function": layers.Multiply,
    "_lock": lambda: dense_model().layers[1],
    "_loss_tracker": compiled_dense,
    "_losses": lambda: dense_model().layers[1],
    "_nodes_by_depth": dense_model,
    "_outbound_nodes": lambda: dense_model().layers[1],
    "_build_shapes_dict": lambda: dense_model().layers[1],
    "_post_build": lambda: dense_model().layers[1],
    "_shape": lambda: K.placeholder((2,)),
    "_sparse": lambda: K.placeholder((2,)),
    "_tf_keras": lambda: keras,
    "_user_loss": lambda: compiled_dense()._compile_loss,
    "_user_loss_weights": lambda: compiled_dense()._compile_loss,
    "_user_metrics": compiled_metrics,
    "_user_weighted_metrics": compiled_metrics,
    "_tracker": lambda: dense_model().layers[1],
    "_u_product": built_nadam,
    "_value": lambda: dense_model().layers[1].kernel,
}
PRIVATE_OF_KERAS_2 = {
    **PRIVATE_OF_TENSORFLOW,
    **PRIVATE_OF_MODELS,
    "_infer_output_signature": dense_model,
    "_assert_compile_was_called": dense_model,
    "_cluster_coordinator": dense_model,
    "_distribution_strategy": dense_model,
    "_maybe_load_initial_counters_from_ckpt": dense_model,
    "_steps_per_execution": dense_model,
    "_training_state": dense_model,
    "_run_internal_graph": dense_model,
    "_Merge": lambda: keras.src.layers.merging.base_merge,
    "_adapter": lambda: keras.src.engine.data_adapter.DataHandler(np.ones((1, 1))),
    "_allow_sum_over_batch_size": keras.losses.MeanSquaredError,
    "_set_metric_names": lambda: keras.src.engine.compile_utils.MetricsContainer,
    "_configure_dataset_and_inferred_steps": lambda: keras.src.engine.data_adapter.DataHandler,
    "_check_variables": lambda: layers.Lambda(lambda x: x),
    "_conform_to_outputs": lambda: compiled_dense().compiled_loss,
    "_copy_object": lambda: compiled_dense().compiled_loss,
    "_create_metrics": lambda: compiled_dense().compiled_loss,
    "_fn": keras.metrics.BinaryAccuracy,
    "_fn_kwargs": keras.losses.MeanSquaredError,
    "_get_loss_object": lambda: compiled_dense().compiled_loss,
    "_init_set_name": keras.layers.Flatten,
    "_metrics": lambda: compiled_dense().compiled_metrics,
    "_output_names": lambda: compiled_dense().compiled_loss,
    "_per_output_metrics": lambda: compiled_dense().compiled_loss,
    "_user_losses": lambda: compiled_dense().compiled_loss,
    "_weighted_metrics": lambda: compiled_dense().compiled_metrics,
    "_activity_regularizer": lambda: dense_model().layers[1],
    "_eager_losses": lambda: dense_model().layers[1],
    "_handle_activity_regularization": lambda: dense_model().layers[1],
    "_losses": lambda: dense_model().layers[1],
    "_maybe_build": lambda: dense_model().layers[1],
    "_nodes_by_depth": dense_model,
    "_num_constants": lambda: layers.LSTM(1),
    "_set_dtype_policy": lambda: dense_model().layers[1],
    "_build_learning_rate": keras.optimizers.SGD,
    "_callable_losses": lambda: dense_model().layers[1],
    "_cast_dtype": lambda: dense_model().layers[1].kernel,
    "_clip_gradients": keras.optimizers.SGD,
    "_trainable_weights": lambda: dense_model().layers[1],
    "_non_trainable_weights": lambda: dense_model().layers[1],
    "_filter_classes": lambda: keras.src.preprocessing.image.DataFrameIterator,
    "_flatten_layers": dense_model,
    "_getframe": lambda: sys,
    "_inbound_nodes": lambda: dense_model().layers[1],
    "_index_dict": built_nadam,
    "_internal_apply_gradients": keras.optimizers.Nadam,
    "_iterations": keras.optimizers.SGD,
    "_keras_history": lambda: dense_model().output,
    "_keras_logits": lambda: keras.activations.softmax(tf.zeros((1, 2))),
    "_keras_mask": lambda: layers.Embedding(3, 2, mask_zero=True)(np.array([[1, 0]])),
    "_learning_rate": keras.optimizers.SGD,
    "_outbound_nodes": lambda: dense_model().layers[1],
    "_process_kwargs": keras.optimizers.SGD,
    "_state": call_context,
    "_random_generator": keras.initializers.RandomNormal,
    "_seed": lambda: keras.initializers.RandomNormal()._random_generator,
    "_used": called_initializer,
    "_tf_data_format": lambda: layers.Conv2D(1, 1),
    "_type_spec": lambda: K.placeholder((2,)),
    "_variables": keras.optimizers.SGD,
    "_u_product": built_nadam,
    "_user_loss_weights": lambda: compiled_dense().compiled_loss,
    "_var_key": keras.optimizers.SGD,
    "_variable": lambda: dense_model().layers[1].kernel,
}
PRIVATE = PRIVATE_OF_KERAS_3 if KIND == "keras3" else PRIVATE_OF_KERAS_2
OTHER = "keras2" if KIND == "keras3" else "keras3"
DOTTED = ("keras.src.", "tf.__internal__.", "tensorflow.python.")


def sources():
    return [ast.parse((PACKAGE / "tensorflow_internals.py").read_text())] + [
        ast.parse(path.read_text())
        for folder in ("adapters", "naming", "graph", "codegen", "runtime", "ops", "repair", "backend")
        for path in (PACKAGE / folder).rglob("*.py")
        if OTHER not in path.parts
    ]


def own_names(tree):
    """Underscored names that the package's own classes and modules define."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef) and inner.name.startswith("_"):
                    yield inner.name
                    if inner.name == "__init__":
                        yield from (
                            t.attr
                            for t in ast.walk(inner)
                            if isinstance(t, ast.Attribute) and isinstance(t.ctx, ast.Store)
                        )
                if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                    yield inner.target.id


def dotted(node):
    """The full name of nested attributes, "" for something else."""
    if isinstance(node, ast.Name):
        return node.id
    base = dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{base}.{node.attr}" if base else ""


def test_private_names_the_package_uses_are_listed_here_and_exist():
    trees = sources()
    own = {name for tree in trees for name in own_names(tree)}
    used = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    private = {n for n in used if n.startswith("_") and not n.startswith(("__", "_k2compat", "_keras_shape"))}
    assert private - own - set(PRIVATE) == set()
    missing = [name for name, place in PRIVATE.items() if not hasattr(place(), name)]
    assert missing == []


def test_private_modules_the_package_uses_exist():
    paths = {dotted(node) for tree in sources() for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    paths |= {
        f"{n.module}.{a.name}"
        for t in sources()
        for n in ast.walk(t)
        if isinstance(n, ast.ImportFrom) and n.module
        for a in n.names
    }
    private = {path for path in paths if path.startswith(DOTTED)}
    assert private
    for path in private:
        root, *names = path.split(".")
        thing = {"keras": keras, "tf": tf, "tensorflow": tf}[root]
        for depth, name in enumerate(names, start=1):
            thing = getattr(thing, name, None) or sys.modules.get(".".join([root, *names[:depth]]))
            assert thing is not None, f"{path} has moved"
